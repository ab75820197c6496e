/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects of main/api out of a file. Text is made valid UTF-8, counts stay below 2^53. */
#ifndef PMPOOL_FFI_JSON_H
#define PMPOOL_FFI_JSON_H

#include <json-c/json.h>
#include <pmpool/core.h>
#include <stdbool.h>

void put(struct json_object *object, const char *name, struct json_object *value);
void put_text(struct json_object *object, const char *name, const char *text);
void put_count(struct json_object *object, const char *name, uint64_t value);
void put_bool(struct json_object *object, const char *name, bool value);
void put_field(struct json_object *object, const char *name, const char *field, size_t size); /* fixed size */
void put_uuid(struct json_object *object, const char *name, const uint8_t uuid[16]);
void put_digest(struct json_object *object, const char *name, const uint8_t digest[16]);

/* Of an object that nobody has checked: NULL, "" and 0 when it is missing or of another type. */
struct json_object *member(struct json_object *object, const char *name);
const char *member_text(struct json_object *object, const char *name);
uint64_t member_count(struct json_object *object, const char *name);

struct json_object *error_json(enum pm_code code, const char *message); /* LabError */
struct json_object *allocation_json(const struct pm_pool *pool, const struct pm_run *run); /* Allocation */
struct json_object *usage_json(const struct pm_usage *usage); /* Usage */
struct json_object *regions_json(const struct pm_pool *pool); /* PoolRegion[] */
/* The same of a file whose metadata cannot be attached: what the superblocks say. */
struct json_object *superblocks_json(const struct pm_superblock *superblocks, size_t count);

#endif
