/*
 * Colours: the objects of `color` and `mono` as styles of cells.
 */
#ifndef UI_THEME_H
#define UI_THEME_H

#include "conf/color.h"
#include "ui/style.h"

struct conf;
struct theme;

struct theme *theme_new(void);
void theme_free(struct theme *);
/* Reads the objects again after `color` commands; colours: how many the terminal has, 0: none. */
void theme_load(struct theme *, const struct conf *, unsigned colours);
bool theme_is_mono(const struct theme *);
struct style theme_style(const struct theme *, enum color_id);
struct style theme_quoted(const struct theme *, unsigned level /* 1.. */);
/* One `color` line's style. */
struct style theme_of(struct color_style);

#endif
