/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps by which a page is looked at. */
#ifndef PMPOOL_LOOKS_H
#define PMPOOL_LOOKS_H

#include "finding.h"

/* Room for one more item behind `count` in a growing array; *array is the pointer to it. */
bool pm_room(void *array, size_t *room, size_t count, size_t item);
bool page_repeats(const uint8_t *page, size_t period); /* it is its first `period` bytes over and over */
void sample_take(struct look *look);

#endif
