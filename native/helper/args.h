/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of a command line: options known to a verb, global options, and what is left. No I/O. */
#ifndef PMPOOL_HELPER_ARGS_H
#define PMPOOL_HELPER_ARGS_H

#include <pmpool/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_type { OPTION_FLAG, OPTION_TEXT, OPTION_SIZE, OPTION_SIZES, OPTION_COUNT }; /* SIZES: joined by commas */

struct option_spec { /* a NULL name ends a table */
	const char *name; /* without the dashes */
	enum option_type type;
	const char *value; /* what help calls it */
	const char *help;
};

#define ARGS_OPTIONS 16
#define ARGS_WORDS 8

struct args {
	struct {
		const struct option_spec *spec;
		const char *text;
		uint64_t number;
	} options[ARGS_OPTIONS];
	unsigned option_count;
	const char *words[ARGS_WORDS];
	unsigned word_count;
};

extern const struct option_spec global_options[];

/* Both "--name value" and "--name=value"; "--" ends options; "-" is a word. INVALID_PARAMS with what is wrong. */
enum pm_code args_parse(int argc, char **argv, const struct option_spec *table, struct args *args,
			struct pm_error *err);
bool args_given(const struct args *args, const char *name);
const char *args_text(const struct args *args, const char *name); /* NULL when not given */
uint64_t args_number(const struct args *args, const char *name, uint64_t otherwise);
/* Of an option of type SIZES: how many there are, 0 when it is not given; the first `capacity` go to `sizes`. */
size_t args_sizes(const struct args *args, const char *name, uint64_t *sizes, size_t capacity);

/* Decimal or 0x hexadecimal; for a size one of K M G T (binary) may follow, also as KiB. No sign, no overflow,
 * nothing above 2^53-1, which is as far as the protocol counts. */
bool parse_count(const char *text, uint64_t *value);
bool parse_size(const char *text, uint64_t *value);
/* Sizes joined by commas, at least one: how many, 0 when one is none. The first `capacity` go to `sizes`. */
size_t parse_sizes(const char *text, uint64_t *sizes, size_t capacity);

#endif
