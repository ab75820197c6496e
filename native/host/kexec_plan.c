// SPDX-License-Identifier: GPL-2.0-or-later
/* The plan: KexecPlan of main/api/model.ts. Changes nothing on the host. */
#include "check.h"
#include "kexec_checks.h"
#include "kexec_cmdline.h"
#include "kexec_image.h"
#include "pmpool/kexec.h"
#include "uuid.h"
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct draft {
	struct pm_kexec_target target;
	char kernel[1024], initrd[1024];
	char *running, *next;
	char nonce[33];
	char boot_id[PM_UUID_TEXT];
};

static enum pm_code choose_images(struct draft *draft, const struct pm_kexec_request *request, struct pm_error *err)
{
	if (request->kernel && strlen(request->kernel) >= sizeof(draft->kernel))
		return pm_fail(err, PM_E_INVALID_PARAMS, "The path of the kernel is too long.");
	if (request->initrd && strlen(request->initrd) >= sizeof(draft->initrd))
		return pm_fail(err, PM_E_INVALID_PARAMS, "The path of the initrd is too long.");
	if (request->kernel)
		memcpy(draft->kernel, request->kernel, strlen(request->kernel) + 1);
	else
		pm_image_default_kernel(draft->target.host, draft->kernel);
	if (request->initrd)
		memcpy(draft->initrd, request->initrd, strlen(request->initrd) + 1);
	else
		pm_image_default_initrd(draft->target.host, draft->kernel, draft->initrd);
	draft->target.kernel = draft->kernel;
	draft->target.initrd = draft->initrd[0] ? draft->initrd : NULL;
	return PM_OK;
}

static enum pm_code read_host(struct draft *draft, struct pm_error *err)
{
	uint8_t boot_id[16], nonce[16];
	enum pm_code code = pm_host_read_all(draft->target.host, "/proc/cmdline", &draft->running, err);

	if (!code)
		code = pm_host_boot_id(draft->target.host, boot_id, err);
	if (code)
		return code;
	pm_uuid_format(boot_id, draft->boot_id);
	if (getrandom(nonce, sizeof(nonce), 0) != (ssize_t)sizeof(nonce))
		return pm_fail(err, PM_E_INTERNAL, "No random bytes: %s.", strerror(errno));
	pm_hex_format(nonce, sizeof(nonce), draft->nonce);
	return PM_OK;
}

static enum pm_code write_cmdline(struct draft *draft, const struct pm_kexec_request *request, struct pm_error *err)
{
	struct pm_cmdline_edit edit = {
		.from = request->cmdline ? request->cmdline : draft->running,
		.append = request->append,
		.nonce = draft->nonce,
		.drop = request->drop_reservation,
		.base = draft->target.region.base,
		.bytes = draft->target.region.bytes,
	};
	enum pm_code code = PM_OK;

	if (request->cmdline)
		code = pm_cmdline_refuse(request->cmdline, "The command line", err);
	if (!code && request->append)
		code = pm_cmdline_refuse(request->append, "What is to be appended", err);
	if (!code && request->append && strstr(request->append, "pmpool.nonce="))
		code = pm_fail(err, PM_E_INVALID_PARAMS, "pmpool.nonce= is not yours to choose.");
	if (!code)
		code = pm_cmdline_edit(&edit, &draft->next, err);
	draft->target.cmdline = draft->next;
	return code;
}

static struct json_object *region_json(const struct pm_region_info *info)
{
	struct json_object *region = json_object_new_object();

	json_object_object_add(region, "id", json_object_new_string(info->id));
	json_object_object_add(region, "base", json_object_new_uint64(info->base));
	json_object_object_add(region, "size", json_object_new_uint64(info->bytes));
	return region;
}

static struct json_object *plan_json(const struct draft *draft, const struct pm_pool *pool)
{
	const struct pm_kexec_target *target = &draft->target;
	struct json_object *plan = json_object_new_object(), *checks = json_object_new_array();
	char uuid[PM_UUID_TEXT];

	pm_uuid_format(pool->sb.pool_uuid, uuid);
	pm_kexec_checks(target, checks);
	json_object_object_add(plan, "pool", json_object_new_string(uuid));
	json_object_object_add(plan, "bootId", json_object_new_string(draft->boot_id));
	json_object_object_add(plan, "region", region_json(&target->region));
	json_object_object_add(plan, "kernel", json_object_new_string(target->kernel));
	json_object_object_add(plan, "initrd", target->initrd ? json_object_new_string(target->initrd) : NULL);
	json_object_object_add(plan, "cmdline", json_object_new_string(draft->next));
	json_object_object_add(plan, "added", pm_cmdline_difference(draft->next, draft->running));
	json_object_object_add(plan, "removed", pm_cmdline_difference(draft->running, draft->next));
	json_object_object_add(plan, "nonce", json_object_new_string(draft->nonce));
	json_object_object_add(plan, "dropReservation", json_object_new_boolean(target->drop));
	json_object_object_add(plan, "simulated", json_object_new_boolean(target->host->simulated));
	json_object_object_add(plan, "checks", checks);
	return plan;
}

enum pm_code pm_kexec_plan(const struct pm_host *host, const struct pm_pool *pool,
			   const struct pm_kexec_request *request, struct json_object **plan, struct pm_error *err)
{
	struct draft draft = {.target = {.host = host, .drop = request->drop_reservation}};
	enum pm_code code = choose_images(&draft, request, err);

	*plan = NULL;
	if (!code)
		code = pm_kexec_region(&draft.target, pool->sb.physical_base, pool->sb.region_bytes, err);
	if (!code)
		code = read_host(&draft, err);
	if (!code)
		code = write_cmdline(&draft, request, err);
	if (!code)
		*plan = plan_json(&draft, pool);
	free(draft.running);
	free(draft.next);
	return code;
}
