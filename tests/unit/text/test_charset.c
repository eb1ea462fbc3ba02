#include "base/clock.h"
#include "text/charset.h"

#include "tests/unit/t.h"

static void labels_are_known(void **state)
{
	static const struct {
		const char *label, *name;
	} rows[] = {
		{"UTF-8", "utf-8"},
		{"utf8", "utf-8"},
		{"latin1", "windows-1252"},
		{"ISO-8859-1", "windows-1252"},
		{"ks_c_5601-1987", "euc-kr"},
		{"x-sjis", "shift_jis"},
		{"cp-850", "ibm850"},
		{"\"utf-8\"", "utf-8"},
		{"unicode-1-1-utf-7", "utf-7"},
		{"x-gbk", "gbk"},
		{"iso-8859-8-i", "iso-8859-8"},
		{"win-1257", "windows-1257"},
		{"x-mac-roman", "macintosh"},
		{"ANSI_X3.4-1968", "us-ascii"},
		{"HZ-GB-2312", "hz-gb-2312"},
	};
	char name[CHARSET_NAME_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(charset_name(sv_of(rows[i].label), NULL, name));
		assert_string_equal(name, rows[i].name);
	}
	assert_false(charset_name(SV("no-such-set"), NULL, name));
	assert_string_equal(name, "no-such-set");
	assert_false(charset_name(SV("utf-8//TRANSLIT"), NULL, name));
	assert_true(charset_name_strict(SV("latin1"), name));
	assert_string_equal(name, "iso-8859-1");
}

static void bytes_become_utf8(void **state)
{
	static const struct {
		const char *label, *in, *out;
		int replaced;
	} rows[] = {
		{"iso-8859-1", "caf\xe9 \x80", "café €", 0},
		{"utf-8", "caf\xe9", "caf\xef\xbf\xbd", 1},
		{"", "caf\xc3\xa9", "café", 0},
		{"", "caf\xe9", "café", 0},
		{"us-ascii", "caf\xe9", "café", 0},
		{"no-such-set", "caf\xc3\xa9", "café", 0},
		{"koi8-r", "\xd0\xd2\xc9\xd7\xc5\xd4", "привет", 0},
		{"gb2312", "\xc4\xe3\xba\xc3", "你好", 0},
		{"big5", "\xa7\x41\xa6\x6e", "你好", 0},
		{"shift_jis", "\x83\x65\x83\x58\x83\x67", "テスト", 0},
		{"iso-2022-jp", "\033$B%F%9%H\033(B.", "テスト.", 0},
		{"iso-2022-jp", "\033$B-!\033(B", "①", 0},             /* vendor row 13 */
		{"iso-2022-jp", "\033(I\x43\x3d\x44\033(B", "ﾃｽﾄ", 0}, /* half-width kana */
		{"hz-gb-2312", "~{<:Ky2;NpJ)~} ~~", "己所不勿施 ~", 0},
		{"utf-7", "A+ImIDkQ-.", "A≢Α.", 0},
		{"euc-kr", "\xb0\xa1", "가", 0},
		{"windows-1252", "\xc3\xa9\xc2\x81", "é\xc2\x81",
			0}, /* UTF-8 under a wrong label */
		{"iso-8859-7", "\xe3\xe5\xe9\xe1", "γεια", 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct charset_report report;
		struct str s;

		str_init(&s, 1000);
		assert_true(charset_to_utf8(
			&s, sv_of(rows[i].in), sv_of(rows[i].label), NULL, &report));
		assert_string_equal(s.s, rows[i].out);
		assert_int_equal(report.replaced, rows[i].replaced);
		str_fini(&s);
	}
}

static void utf16_with_and_without_a_mark(void **state)
{
	static const struct sv rows[] = {
		{"\xff\xfeh\0i\0", 6}, {"\xfe\xff\0h\0i", 6}, {"h\0i\0", 4}, {"\0h\0i", 4}};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s;

		str_init(&s, 100);
		assert_true(charset_to_utf8(&s, rows[i], SV("utf-16"), NULL, NULL));
		assert_string_equal(s.s, "hi");
		str_fini(&s);
	}
}

