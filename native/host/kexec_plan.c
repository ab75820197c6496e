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
	const struct pm_kexec_target *target = &draft->target;
	struct pm_cmdline_range *ranges = calloc(target->count, sizeof(*ranges));
	struct pm_cmdline_edit edit = {
		.from = request->cmdline ? request->cmdline : draft->running,
		.append = request->append,
		.nonce = draft->nonce,
		.drop = ranges,
		.drop_count = target->drop ? target->count : 0,
	};
	enum pm_code code = ranges ? PM_OK : pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for the command line.");

	for (size_t i = 0; ranges && i < target->count; i++)
		ranges[i] = (struct pm_cmdline_range){target->regions[i].info.base, target->regions[i].info.bytes};

	if (!code && request->cmdline)
		code = pm_cmdline_refuse(request->cmdline, "The command line", err);
	if (!code && request->append)
		code = pm_cmdline_refuse(request->append, "What is to be appended", err);
	if (!code && request->append && strstr(request->append, "pmpool.nonce="))
		code = pm_fail(err, PM_E_INVALID_PARAMS, "pmpool.nonce= is not yours to choose.");
	if (!code)
		code = pm_cmdline_edit(&edit, &draft->next, err);
	free(ranges);
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

/* A kexec may bring a missing region back, or lose it for good: nobody can tell from here. */
static void check_degraded(const struct pm_pool *pool, struct json_object *checks)
{
	uint32_t missing = 0, first = 0;

	for (uint32_t i = pool->region_count; i > 0; i--)
		if (!pool->infos[i - 1].present) {
			missing++;
			first = i - 1;
		}
	if (missing)
		pm_check_add(checks, "pool-degraded", PM_WARN, "A region of the pool is missing already",
			     "Bring it back first: boot with its memmap= or attach its device.",
			     "%u of %u regions are missing, the first of them region %u; nothing is checked for them.",
			     (unsigned)missing, (unsigned)pool->region_count, (unsigned)first);
}

static struct json_object *plan_json(const struct draft *draft, const struct pm_pool *pool)
{
	const struct pm_kexec_target *target = &draft->target;
	struct json_object *plan = json_object_new_object(), *checks = json_object_new_array();
	struct json_object *regions = json_object_new_array();
	char uuid[PM_UUID_TEXT];

	pm_uuid_format(pool->sb.pool_uuid, uuid);
	pm_kexec_checks(target, checks);
	check_degraded(pool, checks);
	for (size_t i = 0; i < target->count; i++)
		json_object_array_add(regions, region_json(&target->regions[i].info));
	json_object_object_add(plan, "pool", json_object_new_string(uuid));
	json_object_object_add(plan, "bootId", json_object_new_string(draft->boot_id));
	json_object_object_add(plan, "region", region_json(&target->regions[0].info));
	json_object_object_add(plan, "regions", regions);
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
	for (uint32_t i = 0; !code && i < pool->region_count; i++)
		if (pool->infos[i].present)
			code = pm_kexec_region(&draft.target, pool->infos[i].physical_base, pool->infos[i].bytes, err);
	if (!code)
		code = read_host(&draft, err);
	if (!code)
		code = write_cmdline(&draft, request, err);
	if (!code)
		*plan = plan_json(&draft, pool);
	free(draft.target.regions);
	free(draft.running);
	free(draft.next);
	return code;
}
