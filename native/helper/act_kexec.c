/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acts.h"
#include "json_build.h"
#include <pmpool/kexec.h>
#include <stdio.h>
#include <string.h>

enum pm_code act_kexec_plan(struct call *call)
{
	struct pm_kexec_request request = {
		.kernel = param_text(call, "kernel", NULL),
		.initrd = param_text(call, "initrd", NULL),
		.cmdline = param_text(call, "cmdline", NULL),
		.append = param_text(call, "append", NULL),
		.drop_reservation = param_bool(call, "dropReservation", false),
	};
	struct attached *attached;
	enum pm_code code = call_pool(call, &attached);

	if (code != PM_OK)
		return code;
	return pm_kexec_plan(&call->session->host, &attached->pool, &request, &call->result, &call->err);
}

/* The newest kexec-load of the log names what was loaded by a pmpool that kept no file of it. */
static bool logged_nonce(struct session *session, struct attached *attached, char nonce[NONCE_BYTES])
{
	uint64_t newest = guarded_log_sequence(&attached->pool), slots = pm_log_slots(&attached->pool);
	uint8_t boot_id[16];

	if (pm_host_boot_id(&session->host, boot_id, NULL) != PM_OK)
		return false;
	for (uint64_t sequence = newest; sequence > 0 && newest - sequence < slots; sequence--) {
		struct pm_log_entry entry;
		bool found;

		if (guarded_log_read(&attached->pool, sequence, &entry, &found, NULL) != PM_OK)
			return false;
		if (!found || entry.verb != PM_VERB_KEXEC_LOAD)
			continue;
		if (memcmp(entry.boot_id, boot_id, sizeof(boot_id)) != 0)
			return false;
		snprintf(nonce, NONCE_BYTES, "%.47s", entry.detail);
		return nonce[0] != '\0';
	}
	return false;
}

bool loaded_nonce(struct session *session, struct attached *attached, char nonce[NONCE_BYTES])
{
	if (loaded_read(&session->host, attached->uuid, nonce))
		return nonce[0] != '\0';
	return logged_nonce(session, attached, nonce);
}

static bool inside(const struct pm_member_info *info, struct json_object *region)
{
	uint64_t base = json_count(region, "base"), bytes = json_count(region, "size");

	return info->physical_base >= base && info->bytes <= bytes && info->physical_base - base <= bytes - info->bytes;
}

/* The plan went through the client: the regions it spares have to be those that hold its pool. */
static enum pm_code spares_its_pool(struct call *call, struct json_object *plan, const struct attached *attached)
{
	struct json_object *regions = json_member(plan, "regions");
	bool first_seen = false;

	for (uint32_t i = 0; i < attached->pool.region_count; i++) {
		const struct pm_member_info *info = &attached->pool.infos[i];
		bool spared = false;

		for (size_t j = 0; info->present && j < json_object_array_length(regions); j++)
			spared |= inside(info, json_object_array_get_idx(regions, j));
		/* plan.region is for who knows only one: the pool's first */
		if (info->present && !first_seen)
			spared &= inside(info, json_member(plan, "region"));
		first_seen |= info->present;
		if (info->present && !spared)
			return pm_fail(&call->err, PM_E_INVALID_PARAMS,
				       "the plan's regions do not hold region %u of pool %s", (unsigned)i,
				       attached->uuid);
	}
	return PM_OK;
}

enum pm_code act_kexec_load(struct call *call)
{
	struct json_object *plan = param_object(call, "plan");
	struct attached *attached;
	enum pm_code code = session_pool(call->session, json_text(plan, "pool"), &attached, &call->err);

	if (code == PM_OK)
		code = spares_its_pool(call, plan, attached);
	if (code == PM_OK)
		code = pm_kexec_load(&call->session->host, plan, &call->err);
	if (code != PM_OK)
		return code;
	code = loaded_write(&call->session->host, attached->uuid, json_text(plan, "nonce"), &call->err);
	if (code == PM_OK)
		code = note_act(call->session, attached, PM_VERB_KEXEC_LOAD, 0, 0, json_text(plan, "nonce"),
				&call->err);
	if (code != PM_OK) {
		pm_kexec_unload(&call->session->host, NULL); /* refused, so a plain reboot must not take it */
		loaded_remove(&call->session->host);
		return code;
	}
	call->result = json_object_new_object();
	return code;
}

enum pm_code act_kexec_unload(struct call *call)
{
	enum pm_code code = pm_kexec_unload(&call->session->host, &call->err);

	if (code == PM_OK)
		loaded_remove(&call->session->host);
	call->result = json_object_new_object();
	return code;
}

static enum pm_code still_the_plan(struct call *call, struct attached *attached)
{
	char running[PM_UUID_TEXT], nonce[NONCE_BYTES] = "";
	uint8_t boot_id[16];
	enum pm_code code = pm_host_boot_id(&call->session->host, boot_id, &call->err);

	if (code != PM_OK)
		return code;
	pm_uuid_format(boot_id, running);
	if (strcmp(running, param_text(call, "bootId", "")) != 0)
		return pm_fail(&call->err, PM_E_POOL_CHANGED, "another kernel runs by now: boot id %s", running);
	if (!pm_kexec_loaded(&call->session->host))
		return pm_fail(&call->err, PM_E_KEXEC_NOT_LOADED, "no kernel is loaded");
	if (!loaded_nonce(call->session, attached, nonce) || strcmp(nonce, param_text(call, "nonce", "")) != 0)
		return pm_fail(&call->err, PM_E_POOL_CHANGED, "another plan is loaded by now: nonce %s",
			       nonce[0] ? nonce : "unknown");
	return PM_OK;
}

enum pm_code act_kexec_jump(struct call *call)
{
	struct attached *attached;
	enum pm_code code = call_pool(call, &attached);

	if (code == PM_OK)
		code = still_the_plan(call, attached);
	if (code == PM_OK)
		code = note_act(call->session, attached, PM_VERB_KEXEC_JUMP, 0, 0, param_text(call, "nonce", ""),
				&call->err);
	/* systemd answers when the job is queued, so its refusal reaches the client; the kernel ends later */
	if (code == PM_OK)
		code = pm_kexec_jump(&call->session->host, &call->gone, &call->err);
	if (code == PM_OK)
		call->result = json_object_new_object();
	return code;
}
