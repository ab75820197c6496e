/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading and building kernel command lines for the next boot. Text only: no file is opened here. */
#ifndef PMPOOL_KEXEC_CMDLINE_H
#define PMPOOL_KEXEC_CMDLINE_H

#include "pmpool/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

/* One option as it stands, quotes and all. */
struct pm_option {
	const char *text;
	size_t length;
};
/* The next option at *at, false at the end. Spaces inside double quotes belong to the option, as in the kernel. */
bool pm_option_next(const char **at, struct pm_option *option);
bool pm_option_is(const struct pm_option *option, const char *prefix);

/* Text that somebody else wrote, to become part of a command line: INVALID_PARAMS on control characters, and on a
 * quote left open, which would swallow what follows. `what` names it in the message. */
enum pm_code pm_cmdline_refuse(const char *text, const char *what, struct pm_error *err);

struct pm_cmdline_range {
	uint64_t base, bytes;
};
struct pm_cmdline_edit {
	const char *from; /* the running command line, or one to start from */
	const char *append; /* NULL or options */
	const char *nonce; /* 32 hex digits */
	const struct pm_cmdline_range *drop; /* leave out what reserves any of these */
	size_t drop_count;
};
/* The next command line: without BOOT_IMAGE= and old nonces, ours and `append` before a `--`. *next is malloc'd;
 * KEXEC_UNSAFE when `from` leaves a quote open. */
enum pm_code pm_cmdline_edit(const struct pm_cmdline_edit *edit, char **next, struct pm_error *err);

/* Options of `a` that `b` does not have, as an array of strings. */
struct json_object *pm_cmdline_difference(const char *a, const char *b);

/* Is every byte of the range taken away from Linux by memmap=SIZE$BASE or SIZE!BASE. */
bool pm_cmdline_reserves(const char *cmdline, uint64_t base, uint64_t bytes);

/* KASLR keeps off the first 4 memmap= ranges only; true when it may put the next kernel into another one.
 * A single option that overflows the 4 switches physical KASLR off, and so does nokaslr. */
bool pm_cmdline_kaslr_risk(const char *cmdline, unsigned *ranges);

/* The value of crashkernel=: how large it may become at most (0: not understood), and whether it names an address. */
bool pm_crashkernel_read(const char *value, uint64_t *base, uint64_t *bytes);

/* A crashkernel= with a fixed address that overlaps the range; *found is that option. */
bool pm_cmdline_crash_overlaps(const char *cmdline, uint64_t base, uint64_t bytes, struct pm_option *found);

#endif
