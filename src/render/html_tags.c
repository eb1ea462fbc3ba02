/*
 * The elements that mean something to a reader of mail (HTML 5.2, section 4, and what was before it).
 */
#include "render/html_priv.h"

static const struct html_tag tags[] = {
	/* sorted by name */
	{"a", EL_A, 0, 0, 0},
	{"address", EL_OTHER, TAG_BLOCK, 0, 0},
	{"annotation", EL_OTHER, TAG_SKIP, 0, 0},
	{"annotation-xml", EL_OTHER, TAG_SKIP, 0, 0},
	{"applet", EL_OTHER, TAG_SKIP, 0, 0},
	{"article", EL_OTHER, TAG_BLOCK, 0, 0},
	{"aside", EL_OTHER, TAG_BLOCK, 0, 0},
	{"audio", EL_OTHER, TAG_SKIP, 0, 0},
	{"b", EL_OTHER, 0, 0, DOC_BOLD},
	{"base", EL_BASE, 0, 0, 0},
	{"big", EL_OTHER, 0, 0, DOC_BOLD},
	{"blockquote", EL_BLOCKQUOTE, TAG_BLOCK, 1, 0},
	{"body", EL_BODY, TAG_BLOCK, 0, 0},
	{"br", EL_BR, 0, 0, 0},
	{"button", EL_BUTTON, 0, 0, 0},
	{"canvas", EL_OTHER, TAG_SKIP, 0, 0},
	{"caption", EL_CAPTION, TAG_BLOCK, 0, 0},
	{"center", EL_OTHER, TAG_BLOCK, 0, 0},
	{"cite", EL_OTHER, 0, 0, DOC_ITALIC},
	{"code", EL_CODE, 0, 0, DOC_CODE},
	{"datalist", EL_OTHER, TAG_SKIP, 0, 0},
	{"dd", EL_DD, TAG_BLOCK, 0, 0},
	{"del", EL_OTHER, 0, 0, DOC_STRIKE},
	{"details", EL_OTHER, TAG_BLOCK, 1, 0},
	{"dfn", EL_OTHER, 0, 0, DOC_ITALIC},
	{"dir", EL_UL, TAG_BLOCK, 1, 0},
	{"div", EL_OTHER, TAG_BLOCK, 0, 0},
	{"dl", EL_OTHER, TAG_BLOCK, 1, 0},
	{"dt", EL_OTHER, TAG_BLOCK, 0, DOC_BOLD},
	{"em", EL_OTHER, 0, 0, DOC_ITALIC},
	{"embed", EL_OTHER, TAG_SKIP, 0, 0},
	{"fieldset", EL_OTHER, TAG_BLOCK, 1, 0},
	{"figcaption", EL_OTHER, TAG_BLOCK, 0, DOC_ITALIC},
	{"figure", EL_OTHER, TAG_BLOCK, 1, 0},
	{"font", EL_FONT, 0, 0, 0},
	{"footer", EL_OTHER, TAG_BLOCK, 1, 0},
	{"form", EL_OTHER, TAG_BLOCK, 0, 0},
	{"frameset", EL_OTHER, TAG_SKIP, 0, 0},
	{"h1", EL_OTHER, TAG_BLOCK | TAG_HEAD, 1, DOC_BOLD | DOC_HEADING},
	{"h2", EL_OTHER, TAG_BLOCK | TAG_HEAD, 1, DOC_BOLD | DOC_HEADING},
	{"h3", EL_OTHER, TAG_BLOCK | TAG_HEAD, 1, DOC_BOLD | DOC_HEADING},
	{"h4", EL_OTHER, TAG_BLOCK | TAG_HEAD, 1, DOC_BOLD | DOC_HEADING},
	{"h5", EL_OTHER, TAG_BLOCK | TAG_HEAD, 1, DOC_BOLD | DOC_HEADING},
	{"h6", EL_OTHER, TAG_BLOCK | TAG_HEAD, 1, DOC_BOLD | DOC_HEADING},
	{"head", EL_HEAD, 0, 0, 0},
	{"header", EL_OTHER, TAG_BLOCK, 0, 0},
	{"hr", EL_HR, TAG_BLOCK, 1, 0},
	{"html", EL_OTHER, TAG_BLOCK, 0, 0},
	{"i", EL_OTHER, 0, 0, DOC_ITALIC},
	{"iframe", EL_OTHER, TAG_SKIP, 0, 0},
	{"img", EL_IMG, 0, 0, 0},
	{"input", EL_INPUT, 0, 0, 0},
	{"ins", EL_OTHER, 0, 0, DOC_UNDERLINE},
	{"kbd", EL_OTHER, 0, 0, DOC_CODE},
	{"legend", EL_OTHER, TAG_BLOCK, 0, DOC_BOLD},
	{"li", EL_LI, TAG_BLOCK, 0, 0},
	{"link", EL_OTHER, 0, 0, 0},
	{"listing", EL_PRE, TAG_BLOCK | TAG_PRE, 1, DOC_CODE},
	{"main", EL_OTHER, TAG_BLOCK, 0, 0},
	{"map", EL_OTHER, TAG_SKIP, 0, 0},
	{"math", EL_OTHER, 0, 0, 0},
	{"menu", EL_UL, TAG_BLOCK, 1, 0},
	{"meta", EL_META, 0, 0, 0},
	{"nav", EL_OTHER, TAG_BLOCK, 0, 0},
	{"noframes", EL_OTHER, TAG_BLOCK, 0, 0},
	{"object", EL_OTHER, 0, 0, 0}, /* what stands in it is for those who do not load it */
	{"ol", EL_OL, TAG_BLOCK, 1, 0},
	{"optgroup", EL_OTHER, 0, 0, 0},
	{"option", EL_OPTION, 0, 0, 0},
	{"p", EL_P, TAG_BLOCK, 1, 0},
	{"picture", EL_OTHER, 0, 0, 0},
	{"plaintext", EL_PRE, TAG_BLOCK | TAG_PRE, 1, DOC_CODE},
	{"pre", EL_PRE, TAG_BLOCK | TAG_PRE, 1, DOC_CODE},
	{"q", EL_Q, 0, 0, 0},
	{"rp", EL_OTHER, TAG_SKIP, 0, 0},
	{"rt", EL_RT, 0, 0, 0},
	{"s", EL_OTHER, 0, 0, DOC_STRIKE},
	{"samp", EL_OTHER, 0, 0, DOC_CODE},
	{"script", EL_OTHER, TAG_SKIP, 0, 0},
	{"section", EL_OTHER, TAG_BLOCK, 0, 0},
	{"select", EL_SELECT, 0, 0, 0},
	{"strike", EL_OTHER, 0, 0, DOC_STRIKE},
	{"strong", EL_OTHER, 0, 0, DOC_BOLD},
	{"style", EL_OTHER, TAG_SKIP, 0, 0},
	{"summary", EL_OTHER, TAG_BLOCK, 0, DOC_BOLD},
	{"sup", EL_SUP, 0, 0, 0},
	{"svg", EL_OTHER, TAG_SKIP, 0, 0},
	{"table", EL_TABLE, TAG_BLOCK, 0, 0},
	{"tbody", EL_TBODY, 0, 0, 0},
	{"td", EL_TD, TAG_BLOCK, 0, 0},
	{"template", EL_OTHER, TAG_SKIP, 0, 0},
	{"textarea", EL_TEXTAREA, 0, 0, 0},
	{"tfoot", EL_TBODY, 0, 0, 0},
	{"th", EL_TH, TAG_BLOCK, 0, DOC_BOLD},
	{"thead", EL_THEAD, 0, 0, 0},
	{"title", EL_OTHER, TAG_SKIP, 0, 0},
	{"tr", EL_TR, 0, 0, 0},
	{"tt", EL_OTHER, 0, 0, DOC_CODE},
	{"u", EL_OTHER, 0, 0, DOC_UNDERLINE},
	{"ul", EL_UL, TAG_BLOCK, 1, 0},
	{"var", EL_OTHER, 0, 0, DOC_ITALIC},
	{"video", EL_OTHER, TAG_SKIP, 0, 0},
	{"wbr", EL_WBR, 0, 0, 0},
	{"xml", EL_OTHER, TAG_SKIP, 0, 0},
	{"xmp", EL_PRE, TAG_BLOCK | TAG_PRE, 1, DOC_CODE},
};

const struct html_tag *html_tag(const char *name)
{
	static const struct html_tag other = {"", EL_OTHER, 0, 0, 0};
	size_t low = 0, high = ARRAY_LEN(tags);

	while (low < high) {
		size_t mid = (low + high) / 2;
		int d = strcmp(name, tags[mid].name);
		if (d == 0)
			return &tags[mid];
		if (d < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return &other;
}
