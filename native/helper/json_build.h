/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The objects of main/api/model.ts. Strings from a region or a file are made valid UTF-8, counts stay below 2^53. */
#ifndef PMPOOL_HELPER_JSON_BUILD_H
#define PMPOOL_HELPER_JSON_BUILD_H

#include "call.h"
#include "guarded.h"

#define JSON_COUNT_MAX ((UINT64_C(1) << 53) - 1)

void json_set(struct json_object *object, const char *name, struct json_object *value);
void json_set_count(struct json_object *object, const char *name, uint64_t value);
void json_set_text(struct json_object *object, const char *name, const char *text);
/* Text of a fixed-size field: up to its first NUL or its end. */
void json_set_field(struct json_object *object, const char *name, const char *field, size_t size);
void json_set_bool(struct json_object *object, const char *name, bool value);
void json_set_uuid(struct json_object *object, const char *name, const uint8_t uuid[16]);
void json_set_time(struct json_object *object, const char *name, uint64_t time_ns);

uint64_t json_count(struct json_object *object, const char *name); /* 0 when absent */
const char *json_text(struct json_object *object, const char *name); /* "" when absent or null */
bool json_flag(struct json_object *object, const char *name);
struct json_object *json_member(struct json_object *object, const char *name);

struct json_object *json_error(enum pm_code code, const char *message); /* LabError */
struct json_object *json_error_data(enum pm_code code, const char *confirm); /* ErrorData */
enum pm_code json_host_info(struct session *session, struct json_object **info, struct pm_error *err);
enum pm_code json_region(struct session *session, const struct pm_region_info *info, struct json_object **region,
			 struct pm_error *err);
struct json_object *json_usage(const struct pm_usage *usage); /* Usage */
const char *json_medium(uint32_t medium); /* Medium */
struct json_object *json_node(int32_t numa_node); /* NULL: not known */
enum pm_code json_pool(struct attached *attached, struct json_object **pool, struct pm_error *err);
struct json_object *json_pool_regions(const struct attached *attached); /* PoolRegion[], by index */
struct json_object *json_allocation(const struct attached *attached, const struct run_copy *run);
struct json_object *json_log_entry(const struct pm_log_entry *entry);

#endif
