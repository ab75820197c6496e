/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an act that changes a pool asks first. */
#include "acts.h"
#include "json_build.h"

enum pm_code call_pool_locked(struct call *call, struct attached **pool)
{
	enum pm_code code = call_pool(call, pool);

	if (code == PM_OK)
		code = session_writable(*pool, &call->err);
	return code == PM_OK ? session_lock(call->session, *pool, &call->err) : code;
}

enum pm_code run_as_expected(struct call *call, const struct run_copy *run)
{
	struct json_object *expect = param_object(call, "expect");
	bool named = json_member(expect, "recordId") != NULL;

	if (run->pages != json_count(expect, "pages"))
		return pm_fail(&call->err, PM_E_POOL_CHANGED, "the allocation at page %llu has %llu pages by now",
			       (unsigned long long)run->page, (unsigned long long)run->pages);
	if (run->named != named || (named && run->record.id != json_count(expect, "recordId")))
		return pm_fail(&call->err, PM_E_POOL_CHANGED, "another allocation stands at page %llu by now",
			       (unsigned long long)run->page);
	return PM_OK;
}
