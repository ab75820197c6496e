/* SPDX-License-Identifier: GPL-2.0-or-later */
/* allocation/resize: another length where it is, or what stands in its way. */
#include "acts.h"
#include "guarded_changes.h"
#include "json_build.h"
#include <inttypes.h>
#include <stdio.h>

static bool in_quarantine(const struct pm_pool *pool, uint64_t page)
{
	uint64_t states;

	return guarded_states(pool, page - page % PM_PAGES_PER_WORD, 1, &states, NULL) == PM_OK &&
	       (states >> page % PM_PAGES_PER_WORD * 2 & 3) == PM_PAGE_BAD;
}

/* The page follows the run, or pages that are free, so the allocation whose page it is starts there. */
static enum pm_code no_space(struct call *call, const struct attached *attached, uint64_t page, uint64_t pages)
{
	uint64_t first = 0, end = 0, in_row = page - param_count(call, "page", 0);
	char what[160] = "is allocated";
	struct run_copy run;

	if (!pm_page_data(&attached->pool, page, &first, &end) || page >= end)
		snprintf(what, sizeof(what), "is the end of what can be allocated of its region");
	else if (in_quarantine(&attached->pool, page))
		snprintf(what, sizeof(what), "is bad, in quarantine");
	else if (guarded_run_at(&attached->pool, page, &run, NULL) == PM_OK)
		snprintf(what, sizeof(what), "begins an allocation of %" PRIu64 " page%s%s%.63s", run.pages,
			 run.pages == 1 ? "" : "s", run.named ? ", " : "", run.named ? run.record.name : "");
	return pm_fail(&call->err, PM_E_NO_SPACE,
		       "page %" PRIu64 " %s: the allocation can have %" PRIu64 " pages here, not %" PRIu64, page, what,
		       in_row, pages);
}

/* The record of another length stands beside the old one until the run has it: a crash in between loses neither. */
static enum pm_code no_record(struct call *call, uint64_t pages)
{
	return pm_fail(&call->err, PM_E_DIRECTORY_FULL,
		       "the record of %" PRIu64
		       " page%s needs a place beside the old one: none is free in its region, nor a "
		       "page for more of them. Free any other allocation of the region first; the length is as it was",
		       pages, pages == 1 ? "" : "s");
}

static enum pm_code resize_locked(struct call *call, struct attached *attached, struct run_copy *copy)
{
	uint64_t page = param_count(call, "page", 0), pages = param_count(call, "pages", 0), was, in_the_way = 0;
	struct pm_act act;
	char detail[48];
	enum pm_code code = guarded_run_at(&attached->pool, page, copy, &call->err);

	if (code == PM_OK)
		code = run_as_expected(call, copy);
	if (code != PM_OK)
		return code;
	was = copy->pages;
	if (pages == was)
		return PM_OK;
	session_act(call->session, &act);
	code = guarded_resize(&attached->pool, page, pages, &act, &in_the_way, &call->err);
	if (code == PM_E_NO_SPACE && in_the_way)
		return no_space(call, attached, in_the_way, pages);
	if (code == PM_E_DIRECTORY_FULL || code == PM_E_NO_SPACE)
		return no_record(call, pages);
	if (code == PM_OK)
		code = guarded_run_at(&attached->pool, page, copy, &call->err);
	if (code != PM_OK)
		return code;
	snprintf(detail, sizeof(detail), "from %" PRIu64 " page%s", was, was == 1 ? "" : "s");
	return guarded_log_append(&attached->pool, PM_VERB_RESIZE, page, pages, detail, &act, &call->err);
}

enum pm_code act_allocation_resize(struct call *call)
{
	struct attached *attached;
	struct run_copy copy;
	enum pm_code code = call_pool_locked(call, &attached);

	if (code != PM_OK)
		return code;
	code = resize_locked(call, attached, &copy);
	session_unlock(attached);
	if (code == PM_OK)
		call->result = json_allocation(attached, &copy);
	return code;
}
