/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people read: sizes with units, addresses, times, tables whose columns line up. */
#ifndef PMPOOL_HELPER_TEXT_H
#define PMPOOL_HELPER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TEXT_BYTES 32 /* enough for any of these */

const char *text_size(uint64_t bytes, char text[TEXT_BYTES]); /* "64 MiB", "1.5 GiB", "512 B" */
const char *text_address(uint64_t address, char text[TEXT_BYTES]); /* "0x100000000" */
const char *text_count(uint64_t count, char text[TEXT_BYTES]);
const char *text_time(uint64_t time_ms, char text[TEXT_BYTES]); /* local, "2026-01-31 13:05:09" */

#define TABLE_COLUMNS 10

struct table {
	unsigned columns;
	bool right[TABLE_COLUMNS]; /* numbers */
	char **cells; /* row by row, the heading first */
	size_t count;
};

/* Headings separated by '|'; one that starts with '>' is of a column of numbers. */
void table_begin(struct table *table, const char *headings);
/* As many strings as there are columns. Damage in them is marked as core/text.h says. */
void table_row(struct table *table, const char *const *cells);
/* Prints and frees. */
void table_end(struct table *table, FILE *to);

/* Of "1 page" and "2 pages": what stands behind the noun. */
static inline const char *text_s(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* A line of a block of facts: "  Name:      value". */
void fact(FILE *to, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Text that came from a region or a file: no byte of it may steer the terminal. */
void print_clean(FILE *to, const char *text);

#endif
