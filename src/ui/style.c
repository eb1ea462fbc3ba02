/* Colours for terminals that have fewer: xterm's cube and grey ramp, and its first sixteen. */
#include "ui/style.h"

static const uint32_t basic[16] = {
	0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
	0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
};
static const uint8_t cube[6] = {0, 95, 135, 175, 215, 255};

static uint32_t rgb_of(unsigned n)
{
	if (n < 16)
		return basic[n];
	if (n < 232) {
		n -= 16;
		return (uint32_t)cube[n / 36] << 16 | (uint32_t)cube[n / 6 % 6] << 8 | cube[n % 6];
	}
	uint32_t grey = 8 + (n - 232) * 10;
	return grey << 16 | grey << 8 | grey;
}

/* Weighted as the eye does: green counts most, blue least. */
static uint32_t distance(uint32_t a, uint32_t b)
{
	int r = (int)(a >> 16 & 255) - (int)(b >> 16 & 255);
	int g = (int)(a >> 8 & 255) - (int)(b >> 8 & 255);
	int l = (int)(a & 255) - (int)(b & 255);
	return (uint32_t)(r * r * 3 + g * g * 6 + l * l);
}

unsigned style_nearest(uint32_t rgb, unsigned colours)
{
	/* The first sixteen are what the user made of them: with 256 look in the fixed ones only. */
	unsigned from = colours >= 256 ? 16 : 0;
	unsigned to = colours >= 256 ? 256 : colours >= 16 ? 16 : 8;
	unsigned best = from;
	for (unsigned n = from; n < to; n++) {
		if (distance(rgb_of(n), rgb) < distance(rgb_of(best), rgb))
			best = n;
	}
	return best;
}
