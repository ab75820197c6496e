/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The objects of main/api/model.ts that a session tells; those of core alone are in json/shapes.h. */
#ifndef PMPOOL_HELPER_JSON_BUILD_H
#define PMPOOL_HELPER_JSON_BUILD_H

#include "call.h"
#include "guarded.h"
#include "json/shapes.h"

enum pm_code json_host_info(struct session *session, struct json_object **info, struct pm_error *err);
enum pm_code json_region(struct session *session, const struct pm_region_info *info, struct json_object **region,
			 struct pm_error *err);
enum pm_code json_pool(struct attached *attached, struct json_object **pool, struct pm_error *err);
struct json_object *json_pool_regions(const struct attached *attached); /* PoolRegion[], by index */
struct json_object *json_allocation(const struct attached *attached, const struct run_copy *run);
struct json_object *json_log_entry(const struct pm_log_entry *entry);

#endif
