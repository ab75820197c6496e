// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare_diagnose.h"
#include "judge.h"

static bool page_now(void *context, uint64_t page, uint8_t *bytes)
{
	const struct pm_judged *judged = pm_judge_region(context, page);

	return judged && judged->open &&
	       !pm_region_copy(bytes, judged->region.map + (page - judged->sb->first_pool_page) * PM_PAGE_SIZE,
			       PM_PAGE_SIZE, NULL);
}

static bool page_pattern(void *context, uint64_t page, uint8_t *bytes)
{
	return pm_judge_free_bytes(context, page, bytes);
}

static uint64_t page_address(void *context, uint64_t page)
{
	return pm_judge_address(context, page);
}

enum pm_code pm_judge_diagnose(struct pm_judge *judge, struct pm_error *err)
{
	const struct pm_evidence evidence = {
		.changes = &judge->changes,
		.before = judge->snapshot,
		.end_page = judge->file.pool.page_end,
		.task = judge->task,
		.context = judge,
		.now = page_now,
		.pattern = judge->free.expected ? page_pattern : NULL,
		.address = page_address,
	};

	return pm_changes_diagnose(&evidence, &judge->diagnoses, err);
}
