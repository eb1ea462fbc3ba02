/*
 * Colours of mail on a terminal whose background is dark or light but never the sender's.
 */
#ifndef RENDER_HTML_COLOR_H
#define RENDER_HTML_COLOR_H

#include "base/util.h"

/*
 * What to draw text in that its sender made `color`: the same hue at a lightness that reads well on our
 * background (contrast of at least 4.5, WCAG 2.1), or DOC_COLOR_NONE for greys, black and white: these
 * say "normal text" on paper.
 */
uint32_t color_readable(uint32_t color, bool light_background);
/* So near that nobody could read one on the other. */
bool color_same(uint32_t a, uint32_t b);

#endif
