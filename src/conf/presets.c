#include "conf/presets.h"

#include <stddef.h>
#include <string.h>

#include "base/util.h"

const char preset_names[] = "vi, emacs, dark, light, mono";

static const char vi[] =
	"# gg, G, Ctrl-D and so on, as in vi and less\n"
	"bind generic,index,pager,browser,alias,query,attach,compose,postpone g noop\n"
	"bind generic gg first-entry\n"
	"bind generic G last-entry\n"
	"bind index gg first-entry\n"
	"bind index G last-entry\n"
	"bind attach,browser gg first-entry\n"
	"bind attach,browser G last-entry\n"
	"bind pager gg top\n"
	"bind pager G bottom\n"
	"bind pager j next-line\n"
	"bind pager k previous-line\n"
	"bind generic,index,pager \\Cd half-down\n"
	"bind generic,index,pager \\Cu half-up\n"
	"bind generic,index,pager \\Cf next-page\n"
	"bind generic,index,pager \\Cb previous-page\n"
	"bind index,pager d noop\n"
	"bind index,pager dd delete-message\n"
	"bind index,pager dt delete-thread\n"
	"bind index,pager ga group-reply\n"
	"bind index,pager gp parent-message\n"
	"bind generic,index,pager N search-opposite\n"
	"bind generic,index,pager n search-next\n"
	"bind index za collapse-thread\n"
	"bind index zo open-thread\n"
	"bind index zc close-thread\n"
	"bind index zM close-all-threads\n"
	"bind index zR open-all-threads\n"
	"bind generic,index zt current-top\n"
	"bind generic,index zz current-middle\n"
	"bind generic,index zb current-bottom\n"
	"bind index,pager gi browse-mailboxes\n"
	"bind browser h goto-parent\n"
	"bind browser l select-entry\n";

static const char emacs[] = "# the keys of emacs where they do no harm to mutt's\n"
			    "bind generic,index \\Cn next-entry\n"
			    "bind generic,index \\Cp previous-entry\n"
			    "bind pager \\Cn next-line\n"
			    "bind pager \\Cp previous-line\n"
			    "bind generic,index,pager \\Cv next-page\n"
			    "bind generic,index,pager \\ev previous-page\n"
			    "bind generic,index \\e\\< first-entry\n"
			    "bind generic,index \\e> last-entry\n"
			    "bind pager \\e\\< top\n"
			    "bind pager \\e> bottom\n"
			    "bind generic,index,pager \\Cs search\n"
			    "bind generic,index \\Cr search-reverse\n"
			    "bind index \\Cxb change-folder\n"
			    "bind generic,index,pager \\ex enter-command\n";

static const char dark[] = "# colours for a dark background\n"
			   "color normal default default\n"
			   "color status white color236\n"
			   "color indicator default color238\n"
			   "color tree color244 default\n"
			   "color index brightwhite default ~N\n"
			   "color index brightwhite default ~O\n"
			   "color index color220 default ~F\n"
			   "color index color244 default ~D\n"
			   "color index color180 default ~T\n"
			   "color hdrdefault color246 default\n"
			   "color header brightwhite default ^(From|Subject):\n"
			   "color quoted color114 default\n"
			   "color quoted1 color110 default\n"
			   "color quoted2 color180 default\n"
			   "color quoted3 color140 default\n"
			   "color signature color244 default\n"
			   "color attachment color180 default\n"
			   "color tilde color240 default\n"
			   "color error color203 default\n"
			   "color message color150 default\n"
			   "color search black color220\n"
			   "color body color110 default \"(https?|ftp|mailto):[^ <>\\\"']+\"\n"
			   "color sidebar_new brightwhite default\n"
			   "color sidebar_flagged color220 default\n"
			   "color sidebar_divider color240 default\n"
			   "color sidebar_indicator default color238\n";

static const char light[] = "# colours for a light background\n"
			    "color normal default default\n"
			    "color status black color253\n"
			    "color indicator black color153\n"
			    "color tree color243 default\n"
			    "color index color18 default ~N\n"
			    "color index color18 default ~O\n"
			    "color index color130 default ~F\n"
			    "color index color245 default ~D\n"
			    "color index color90 default ~T\n"
			    "color hdrdefault color240 default\n"
			    "color header color18 default ^(From|Subject):\n"
			    "color quoted color22 default\n"
			    "color quoted1 color24 default\n"
			    "color quoted2 color94 default\n"
			    "color quoted3 color90 default\n"
			    "color signature color243 default\n"
			    "color attachment color94 default\n"
			    "color tilde color250 default\n"
			    "color error color124 default\n"
			    "color message color22 default\n"
			    "color search black color221\n"
			    "color body color25 default \"(https?|ftp|mailto):[^ <>\\\"']+\"\n"
			    "color sidebar_new color18 default\n"
			    "color sidebar_flagged color130 default\n"
			    "color sidebar_divider color250 default\n"
			    "color sidebar_indicator black color253\n";

static const char mono[] = "# attributes only\n"
			   "uncolor *\n"
			   "mono status reverse\n"
			   "mono indicator reverse\n"
			   "mono index bold ~N\n"
			   "mono index bold ~F\n"
			   "mono header bold ^(From|Subject):\n"
			   "mono error bold\n"
			   "mono search standout\n";

static const struct {
	const char *name, *text;
} presets[] = {{"vi", vi}, {"emacs", emacs}, {"dark", dark}, {"light", light}, {"mono", mono}};

const char *preset_text(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(presets); i++)
		if (strcmp(presets[i].name, name) == 0)
			return presets[i].text;
	return NULL;
}
