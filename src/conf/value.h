/* Private to conf/: one option's value in a struct conf, without origins and observers. */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "conf/conf.h"

/* ERR_INPUT or ERR_LIMIT; the old value stays then. */
bool value_set(struct conf *, enum opt_id, struct sv text, struct err *e) MUST_CHECK;
/* Booleans, tri and quads: false for other types. */
bool value_set_bool(struct conf *, enum opt_id, bool on);
bool value_toggle(struct conf *, enum opt_id);

/* path.c: ~/x below home, a server URL with its slash, else as written. Caller frees. */
char *path_below_home(const char *path);

void value_init(struct conf *, enum opt_id);
void value_fini(struct conf *, enum opt_id);
void value_copy(struct conf *to, const struct conf *from, enum opt_id);

#endif
