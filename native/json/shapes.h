/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The objects of main/api/model.ts that are told by core alone: the same of a pool, a snapshot and a verdict. */
#ifndef PMPOOL_JSON_SHAPES_H
#define PMPOOL_JSON_SHAPES_H

#include "json.h"
#include <pmpool/core.h>

struct json_object *json_error(enum pm_code code, const char *message); /* LabError; "": the table's reason */
struct json_object *json_error_of(const struct pm_error *error); /* the same; NULL of PM_OK */
struct json_object *json_error_data(enum pm_code code, const char *confirm); /* ErrorData */
struct json_object *json_usage(const struct pm_usage *usage); /* Usage */
const char *json_medium(uint32_t medium); /* Medium */
struct json_object *json_node(int32_t numa_node); /* NULL: not known */
struct json_object *json_pages(uint64_t page, uint64_t pages);
/* Allocation; `record` NULL: it has no name. */
struct json_object *json_allocation_of(const struct pm_pool *pool, uint64_t page, uint64_t pages,
				       const struct pm_record *record);
/* Where a region stands in its pool: index, base, size, firstPage, pages. */
struct json_object *json_region_place(const struct pm_superblock *sb);

/* PoolRegion. `region`: its id on this host, NULL of a file. `pool`: has its directory, NULL where that cannot be
 * read. `error`: why it is not there. */
struct json_object *json_pool_region(const struct pm_member_info *info, const char *region, uint64_t offset,
				     const struct pm_pool *pool, const struct pm_error *error);

#endif
