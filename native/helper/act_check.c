/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pool/check and pool/repair. Neither attaches the pool. */
#include "acts.h"
#include "checked.h"
#include "json_build.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

#define BACKUPS_A_SECOND 100

static void answer(struct call *call, const struct checked *checked)
{
	const struct pm_check *check = &checked->check;
	const struct pm_superblock *sb = NULL;

	for (size_t i = check->region_count; i-- > 0;)
		if (check->regions[i].readable)
			sb = &check->regions[i].sb;
	call->result = json_object_new_object();
	if (sb) {
		json_set_uuid(call->result, "pool", sb->pool_uuid);
		json_set_field(call->result, "name", sb->pool_name, sizeof(sb->pool_name));
	} else {
		json_set(call->result, "pool", NULL);
		json_set_text(call->result, "name", "");
	}
	json_set(call->result, "regions", json_checked_regions(checked));
	json_set(call->result, "findings", json_findings(check));
	json_set(call->result, "summary", json_check_summary(check));
}

enum pm_code act_pool_check(struct call *call)
{
	struct checked checked;
	enum pm_code code = checked_open(call, false, &checked);

	if (code == PM_OK)
		answer(call, &checked);
	checked_close(&checked);
	return code;
}

static void token_text(const struct pm_check *check, char text[33])
{
	for (int i = 0; i < 16; i++)
		snprintf(text + 2 * i, 3, "%02x", check->token[i]);
}

/* Ours attached it before: the next request attaches it anew. Others see it by the log. */
static void forget_attached(struct session *session, const struct pm_check *check)
{
	for (struct attached *attached = session->pools; attached; attached = attached->next)
		for (size_t i = 0; i < check->region_count; i++) {
			char uuid[PM_UUID_TEXT];

			pm_uuid_format(check->regions[i].sb.pool_uuid, uuid);
			if (check->regions[i].readable && strcmp(uuid, attached->uuid) == 0)
				attached->stale = true;
		}
}

/* Under a name of our own where none was given: the pool and the second. */
static enum pm_code backup(struct call *call, const struct checked *checked, const struct pm_act *act, char name[101])
{
	time_t now = (time_t)(act->time_ns / UINT64_C(1000000000));
	char uuid[PM_UUID_TEXT], when[32];
	struct tm parts;
	enum pm_code code;

	if (param_given(call, "backup")) {
		snprintf(name, 101, "%s", param_text(call, "backup", ""));
		return backup_write(&call->session->host, checked, act, name, &call->err);
	}
	gmtime_r(&now, &parts);
	strftime(when, sizeof(when), "%Y%m%d-%H%M%S", &parts);
	pm_uuid_format(checked->check.regions[0].sb.pool_uuid, uuid);
	snprintf(name, 101, "%.8s-%s", uuid, when);
	code = backup_write(&call->session->host, checked, act, name, &call->err);
	for (int i = 2; code == PM_E_FILE_EXISTS && i < BACKUPS_A_SECOND; i++) {
		snprintf(name, 101, "%.8s-%s-%d", uuid, when, i);
		code = backup_write(&call->session->host, checked, act, name, &call->err);
	}
	return code;
}

static enum pm_code apply(struct call *call, struct checked *checked)
{
	struct pm_act act;
	char name[101], token[33];
	enum pm_code code;

	token_text(&checked->check, token);
	if (strcmp(token, param_text(call, "token", "")) != 0)
		return pm_fail(&call->err, PM_E_POOL_CHANGED,
			       "what a repair would do is no longer what was shown: its token is %s", token);
	if (checked->check.patch_count == 0)
		return PM_OK;
	session_act(call->session, &act);
	code = backup(call, checked, &act, name);
	if (code == PM_OK)
		code = checked_apply(checked, &act, &call->err);
	if (code != PM_OK)
		return code;
	forget_attached(call->session, &checked->check);
	json_set_bool(call->result, "applied", true);
	json_set_text(call->result, "backup", name);
	/* whatever it says, the repair was made */
	if (checked_again(checked, NULL) == PM_OK)
		json_set(call->result, "after", json_check_summary(&checked->check));
	return PM_OK;
}

enum pm_code act_pool_repair(struct call *call)
{
	bool wanted = param_bool(call, "apply", false);
	struct checked checked;
	char token[33];
	enum pm_code code;

	if (wanted && !param_given(call, "token"))
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter token: apply needs the one of the dry run");
	code = checked_open(call, wanted, &checked);
	if (code == PM_OK) {
		answer(call, &checked);
		token_text(&checked.check, token);
		json_set(call->result, "patches", json_patches(&checked.check));
		json_set_count(call->result, "patchCount", checked.check.patch_count);
		json_set_text(call->result, "token", token);
		json_set_bool(call->result, "applied", false);
		json_set(call->result, "backup", NULL);
		json_set(call->result, "after", NULL);
		if (wanted)
			code = apply(call, &checked);
	}
	if (code != PM_OK && call->result) {
		json_object_put(call->result);
		call->result = NULL;
	}
	checked_close(&checked);
	return code;
}
