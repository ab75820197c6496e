/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the verbs on free pages share: ranges, patterns, and what was found in them. */
#ifndef PMPOOL_HELPER_CLI_MEMORY_H
#define PMPOOL_HELPER_CLI_MEMORY_H

#include "cli.h"

/* Parameters with the pool of the first word and the range of --from and --to: page indexes, or physical addresses in
 * hexadecimal. NULL: *exit_code says what to end with. */
struct json_object *cli_range_params(struct cli *cli, int *exit_code);
/* The same, or with --region the part of a region that no pool has; the pool is the first of `words` then left out. */
struct json_object *cli_memory_params(struct cli *cli, unsigned words, int *exit_code);
/* Pattern of main/api from its kind, --seed and --data. NULL: *exit_code says what to end with. */
struct json_object *cli_pattern(struct cli *cli, const char *kind, int *exit_code);

/* What happened to pages, in a few lines each. */
void print_diagnoses(struct json_object *diagnoses);

#endif
