/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changed pages are handed to the diagnosis, with what is known of their surroundings. */
#ifndef PMPOOL_COMPARE_DIAGNOSE_H
#define PMPOOL_COMPARE_DIAGNOSE_H

#include "compare_changes.h"
#include "pmpool/snapshot.h"

struct pm_evidence {
	const struct pm_changes *changes;
	struct pm_snapshot *before; /* says what was expected */
	uint64_t end_page; /* of the histogram; it begins at 0 */
	struct pm_task *task;
	void *context;
	/* 4096 bytes of a page as it is now; false when they cannot be read. */
	bool (*now)(void *context, uint64_t page, uint8_t *bytes);
	/* What a free page with a pattern should hold; NULL where none has one. */
	bool (*pattern)(void *context, uint64_t page, uint8_t *bytes);
	uint64_t (*address)(void *context, uint64_t page);
};

/* *diagnoses: array of Diagnosis. CANCELLED, and what reading the file gives. */
enum pm_code pm_changes_diagnose(const struct pm_evidence *evidence, struct json_object **diagnoses,
				 struct pm_error *err);

#endif