static void the_users_rules_count(void **state)
{
	static const struct charset_alias aliases[] = {
		{"x-unknown", "koi8-r"}, {"us-ascii", "koi8-r"}};
	const struct charset_rules rules = {"us-ascii:koi8-r", aliases, 2};
	struct str s;

	(void)state;
	str_init(&s, 100);
	assert_true(charset_to_utf8(&s, SV("\xd0\xd2"), SV("x-unknown"), &rules, NULL));
	assert_true(charset_to_utf8(&s, SV("\xd0\xd2"), SV("US-ASCII"), &rules, NULL));
	assert_true(charset_to_utf8(&s, SV("\xd0\xd2"), SV(""), &rules, NULL));
	assert_string_equal(s.s, "прпрпр");
	str_fini(&s);
}

static void sending_takes_the_first_that_fits(void **state)
{
	static const struct {
		const char *text, *list, *name;
	} rows[] = {
		{"plain", "us-ascii:iso-8859-1:utf-8", "us-ascii"},
		{"café", "us-ascii:iso-8859-1:utf-8", "iso-8859-1"},
		{"café €", "us-ascii:iso-8859-1:utf-8", "utf-8"},
		{"テスト", "us-ascii:iso-2022-jp:utf-8", "iso-2022-jp"},
		{"テスト", "us-ascii", "utf-8"},
		{"café", NULL, "utf-8"},
	};
	char name[CHARSET_NAME_MAX];
	struct str s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		charset_choose(sv_of(rows[i].text), rows[i].list, name);
		assert_string_equal(name, rows[i].name);
	}
	str_init(&s, 100);
	assert_false(charset_from_utf8(&s, SV("€"), "iso-8859-1", NULL));
	assert_int_equal(s.len, 0);
	assert_true(charset_from_utf8(&s, SV("テスト"), "iso-2022-jp", NULL));
	assert_string_equal(s.s, "\033$B%F%9%H\033(B");
	str_fini(&s);
}

/* A text in that set and without a label comes back as it was. */
static void expect_guessed(const char *charset, const char *want)
{
	struct str bytes, text;

	str_init(&bytes, 4000);
	str_init(&text, 4000);
	assert_true(charset_from_utf8(&bytes, sv_of(want), charset, NULL));
	charset_to_utf8(&text, str_sv(&bytes), SV(""), NULL, NULL);
	t_streq(text.s, want, charset);
	str_fini(&bytes);
	str_fini(&text);
}

/* Text without a label, in a set that it is often written in. */
static void scripts_are_guessed(void **state)
{
	static const char *const rows[][2] = {
		{"koi8-r", "Привет, как дела? Завтра встреча в десять часов утра."},
		{"koi8-r", "Отчёт за май"},
		{"koi8-r", "СРОЧНО! ПРОЧИТАЙТЕ СЕЙЧАС"},
		{"koi8-u", "Привіт, як справи? Завтра зустріч о десятій годині ранку."},
		{"windows-1251", "Привет, как дела? Завтра встреча в десять часов утра."},
		{"windows-1251", "Привіт, як справи? Завтра зустріч о десятій годині ранку."},
		{"windows-1251", "СРОЧНО! ПРОЧИТАЙТЕ СЕЙЧАС"},
		{"iso-8859-5", "Привет, как дела? Завтра встреча в десять часов утра."},
		{"ibm866", "Привет, как дела? Завтра встреча в десять часов утра."},
		{"euc-jp", "こんにちは。明日の会議は十時からです。"},
		{"euc-jp", "カタカナとひらがなの混在した件名"},
		{"shift_jis", "こんにちは。明日の会議は十時からです。"},
		{"shift_jis", "カタカナとひらがなの混在した件名"},
		{"euc-kr", "안녕하세요. 내일 회의는 열 시에 시작합니다."},
		{"euc-kr", "이영희 광고"},
		{"gbk", "你好，明天的会议十点开始，请准时参加。"},
		{"gbk", "关于下周的安排"},
		{"big5", "你好，明天的會議十點開始，請準時參加。"},
		{"windows-1252", "Grüße aus München, schöne Überraschung für Äpfel"},
		{"windows-1252", "ÄÄÄ Äpfel Änderung Äste Ärger Übung"},
		{"windows-1252", "Créée à l’été, une année très chargée"},
		{"windows-1252", "¿Qué tal la excursión? ¡Mañana!"},
		{"windows-1252", "Não há informações, ações, reuniões"},
		{"windows-1252", "Åäö åsikt älg örn Åsa"},
	};
	struct str bytes, text;

	(void)state;
	str_init(&bytes, 1000);
	str_init(&text, 1000);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect_guessed(rows[i][0], rows[i][1]);
	/* cut in the middle of a character, and nothing but bytes */
	str_clear(&text);
	charset_to_utf8(&text, SV("für Äpfel und \xc3"), SV(""), NULL, NULL);
	assert_string_equal(text.s, "für Äpfel und \xef\xbf\xbd");
	str_clear(&text);
	charset_to_utf8(&text, SV("\xe9"), SV(""), NULL, NULL);
	assert_string_equal(text.s, "é");
	/* who assumes something is believed */
	str_clear(&bytes);
	str_clear(&text);
	assert_true(charset_from_utf8(&bytes, SV("Отчёт за май"), "koi8-r", NULL));
	charset_to_utf8(&text, str_sv(&bytes), SV(""), &(struct charset_rules){.assumed = "windows-1251"}, NULL);
	assert_string_not_equal(text.s, "Отчёт за май");
	str_fini(&bytes);
	str_fini(&text);
}

