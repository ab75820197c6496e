/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bad pages: quarantined by somebody for a reason, never handed out. */
#include "acts.h"
#include "json_audit.h"
#include <stdlib.h>
#include <string.h>

enum pm_code act_bad_list(struct call *call)
{
	uint64_t from = param_count(call, "from", 0), limit = param_count(call, "limit", 1000);
	struct json_object *array;
	struct attached *attached;
	struct bad_copy *list = NULL;
	size_t count = 0, i = 0;
	enum pm_code code = call_pool(call, &attached);

	if (code == PM_OK)
		code = guarded_bad_list(&attached->pool, &list, &count, &call->err);
	if (code != PM_OK)
		return code;
	array = json_object_new_array();
	while (i < count && list[i].page < from)
		i++;
	for (; i < count && json_object_array_length(array) < limit; i++)
		json_object_array_add(array, json_bad(attached, &list[i]));
	call->result = json_object_new_object();
	json_set(call->result, "bad", array);
	json_set(call->result, "next", i < count ? json_object_new_uint64(list[i].page) : NULL);
	free(list);
	return PM_OK;
}

static enum pm_code add_locked(struct call *call, struct attached *attached, struct bad_copy *bad)
{
	uint64_t page = param_count(call, "page", 0), pages = param_count(call, "pages", 0);
	const char *why = param_text(call, "why", "");
	struct pm_act act;
	enum pm_code code;

	session_act(call->session, &act);
	code = guarded_quarantine(&attached->pool, page, pages, why, &act, &call->err);
	switch (code) {
	case PM_OK:
		break;
	case PM_E_PAGE_IN_USE:
		return pm_fail(&call->err, code, "not all of the %llu pages from page %llu on are free",
			       (unsigned long long)pages, (unsigned long long)page);
	case PM_E_OUT_OF_RANGE:
		return pm_fail(&call->err, code, "the %llu pages from page %llu on are not in one region of the pool",
			       (unsigned long long)pages, (unsigned long long)page);
	case PM_E_NAME_INVALID:
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter why: must be printable UTF-8");
	default:
		return code;
	}
	code = guarded_bad_at(&attached->pool, page, bad, &call->err);
	if (code != PM_OK)
		return code;
	return guarded_log_append(&attached->pool, PM_VERB_QUARANTINE, page, pages, why, &act, &call->err);
}

static enum pm_code remove_locked(struct call *call, struct attached *attached, struct bad_copy *bad)
{
	struct json_object *expect = param_object(call, "expect");
	uint64_t page = param_count(call, "page", 0);
	char why[PM_PURPOSE_BYTES] = "";
	struct pm_act act;
	enum pm_code code = guarded_bad_at(&attached->pool, page, bad, &call->err);

	if (code != PM_OK)
		return code;
	if (bad->pages != json_count(expect, "pages") || bad->record.id != json_count(expect, "recordId"))
		return pm_fail(&call->err, PM_E_POOL_CHANGED, "another quarantine stands at page %llu by now",
			       (unsigned long long)page);
	code = guarded_quarantine_release(&attached->pool, page, &call->err);
	if (code != PM_OK)
		return code;
	memcpy(why, bad->record.purpose, sizeof(why) - 1);
	session_act(call->session, &act);
	return guarded_log_append(&attached->pool, PM_VERB_RELEASE, page, bad->pages, why, &act, &call->err);
}

static enum pm_code change(struct call *call,
			   enum pm_code (*locked)(struct call *call, struct attached *attached, struct bad_copy *bad))
{
	struct attached *attached;
	struct bad_copy bad;
	enum pm_code code = call_pool_locked(call, &attached);

	if (code != PM_OK)
		return code;
	code = locked(call, attached, &bad);
	session_unlock(attached);
	if (code == PM_OK)
		call->result = json_bad(attached, &bad);
	return code;
}

enum pm_code act_bad_add(struct call *call)
{
	return change(call, add_locked);
}

enum pm_code act_bad_remove(struct call *call)
{
	return change(call, remove_locked);
}
