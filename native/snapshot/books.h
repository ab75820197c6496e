/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pages of a pool's metadata as they are at one moment: superblocks, sections, the directory's own pages. */
#ifndef PMPOOL_BOOKS_H
#define PMPOOL_BOOKS_H

#include "copy.h"

struct pm_book { /* what a chunk BOOK holds: a window in which metadata is not all zero */
	uint64_t first;
	uint32_t count;
	uint32_t pages; /* in bytes */
	uint8_t stores[256]; /* ABSENT, DATA or ZERO */
	uint8_t *bytes;
};

struct pm_books {
	struct pm_book *list; /* ascending */
	size_t count, capacity;
};

/* With the locks held, after pm_copy_take. pm_books_free is due after any result. */
enum pm_code pm_books_take(const struct pm_pool *pool, const struct pm_copy *copy, struct pm_books *books,
			   struct pm_error *err);
void pm_books_free(struct pm_books *books);

#endif