/* Sentences as people write them: the set by its letters. */
static void languages_are_guessed(void **state)
{
	static const struct {
		const char *charsets[3], *text;
	} rows[] = {
		{{"windows-1250", "iso-8859-2"}, "Cześć, dziękuję za wiadomość. Spotkajmy się jutro o dziesiątej, będę już w biurze."},
		{{"windows-1250", "iso-8859-2"}, "Proszę o przesłanie załącznika jeszcze raz, bo się nie otwiera."},
		{{"windows-1250", "iso-8859-2"}, "Dobrý den, děkuji za zprávu. Sejdeme se zítra v deset, budu už v kanceláři. Příloha chybí."},
		{{"windows-1250", "iso-8859-2"}, "Prosím ještě jednou o přílohu, nejde otevřít. Hezký večer přeje Jiří Dvořák"},
		{{"windows-1250", "iso-8859-2"}, "Ďakujem za správu, stretneme sa zajtra o desiatej. Príloha sa nedá otvoriť, pošlite ju ešte raz, prosím. Ľubomír"},
		{{"windows-1250", "iso-8859-2"}, "Köszönöm az üzenetet, holnap tízkor találkozunk az irodában. Kérem, küldje el újra a mellékletet, mert nem nyílik meg. Üdvözlettel: Győző"},
		{{"windows-1250", "iso-8859-2"}, "Pozdravljeni, hvala za sporočilo. Jutri ob desetih bom že v službi, prosim pošljite še priponko. Lep večer želi Žiga Šuštar"},
		{{"windows-1250", "iso-8859-2"}, "Poštovani, sastanak je sutra u deset, šaljem vam još jedanput izvješće i račun za prošli mjesec, jer ga niste mogli otvoriti. Željko Šarić"},
		{{"windows-1250", "iso-8859-2"}, "Bună ziua, vă mulţumesc pentru mesaj. Ne vedem mâine la ora zece şi vă rog să trimiteţi încă o dată fişierul ataşat, nu îl pot deschide."},
		{{"windows-1254"}, "Merhaba, mesajınız için teşekkür ederim. Yarın saat onda görüşelim, şimdiden ofiste olacağım. Eki açamıyorum, lütfen yeniden gönderin."},
		{{"windows-1254"}, "Bayramınız kutlu olsun, sağlık ve başarı dileriz."},
		{{"windows-1257"}, "Labas, ačiū už laišką. Susitikime rytoj dešimtą valandą, aš jau būsiu biure. Prašau dar kartą atsiųsti priedą, nes jis neatsidaro."},
		{{"windows-1257"}, "Labdien, paldies par vēstuli. Tiksimies rīt desmitos, es jau būšu birojā. Lūdzu, nosūtiet pielikumu vēlreiz, jo to nevar atvērt."},
		{{"windows-1253", "iso-8859-7"}, "Καλημέρα, σας ευχαριστώ για το μήνυμα. Θα τα πούμε αύριο στις δέκα."},
		{{"windows-1253", "iso-8859-7"}, "Πρόσκληση για συνάντηση"},
		{{"windows-1255"}, "שלום, תודה על ההודעה. ניפגש מחר בשעה עשר במשרד."},
		{{"windows-1256", "iso-8859-6"}, "مرحبا، شكرا على الرسالة. سنلتقي غدا في الساعة العاشرة في المكتب."},
		{{"windows-874"}, "สวัสดีครับ ขอบคุณสำหรับข้อความ พรุ่งนี้เจอกันสิบโมงเช้าที่สำนักงาน"},
		{{"windows-1251", "iso-8859-5"}, "Поштовани, хвала на поруци. Видимо се сутра у десет, шаљем вам још једном рачун и извештај."},
		{{"windows-1251"}, "Здравейте, благодаря за съобщението. Ще се видим утре в десет часа, изпратете ми отново файла."},
		/* and what must stay where it is */
		{{"windows-1252"}, "Guten Tag, vielen Dank für die Nachricht. Wir sehen uns morgen um zehn Uhr, ich bin schon im Büro. Mit freundlichen Grüßen, Jürgen Müller"},
		{{"windows-1252"}, "Voilà, c’est réglé: « à demain », dit-elle. L’été déjà, où êtes-vous? Ça va être très gênant pour Noël."},
		{{"windows-1252"}, "¡Hola! Mañana nos vemos a las diez, ya estaré en la oficina. ¿Podría enviar el archivo otra vez? Está dañado, según José."},
		{{"windows-1252"}, "Perché non è più così? La città è già là, però può darsi che sarà libertà."},
		{{"windows-1252"}, "Olá, não consigo abrir o anexo. Amanhã às dez já estarei no escritório, até à reunião."},
		{{"windows-1252"}, "Hej, tack för brevet. Vi ses på måndag klockan tio, då är jag på kontoret. Hälsningar från Växjö, Åke Öberg"},
		{{"windows-1252"}, "Hei, kan du være så snill å sende vedlegget på nytt? Jeg får ikke åpnet det. Hilsen Bjørn Sørås"},
		{{"windows-1252"}, "Góðan dag, þakka þér fyrir bréfið. Við hittumst á morgun klukkan tíu og ég verð þá á skrifstofunni."},
		{{"windows-1252"}, "Beste René, één collega heeft geïnformeerd naar de coördinatie in België."},
		{{"windows-1252"}, "Preis: 10 € – 20 % Rabatt – „nur heute“ … 5 m² § 3"},
		{{"windows-1252"}, "J'ai reçu 1º et 2ª, coût 3½ £ ± 5 %"},
		{{"windows-1252"}, "© 2004 Société Générale®"},
		{{"windows-1252"}, "Bon dia, demà a les deu serem a l’oficina. És això que vostè volia? Ací no hi ha cap fitxer més, col·lega."},
		{{"windows-1252"}, "Björn, Zoë, François, Núñez, Søren, Müller, Ångström"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t k = 0; k < ARRAY_LEN(rows[i].charsets) && rows[i].charsets[k]; k++)
			expect_guessed(rows[i].charsets[k], rows[i].text);
}

/* Each name of a long header is guessed by itself: tables are made once, not for each. */
static void many_guesses_are_cheap(void **state)
{
	struct str text;
	int64_t start = clock_ms();

	(void)state;
	str_init(&text, 1 << 24);
	for (int i = 0; i < 100000; i++)
		charset_to_utf8(&text, SV("Fr\xe9" "d\xe9ric"), SV(""), NULL, NULL);
	assert_int_equal(text.len, 100000 * strlen("Frédéric"));
	assert_true(clock_ms() - start < 10000);
	str_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scripts_are_guessed),
		cmocka_unit_test(languages_are_guessed),
		cmocka_unit_test(many_guesses_are_cheap),
		cmocka_unit_test(labels_are_known),
		cmocka_unit_test(bytes_become_utf8),
		cmocka_unit_test(utf16_with_and_without_a_mark),
		cmocka_unit_test(the_users_rules_count),
		cmocka_unit_test(sending_takes_the_first_that_fits),
	};

	return t_run(tests);
}
