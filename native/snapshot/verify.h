/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What verify.c (metadata and what sums up) and verify_pages.c (the groups, by a team) share. */
#ifndef PMPOOL_VERIFY_H
#define PMPOOL_VERIFY_H

#include "file.h"
#include "pmpool/snapshot.h"
#include "repeat.h"

struct pm_verification {
	struct pm_file file;
	struct pm_snapshot *parent; /* or NULL */
	struct pm_task *task;
	/* so far, all of it whole */
	struct pm_repeats *repeats;
	struct pm_total *total, *own;
	struct pm_index_entry *index;
	size_t groups, index_capacity;
	struct pm_snapshot_result result;
};

/* All groups: from the chunk whose header the reader has to the first that is none, whose header it has then. */
enum pm_code pm_verify_pages(struct pm_verification *check, uint64_t file_bytes, struct pm_error *err);

#endif
