#include "render/vobject.h"

struct sv vobject_unfold(struct str *out, struct sv text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];
		if (c == '\n' && i + 1 < text.len &&
			(text.p[i + 1] == ' ' || text.p[i + 1] == '\t'))
			i++;
		else if (c != '\r')
			str_addc(out, c);
	}
	return str_sv(out);
}

bool vobject_split(struct sv line, struct property *p)
{
	bool quoted = false;
	size_t i = 0, name_end = 0;

	for (; i < line.len; i++) {
		char c = line.p[i];
		if (c == '"')
			quoted = !quoted;
		else if (c == ';' && !name_end && !quoted)
			name_end = i;
		else if (c == ':' && !quoted)
			break;
	}
	if (i == line.len || i == 0)
		return false;
	if (!name_end)
		name_end = i;
	struct sv name = sv_head(line, name_end);
	p->name = sv_from(name, (size_t)(sv_rchr(name, '.') + 1));
	p->params = sv_make(line.p + name_end, i - name_end);
	p->value = sv_from(line, i + 1);
	return true;
}

bool vobject_next_param(struct sv *params, struct sv *name, struct sv *value)
{
	bool quoted = false;
	size_t i = 1;

	if (!params->len)
		return false;
	for (; i < params->len && (quoted || params->p[i] != ';'); i++)
		quoted ^= params->p[i] == '"';
	struct sv one = sv_make(params->p + 1, i - 1);
	ptrdiff_t eq = sv_chr(one, '=');
	*params = sv_from(*params, i);
	*name = eq < 0 ? SV("") : sv_head(one, (size_t)eq);
	*value = sv_from(one, (size_t)(eq + 1));
	if (value->len >= 2 && value->p[0] == '"')
		*value = sv_make(value->p + 1, value->len - 2);
	return true;
}

struct sv vobject_param(struct sv params, const char *name)
{
	struct sv n, v;

	while (vobject_next_param(&params, &n, &v))
		if (sv_is_case(n, name))
			return v;
	return SV("");
}

void vobject_unescape(struct str *out, struct sv v)
{
	for (size_t i = 0; i < v.len; i++) {
		char c = v.p[i];
		if (c == '\\' && i + 1 < v.len) {
			c = v.p[++i];
			c = c == 'n' || c == 'N' ? '\n' : c;
		}
		str_addc(out, c);
	}
}

bool vobject_piece(struct sv *value, struct sv *piece)
{
	size_t i = 0;

	if (!value->p)
		return false;
	while (i < value->len && value->p[i] != ';')
		i += value->p[i] == '\\' && i + 1 < value->len ? 2 : 1;
	*piece = sv_head(*value, i);
	*value = i < value->len ? sv_from(*value, i + 1) : (struct sv){NULL, 0};
	return true;
}
