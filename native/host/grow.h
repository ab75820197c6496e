/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_HOST_GROW_H
#define PMPOOL_HOST_GROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* Room for one item more behind `count` of them, doubling at powers of two. Items is malloc'd, NULL at first; it stays
 * as it is when there is no memory. */
static inline bool pm_grow(void **items, size_t count, size_t bytes)
{
	void *larger;

	if (count & (count - 1) || (count && count < 16))
		return true;
	larger = realloc(*items, (count ? 2 * count : 16) * bytes);
	if (larger)
		*items = larger;
	return larger != NULL;
}

#endif
