/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was meant to be reserved stays on the host, and is held against it. */
#include "act_reservation.h"
#include "host/check.h"
#include "host/reservation.h"
#include "json_build.h"
#include "stored_result.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RESERVATIONS_MAX 256u

const struct param reservation_params[] = {
	{"base", PARAM_COUNT, .required = true},
	{"size", PARAM_COUNT, .required = true},
	{"kind", PARAM_TEXT, .required = true, .max = 16},
	{NULL, PARAM_COUNT},
};
const struct param reservation_id_params[] = {
	{"id", PARAM_FILE_NAME, .required = true},
	{NULL, PARAM_COUNT},
};

static bool known_kind(const char *kind)
{
	return strcmp(kind, "reserved") == 0 || strcmp(kind, "pmem") == 0;
}

static enum pm_code read_wish(struct call *call, struct pm_reservation_wish *wish)
{
	const char *kind = param_text(call, "kind", "");

	if (!known_kind(kind))
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter kind: reserved or pmem, not `%s`", kind);
	wish->base = param_count(call, "base", 0);
	wish->bytes = param_count(call, "size", 0);
	wish->pmem = strcmp(kind, "pmem") == 0;
	return PM_OK;
}

enum pm_code act_reservation_plan(struct call *call)
{
	struct pm_reservation_wish wish;
	enum pm_code code = read_wish(call, &wish);

	return code ? code : pm_reservation_plan(&call->session->host, &wish, &call->result, &call->err);
}

/* The host as it is now, for all that were kept. */
struct now {
	struct pm_memory_map map;
	struct pm_region_info *regions;
	size_t region_count;
	char boot_id[PM_UUID_TEXT];
};

static enum pm_code now_read(struct call *call, struct now *now)
{
	const struct pm_host *host = &call->session->host;
	uint8_t boot_id[16];
	enum pm_code code;

	memset(now, 0, sizeof(*now));
	code = pm_host_boot_id(host, boot_id, &call->err);
	code = code ? code : pm_memory_map_read(host, &now->map, &call->err);
	code = code ? code : pm_region_list(host, &now->regions, &now->region_count, &call->err);
	if (!code)
		pm_uuid_format(boot_id, now->boot_id);
	return code;
}

static void now_free(struct now *now)
{
	pm_memory_map_free(&now->map);
	free(now->regions);
}

/* A kept file, or one of somebody else's making in its place: false. */
static bool wish_of(struct json_object *kept, struct pm_reservation_wish *wish)
{
	struct json_object *base = json_member(kept, "base"), *size = json_member(kept, "size");
	uint8_t boot_id[16];

	wish->base = json_count(kept, "base");
	wish->bytes = json_count(kept, "size");
	wish->pmem = strcmp(json_text(kept, "kind"), "pmem") == 0;
	return json_object_is_type(base, json_type_int) && json_object_is_type(size, json_type_int) &&
	       json_object_is_type(json_member(kept, "keptAt"), json_type_int) && wish->bytes > 0 &&
	       wish->base < PM_ADDRESS_END && wish->bytes <= PM_ADDRESS_END - wish->base &&
	       known_kind(json_text(kept, "kind")) && file_name_valid(json_text(kept, "id")) &&
	       pm_uuid_parse(json_text(kept, "keptBootId"), boot_id);
}

static const char *state_of(struct json_object *kept, const struct now *now, struct json_object *checks)
{
	if (strcmp(json_text(kept, "keptBootId"), now->boot_id) == 0)
		return "waiting";
	return pm_check_failed(checks) ? "differs" : "arrived";
}

/* Reservation of main/api/hostMethods.ts. */
static struct json_object *reservation(struct json_object *kept, const struct pm_reservation_wish *wish,
				       const struct now *now)
{
	struct json_object *object = json_object_new_object(), *checks = json_object_new_array();
	char option[96];

	pm_reservation_read_back(&now->map, now->regions, now->region_count, wish, checks);
	pm_reservation_text(wish, option);
	json_set_text(object, "id", json_text(kept, "id"));
	json_set_count(object, "base", wish->base);
	json_set_count(object, "size", wish->bytes);
	json_set_text(object, "kind", wish->pmem ? "pmem" : "reserved");
	json_set_text(object, "option", option);
	json_set_count(object, "keptAt", json_count(kept, "keptAt"));
	json_set_text(object, "keptBootId", json_text(kept, "keptBootId"));
	json_set_text(object, "state", state_of(kept, now, checks));
	json_set(object, "checks", checks);
	return object;
}

static struct json_object *kept_object(const struct pm_reservation_wish *wish, const struct now *now)
{
	struct json_object *kept = json_object_new_object();
	struct timespec time;
	char id[64];

	clock_gettime(CLOCK_REALTIME, &time);
	snprintf(id, sizeof(id), "%s-%" PRIx64 "-%" PRIx64, wish->pmem ? "pmem" : "reserved", wish->base, wish->bytes);
	json_set_text(kept, "id", id);
	json_set_count(kept, "base", wish->base);
	json_set_count(kept, "size", wish->bytes);
	json_set_text(kept, "kind", wish->pmem ? "pmem" : "reserved");
	json_set_time(kept, "keptAt", (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec);
	json_set_text(kept, "keptBootId", now->boot_id);
	return kept;
}

enum pm_code act_reservation_keep(struct call *call)
{
	struct pm_reservation_wish wish;
	struct json_object *kept;
	struct now now;
	enum pm_code code = read_wish(call, &wish);

	if (code)
		return code;
	if (!wish.bytes || (wish.base | wish.bytes) & 4095 || wish.bytes > PM_ADDRESS_END - wish.base)
		return pm_fail(&call->err, PM_E_REGION_UNALIGNED,
			       "0x%" PRIx64 " bytes at 0x%" PRIx64 " are no range of whole pages", wish.bytes,
			       wish.base);
	code = now_read(call, &now);
	if (!code) {
		kept = kept_object(&wish, &now);
		code = stored_result_put(&call->session->host, &store_reservations, json_text(kept, "id"), kept,
					 &call->err);
		if (!code)
			call->result = reservation(kept, &wish, &now);
		json_object_put(kept);
	}
	now_free(&now);
	return code;
}

enum pm_code act_reservation_list(struct call *call)
{
	static const char *const keys[] = {"id", "base", "size", "kind", "keptAt", "keptBootId", NULL};
	struct json_object *stored = NULL, *list = json_object_new_array();
	struct now now;
	enum pm_code code = now_read(call, &now);

	code = code ? code
		    : stored_results(&call->session->host, &store_reservations, keys, RESERVATIONS_MAX, &stored,
				     &call->err);
	for (size_t i = 0; !code && i < json_object_array_length(stored); i++) {
		struct json_object *kept = json_object_array_get_idx(stored, i);
		struct pm_reservation_wish wish;

		if (wish_of(kept, &wish))
			json_object_array_add(list, reservation(kept, &wish, &now));
	}
	json_object_put(stored);
	now_free(&now);
	call->result = json_object_new_object();
	json_set(call->result, "reservations", list);
	return code;
}

enum pm_code act_reservation_forget(struct call *call)
{
	enum pm_code code =
		store_delete(&call->session->host, &store_reservations, param_text(call, "id", ""), &call->err);

	if (!code)
		call->result = json_object_new_object();
	return code;
}
