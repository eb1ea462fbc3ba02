/* Key sets and the like that `source preset:NAME` reads. */
#ifndef CONF_PRESETS_H
#define CONF_PRESETS_H

/* rc text, NULL when there is none of that name. */
const char *preset_text(const char *name);
extern const char preset_names[]; /* "vi, emacs" */

#endif
