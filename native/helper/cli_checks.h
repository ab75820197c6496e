/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_HELPER_CLI_CHECKS_H
#define PMPOOL_HELPER_CLI_CHECKS_H

#include <stdbool.h>

struct json_object;

/* Checks of a plan or a verdict: level, title, the evidence, and the remedy of one that did not pass. */
void print_checks(struct json_object *checks);
bool checks_failed(struct json_object *checks);

#endif
