/*
 * Translation of what people read. Only core, ui and main say _(); tables mark with N_().
 */
#ifndef CORE_GETTEXT_H
#define CORE_GETTEXT_H

#include <libintl.h>

#define _(s) gettext(s)

#endif
