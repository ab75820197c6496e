/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Host-side files: STATE_DIR/FOLDER/NAME.SUFFIX. No path ever comes from a client; a name is a FileName of main/api.
 * A new file has a temporary name until it is whole; what a crash left behind is removed by the next writer.
 */
#ifndef PMPOOL_HELPER_STORE_H
#define PMPOOL_HELPER_STORE_H

#include <pmpool/host.h>

struct json_object;

struct store_kind {
	const char *folder, *suffix;
	const char *noun; /* what a message calls one */
	bool replaces; /* a new one takes the place of an older one of its name */
};
extern const struct store_kind store_snapshots, store_expectations, store_backups, store_verdicts, store_tests,
	store_reservations;

struct store_file { /* a file that is being written */
	int dir_fd, fd;
	bool replaces;
	char temporary[64], name[128];
};

/* FILE_EXISTS when the name is in use already, unless the kind replaces. */
enum pm_code store_create(const struct pm_host *host, const struct store_kind *kind, const char *name,
			  struct store_file *file, struct pm_error *err);
/* fsync and rename into place, never over another file unless the kind replaces. */
enum pm_code store_commit(struct store_file *file, struct pm_error *err);
void store_discard(struct store_file *file); /* also after a failed commit */

enum pm_code store_open(const struct pm_host *host, const struct store_kind *kind, const char *name, int *fd,
			struct pm_error *err);
enum pm_code store_delete(const struct pm_host *host, const struct store_kind *kind, const char *name,
			  struct pm_error *err);
/* Names, newest first: an array of {name, bytes, modified (ns)}. */
enum pm_code store_list(const struct pm_host *host, const struct store_kind *kind, struct json_object **list,
			struct pm_error *err);

/* errno as one of our codes, with the text of the system. */
enum pm_code fail_errno(struct pm_error *err, int error, const char *what);

/* Takes away what a process that was killed left half-written; what a live one writes stays. */
void store_sweep(const struct pm_host *host);

#endif
