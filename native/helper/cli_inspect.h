/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the verbs on bytes of a pool share: places and dumps. */
#ifndef PMPOOL_HELPER_CLI_INSPECT_H
#define PMPOOL_HELPER_CLI_INSPECT_H

#include "cli.h"

/* The offset in the pool that the word means: from the pool's first byte, from that of --page, or from --address.
 * `attached` may be NULL where no --address can be. false: *exit_code says what to end with. */
bool cli_offset(struct cli *cli, const struct attached *attached, const char *word, uint64_t *offset, int *exit_code);
/* A word that is a size of at least 1; `otherwise` without it. */
bool cli_length(struct cli *cli, unsigned word, uint64_t otherwise, uint64_t *length, int *exit_code);

/* Lines of 16 bytes with their offsets and what of them is text; lines alike are shown once, with a * below. */
#define DUMP_LINE 16u
enum dump_state { DUMP_NONE, DUMP_MISSING, DUMP_HELD }; /* outside what was asked for; shown as --; shown */
struct dump {
	uint64_t offset; /* of the next byte */
	uint8_t line[DUMP_LINE], before[DUMP_LINE];
	uint8_t states[DUMP_LINE], states_before[DUMP_LINE];
	bool starred;
};
void dump_begin(struct dump *dump, uint64_t offset);
void dump_bytes(struct dump *dump, const uint8_t *bytes, size_t count, enum dump_state state);
void dump_end(struct dump *dump); /* the offset behind the last byte */

#endif
