/*
 * Words of dates, for the mbox "From " line.
 */
#ifndef MIME_DATE_PRIV_H
#define MIME_DATE_PRIV_H

#include "base/str.h"

int date_month(struct sv word); /* 1 to 12, 0 when it is no month */
bool date_is_weekday(struct sv word);

#endif
