/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acts.h"
#include "host/readiness.h"
#include "json_build.h"
#include <time.h>
#include <unistd.h>

static const uint64_t protocol_versions[] = {1}; /* protocolVersions of main/api/methods.ts */

static bool speaks(struct json_object *offered, uint64_t version)
{
	for (size_t i = 0; i < json_object_array_length(offered); i++)
		if (json_object_get_uint64(json_object_array_get_idx(offered, i)) == version)
			return true;
	return false;
}

static uint64_t newest_common(struct json_object *offered)
{
	for (size_t i = 0; i < sizeof(protocol_versions) / sizeof(protocol_versions[0]); i++)
		if (speaks(offered, protocol_versions[i]))
			return protocol_versions[i];
	return 0;
}

enum pm_code act_initialize(struct call *call)
{
	uint64_t version = newest_common(param_object(call, "protocol"));
	struct json_object *info = NULL, *helper;
	enum pm_code code;

	if (version == 0)
		return pm_fail(&call->err, PM_E_VERSION_MISMATCH, "this helper speaks protocol version 1 only");
	code = json_host_info(call->session, &info, &call->err);
	if (code != PM_OK)
		return code;
	helper = json_object_new_object();
	json_set_text(helper, "name", "pmpool");
	json_set_text(helper, "version", PMPOOL_VERSION);
	json_set_count(helper, "pid", (uint64_t)getpid());
	call->result = json_object_new_object();
	json_set_count(call->result, "protocol", version);
	json_set(call->result, "helper", helper);
	json_set(call->result, "host", info);
	return PM_OK;
}

enum pm_code act_host_info(struct call *call)
{
	return json_host_info(call->session, &call->result, &call->err);
}

enum pm_code act_host_readiness(struct call *call)
{
	struct json_object *checks = json_object_new_array();
	struct timespec now;
	uint8_t boot_id[16];
	enum pm_code code = pm_host_boot_id(&call->session->host, boot_id, &call->err);

	code = code ? code : pm_readiness(&call->session->host, checks, &call->err);
	if (code) {
		json_object_put(checks);
		return code;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	call->result = json_object_new_object();
	json_set_time(call->result, "at", (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec);
	json_set_uuid(call->result, "bootId", boot_id);
	json_set(call->result, "checks", checks);
	return PM_OK;
}
