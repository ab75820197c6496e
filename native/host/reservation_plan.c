/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check.h"
#include "reservation.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static enum pm_code refuse(const struct pm_reservation_wish *wish, struct pm_error *err)
{
	if (!wish->bytes || wish->base >= PM_ADDRESS_END || wish->bytes > PM_ADDRESS_END - wish->base)
		return pm_fail(err, PM_E_OUT_OF_RANGE, "0x%" PRIx64 " bytes at 0x%" PRIx64 " are no range", wish->bytes,
			       wish->base);
	return PM_OK;
}

static struct json_object *plan_json(const struct pm_host *host, const struct pm_memory_map *map,
				     const struct pm_reservation_wish *wish, const struct pm_reservation_edit *edit)
{
	struct json_object *plan = json_object_new_object(), *checks = json_object_new_array();

	pm_reservation_checks(host, map, wish, edit, checks);
	json_object_object_add(plan, "base", json_object_new_uint64(wish->base));
	json_object_object_add(plan, "size", json_object_new_uint64(wish->bytes));
	json_object_object_add(plan, "kind", json_object_new_string(wish->pmem ? "pmem" : "reserved"));
	json_set_text(plan, "option", edit->option);
	json_set_text(plan, "cmdline", edit->cmdline);
	json_object_object_add(plan, "checks", checks);
	json_object_object_add(plan, "loaders", pm_reservation_loaders(host, wish, edit));
	return plan;
}

enum pm_code pm_reservation_plan(const struct pm_host *host, const struct pm_reservation_wish *wish,
				 struct json_object **plan, struct pm_error *err)
{
	struct pm_reservation_edit edit;
	struct pm_memory_map map;
	char *cmdline;
	enum pm_code code = refuse(wish, err);

	*plan = NULL;
	code = code ? code : pm_host_read_all(host, "/proc/cmdline", &cmdline, err);
	if (code)
		return code;
	code = pm_reservation_edit(cmdline, wish, &edit);
	free(cmdline);
	if (code)
		return pm_fail(err, code, "no memory for the command line");
	code = pm_memory_map_read(host, &map, err);
	if (!code) {
		*plan = plan_json(host, &map, wish, &edit);
		pm_memory_map_free(&map);
	}
	pm_reservation_edit_free(&edit);
	return code;
}
