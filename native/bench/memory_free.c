/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory.h"
#include <pmpool/memory.h>
#include <stdio.h>

void scratch_pool_make(struct bench *bench)
{
	pool_make(&bench->scratch_pool, bench->scratch, bench->scratch_bytes, SCRATCH_ADDRESS);
}

void scratch_pool_end(struct bench *bench)
{
	pm_pool_detach(&bench->scratch_pool);
}

static uint64_t done(enum pm_code code, const struct pm_error *err, const struct pm_free_counts *counts,
		     const char **why)
{
	static char text[400];

	snprintf(text, sizeof(text), "%s: %s", code ? pm_error_name(code) : "no free page", err->message);
	*why = text;
	return code ? 0 : counts->pages * PM_PAGE_SIZE;
}

uint64_t work_free_fill(struct bench *bench, const char **why)
{
	struct pm_free_range range = {.pool = &bench->scratch_pool};
	struct pm_free_counts counts = {0};
	struct pm_error err = {0};
	enum pm_code code = pm_free_fill(&range, &pattern, &counts, &err);

	return done(code, &err, &counts, why);
}

static void count_wrong(void *context, const struct pm_wrong_page *page)
{
	++*(uint64_t *)context;
}

uint64_t work_free_check(struct bench *bench, const char **why)
{
	struct pm_free_range range = {.pool = &bench->scratch_pool};
	struct pm_free_counts counts = {0};
	struct pm_error err = {0};
	uint64_t wrong = 0;
	enum pm_code code;

	code = pm_free_check(&range, &pattern, count_wrong, &wrong, &counts, &err);
	if (!code && wrong) {
		*why = "the pattern did not hold";
		return 0;
	}
	return done(code, &err, &counts, why);
}
