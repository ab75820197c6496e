/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has to be written so that a reader reads the text again:
 *   the shell reads /etc/default/grub (grub-mkconfig sources it) and what stands on a command line;
 *   GRUB reads grub.cfg, into which grub-mkconfig writes what the shell read as it is.
 */
#ifndef PMPOOL_RESERVATION_QUOTE_H
#define PMPOOL_RESERVATION_QUOTE_H

#include <stdbool.h>
#include <stddef.h>

/* Each malloc'd; NULL without memory. */
char *pm_quote_for_grub(const char *text); /* as a word of grub.cfg */
char *pm_quote_for_shell(const char *text, char quote); /* between quotes of this kind, without them */

/* A word of GRUB's that stands between such quotes (0: bare) in a line of the shell's. */
struct pm_grub_word {
	size_t length; /* as it is written */
	bool eaten; /* a `$` and a digit that nothing protects: one of both readers takes them for a variable */
};
/* The word at the start of `text`, which ends at a blank or at `length`; `read` has room for `length` + 1 bytes and gets
 * what GRUB reads. Variables stay as they are. */
struct pm_grub_word pm_grub_word_read(const char *text, size_t length, char quote, char *read);

#endif
