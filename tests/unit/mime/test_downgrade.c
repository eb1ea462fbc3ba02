#include "mime/downgrade.h"

#include "base/mem.h"
#include "mime/build.h"
#include "tests/unit/t.h"

static void bodies_become_seven_bits(void **state)
{
	static const struct {
		const char *name, *in, *out;
		bool is_signed;
	} rows[] = {
		{"nothing to do", "Subject: x\n\nplain\n", "Subject: x\n\nplain\n", false},
		{"one text", "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\nTo: b\n\nwords and h\xc3\xa9\n",
			"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nTo: b\nContent-Transfer-Encoding: quoted-printable\n\nwords and h=C3=A9\n",
			false},
		{"without MIME", "Subject: x\n\nwords words \xe9\n",
			"Subject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=unknown-8bit\n"
			"Content-Transfer-Encoding: quoted-printable\n\nwords words =E9\n",
			false},
		{"a folded encoding goes as a whole",
			"MIME-Version: 1.0\nContent-Transfer-Encoding:\n 8bit\nContent-Type: text/plain\n\nwords words \xe9\n",
			"MIME-Version: 1.0\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\nwords words =E9\n", false},
		{"multipart: only what must, and the container says it no more",
			"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 8bit\n\npre\n--b\n"
			"Content-Type: text/plain\n\nascii\n--b\nContent-Transfer-Encoding: 8bit\nContent-Type: text/plain\n\nwords words \xc3\xa9 x\n--b--\npost\n",
			"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\npre\n--b\n"
			"Content-Type: text/plain\n\nascii\n--b\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\nwords words =C3=A9 x\n--b--\npost\n",
			false},
		{"a part without header", "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nwords words \xc3\xa9\n--b--\n",
			"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: quoted-printable\n\nwords words =C3=A9\n--b--\n",
			false},
		{"binary", "MIME-Version: 1.0\nContent-Type: application/x-a\nContent-Transfer-Encoding: binary\n\n\xff\xfe\xfd\n",
			"MIME-Version: 1.0\nContent-Type: application/x-a\nContent-Transfer-Encoding: base64\n\n//79Cg==\n", false},
		{"a message inside",
			"MIME-Version: 1.0\nContent-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\nSubject: in\nMIME-Version: 1.0\n"
			"Content-Type: text/plain\n\nwords words \xc3\xa9\n",
			"MIME-Version: 1.0\nContent-Type: message/rfc822\n\nSubject: in\nMIME-Version: 1.0\nContent-Type: text/plain\n"
			"Content-Transfer-Encoding: quoted-printable\n\nwords words =C3=A9\n",
			false},
		{"what is signed keeps its bytes",
			"MIME-Version: 1.0\nContent-Type: multipart/signed; boundary=b\n\n--b\nContent-Type: text/plain\nContent-Transfer-Encoding: 8bit\n\nwords words \xc3\xa9\n--b--\n",
			"MIME-Version: 1.0\nContent-Type: multipart/signed; boundary=b\n\n--b\nContent-Type: text/plain\nContent-Transfer-Encoding: 8bit\n\nwords words \xc3\xa9\n--b--\n",
			true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str out;
		struct err e;
		bool is_signed;

		str_init(&out, 1 << 20);
		assert_true(downgrade_7bit(&out, sv_of(rows[i].in), &is_signed, &e));
		t_streq(out.s, rows[i].out, rows[i].name);
		assert_int_equal(is_signed, rows[i].is_signed);
		str_fini(&out);
	}
}

/* Whatever it was, every part still decodes to the same bytes. */
static void parts_stay_what_they_are(void **state)
{
	static const char *const bodies[] = {"", "\n", "\x80", "a\n\xff", "\xc3\xa9\n\n", ".\n\xe9\n.\n", "From x\n\xe9", "\xe9 \n\xe9\t\n",
		"\x01\x02\xff\xfe\xfd\x01\x02\xff\xfe\n"};
	static const char *const types[] = {"text/plain; charset=utf-8", "application/octet-stream", "image/png"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bodies) * ARRAY_LEN(types); i++) {
		char *in = xasprintf("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"=_q\"\n\n--=_q\nContent-Type: %s\n"
				     "Content-Transfer-Encoding: 8bit\n\n%s\n--=_q\nContent-Type: text/plain\n\nx\n--=_q--\n",
			types[i % ARRAY_LEN(types)], bodies[i / ARRAY_LEN(types)]);
		struct arena *a = arena_new();
		struct str out, was, is;
		struct err e;
		bool is_signed;

		str_init(&out, 1 << 20);
		str_init(&was, 1 << 20);
		str_init(&is, 1 << 20);
		assert_true(downgrade_7bit(&out, sv_of(in), &is_signed, &e));
		for (size_t k = 0; k < out.len; k++)
			assert_true((unsigned char)out.s[k] < 128);
		struct part_tree *one = part_parse(a, sv_of(in), NULL), *two = part_parse(a, str_sv(&out), NULL);
		assert_int_equal(one->count, two->count);
		assert_true(part_decode(&was, one, one->list[1], &e) && part_decode(&is, two, two->list[1], &e));
		/* text in base64 has the line ends of the wire */
		if (two->list[1]->encoding == CODEC_BASE64 && strncmp(one->list[1]->type, "text", 4) == 0) {
			struct str crlf;
			str_init(&crlf, 1 << 20);
			assert_true(build_crlf(&crlf, str_sv(&was)));
			assert_true(sv_eq(str_sv(&crlf), str_sv(&is)));
			str_fini(&crlf);
		} else {
			assert_true(sv_eq(str_sv(&was), str_sv(&is)));
		}
		str_fini(&out);
		str_fini(&was);
		str_fini(&is);
		arena_free(a);
		free(in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_become_seven_bits),
		cmocka_unit_test(parts_stay_what_they_are),
	};

	return t_run(tests);
}
