/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work on many items (windows of pages, in order) by as many threads as there are processors. Each item goes through
 * the stages in order; a parallel stage runs on any thread, an ordered one for one item at a time and in the order of
 * items. So a file is written in order while its parts are digested and compressed beside each other.
 */
#ifndef PMPOOL_TEAM_H
#define PMPOOL_TEAM_H

#include "error.h"
#include <stdbool.h>
#include <stddef.h>
#include "task.h"

#define PM_TEAM_END ((enum pm_code)1) /* only between a stage and its team */

struct pm_stage {
	bool ordered;
	/* `slot` numbers the item's buffers: an item keeps its slot through all stages, 0 to pm_team_slots() - 1. The
	 * first error of any item ends the work: later items see no further stage, earlier ones go on to their end, and
	 * the error of the lowest item is the one that is told. PM_TEAM_END: there is no such item and none after it
	 * (of work whose items are counted only by reaching their end); no error. */
	enum pm_code (*run)(void *context, unsigned slot, uint64_t item, struct pm_error *err);
};

/* Slots that pm_team_run uses at most: buffers to hold ready. */
unsigned pm_team_slots(void);

/* Works through items 0 to items - 1, UINT64_MAX where a stage tells the end. `bytes` (may be NULL) of progress are told
 * for each item that came to its end; the task (may be NULL) is asked between stages whether it was cancelled, so a
 * stage should last at most 20 ms. Progress is told by the calling thread, which works too; the others have all
 * signals blocked but those of their own faults. */
enum pm_code pm_team_run(uint64_t items, const struct pm_stage *stages, size_t stage_count, void *context,
			 uint64_t (*bytes)(void *context, uint64_t item), uint64_t total_bytes, struct pm_task *task,
			 struct pm_error *err);

#endif
