/*
 * The renderer writes no address for the wire, so it is linked without libidn2, whose tables (libunistring) took a
 * fifth of its start. Comparing addresses refers to the name: here domains beyond ASCII are compared as they stand.
 */
#include "mime/addr.h"

bool addr_to_ascii(struct str *out, struct sv addr)
{
	return str_add(out, addr);
}
