/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the record of an allocation says: its name, its owner, its purpose. */
#include "acts.h"
#include "guarded_changes.h"
#include "json_build.h"
#include <stdio.h>

/* The same under the lock for both: `detail` goes into the event log. */
static enum pm_code change_locked(struct call *call, struct attached *attached, const struct pm_label *label,
				  enum pm_verb verb, const char *detail, struct run_copy *copy)
{
	uint64_t page = param_count(call, "page", 0);
	struct pm_act act;
	enum pm_code code = guarded_run_at(&attached->pool, page, copy, &call->err);

	if (code == PM_OK)
		code = run_as_expected(call, copy);
	if (code != PM_OK)
		return code;
	if (!copy->named && !label->name)
		return pm_fail(&call->err, PM_E_INVALID_PARAMS,
			       "parameter expect: an owner or a purpose needs a name to stand with; name it first");
	session_act(call->session, &act);
	code = guarded_record_change(&attached->pool, page, label, &act, &call->err);
	if (code == PM_E_NAME_TAKEN)
		return pm_fail(&call->err, code, "another allocation is named \"%s\"", label->name);
	if (code == PM_E_NAME_INVALID) /* the name itself was checked before */
		return pm_fail(&call->err, code, "the owner or the purpose is no printable UTF-8");
	if (code == PM_OK)
		code = guarded_run_at(&attached->pool, page, copy, &call->err);
	if (code != PM_OK)
		return code;
	return guarded_log_append(&attached->pool, verb, page, copy->pages, detail, &act, &call->err);
}

static enum pm_code change(struct call *call, const struct pm_label *label, enum pm_verb verb, const char *detail)
{
	struct attached *attached;
	struct run_copy copy;
	enum pm_code code = call_pool_locked(call, &attached);

	if (code != PM_OK)
		return code;
	code = change_locked(call, attached, label, verb, detail, &copy);
	session_unlock(attached);
	if (code == PM_OK)
		call->result = json_allocation(attached, &copy);
	return code;
}

enum pm_code act_allocation_rename(struct call *call)
{
	struct pm_label label = {.name = param_text(call, "name", "")};

	if (!pm_name_fit(label.name))
		return pm_fail(&call->err, PM_E_NAME_INVALID, "\"%s\" is no name for an allocation", label.name);
	return change(call, &label, PM_VERB_RENAME, label.name);
}

enum pm_code act_allocation_relabel(struct call *call)
{
	struct pm_label label = {.owner = param_text(call, "owner", NULL),
				 .purpose = param_text(call, "purpose", NULL)};
	char detail[128];

	if (!label.owner && !label.purpose)
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter owner: give an owner, a purpose or both");
	snprintf(detail, sizeof(detail), "%s%s%s%s%s", label.owner ? "owner=" : "", label.owner ? label.owner : "",
		 label.owner && label.purpose ? " " : "", label.purpose ? "purpose=" : "",
		 label.purpose ? label.purpose : "");
	return change(call, &label, PM_VERB_RELABEL, detail);
}
