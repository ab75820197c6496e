/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_HELPER_VERBS_H
#define PMPOOL_HELPER_VERBS_H

#include "cli.h"

/* The verb that the first words name, taken off argc and argv (with the program's name); global options may stand
 * before it. NULL with what is wrong, and argv at the word that is no verb. */
const struct verb *verb_take(int *argc, char ***argv, struct pm_error *err);
int verb_help(const struct verb *verb);
/* "help", "--help", "-h". */
bool is_help(const char *word);
/* Words like "kexec --help": a group of verbs and the wish for help. NULL-terminated. */
bool asks_for_group(char *const *words);
/* words: NULL, or what stood after "help", NULL-terminated. */
int general_help(char **words, int exit_code);

#endif
