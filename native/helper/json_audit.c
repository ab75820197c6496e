/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json_audit.h"
#include <stdlib.h>
#include <string.h>

struct json_object *json_bad(const struct attached *attached, const struct bad_copy *bad)
{
	struct json_object *object = json_object_new_object();

	json_set_count(object, "recordId", bad->record.id);
	json_set_count(object, "page", bad->page);
	json_set_count(object, "pages", bad->pages);
	json_set_count(object, "address", pm_page_address(&attached->pool, bad->page));
	json_set_field(object, "who", bad->record.owner, sizeof(bad->record.owner));
	json_set_field(object, "why", bad->record.purpose, sizeof(bad->record.purpose));
	json_set_time(object, "at", bad->record.created_ns);
	json_set_uuid(object, "bootId", bad->record.boot_id);
	return object;
}

static struct json_object *share_object(uint64_t allocations, uint64_t pages)
{
	struct json_object *object = json_object_new_object();

	json_set_count(object, "allocations", allocations);
	json_set_count(object, "pages", pages);
	return object;
}

static struct json_object *free_runs_array(const struct pm_usage *usage)
{
	struct json_object *array = json_object_new_array();

	for (unsigned order = 0; order < PM_ORDERS; order++) {
		struct json_object *object;

		if (usage->free_runs_by_size[order] == 0)
			continue;
		object = json_object_new_object();
		json_set_count(object, "order", order);
		json_set_count(object, "runs", usage->free_runs_by_size[order]);
		json_set_count(object, "pages", usage->free_pages_by_size[order]);
		json_object_array_add(array, object);
	}
	return array;
}

/* The largest order that fits the pages of one region, were they all free. */
static unsigned order_max(const struct pm_pool *pool)
{
	unsigned order = 0;

	for (uint32_t i = 0; i < pool->region_count; i++) {
		uint64_t pages = pool->infos[i].data_end - pool->infos[i].data_first;

		while (order + 1 < PM_ORDERS && UINT64_C(2) << order <= pages)
			order++;
	}
	return order;
}

static struct json_object *fragmentation_array(const struct pm_pool *pool, const struct pm_usage *usage)
{
	struct json_object *array = json_object_new_array();

	for (unsigned order = 0; order <= order_max(pool); order++) {
		struct json_object *object = json_object_new_object();

		json_set_count(object, "order", order);
		json_set_count(object, "fits", usage->fits[order]);
		json_set_count(object, "unusable", audit_unusable(usage, order));
		json_object_array_add(array, object);
	}
	return array;
}

/* The unnamed ones stand where their pages put them. */
static struct json_object *owners_array(const struct audit *audit)
{
	struct json_object *array = json_object_new_array(), *unnamed = NULL;

	if (audit->unnamed.allocations > 0) {
		unnamed = share_object(audit->unnamed.allocations, audit->unnamed.pages);
		json_set(unnamed, "owner", NULL);
	}
	for (size_t i = 0; i < audit->owners.count && json_object_array_length(array) < AUDIT_LIST_MAX; i++) {
		const struct tally_entry *entry = &audit->owners.entries[i];
		struct json_object *object;

		if (unnamed && entry->pages < audit->unnamed.pages) {
			json_object_array_add(array, unnamed);
			unnamed = NULL;
		}
		object = share_object(entry->allocations, entry->pages);
		json_set_field(object, "owner", (const char *)entry->key, sizeof(entry->key));
		json_object_array_add(array, object);
	}
	if (unnamed)
		json_object_array_add(array, unnamed);
	return array;
}

static struct json_object *boots_array(const struct audit *audit, const uint8_t running[16])
{
	struct json_object *array = json_object_new_array(), *object;

	for (size_t i = 0; i < audit->boots.count && i < AUDIT_LIST_MAX; i++) {
		const struct tally_entry *entry = &audit->boots.entries[i];

		object = share_object(entry->allocations, entry->pages);
		json_set_uuid(object, "bootId", entry->key);
		json_set_time(object, "at", entry->at_ns);
		json_set_bool(object, "current", memcmp(entry->key, running, 16) == 0);
		json_object_array_add(array, object);
	}
	if (audit->unknown_boot.allocations > 0) {
		object = share_object(audit->unknown_boot.allocations, audit->unknown_boot.pages);
		json_set(object, "bootId", NULL);
		json_set(object, "at", NULL);
		json_set_bool(object, "current", false);
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *ages_array(const struct audit *audit)
{
	static const char *const names[AGE_CLASSES] = {"hour", "day", "week", "month", "older", "unknown"};
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < AGE_CLASSES; i++) {
		struct json_object *object = share_object(audit->ages[i].allocations, audit->ages[i].pages);

		json_set_text(object, "age", names[i]);
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *leak_object(const struct attached *attached, const struct leak *leak)
{
	struct json_object *object = json_object_new_object();

	json_set_count(object, "page", leak->page);
	json_set_count(object, "pages", leak->pages);
	json_set_count(object, "address", pm_page_address(&attached->pool, leak->page));
	json_set(object, "allocatedAt", NULL);
	json_set(object, "bootId", NULL);
	json_set(object, "actor", NULL);
	if (leak->known) {
		json_set_time(object, "allocatedAt", leak->time_ns);
		json_set_uuid(object, "bootId", leak->boot_id);
		json_set_field(object, "actor", leak->actor, sizeof(leak->actor));
	}
	return object;
}

static struct json_object *leaks_object(const struct attached *attached, const struct audit *audit,
					const uint8_t older_than[16])
{
	struct json_object *object = share_object(audit->leaked.allocations, audit->leaked.pages);
	struct json_object *runs = json_object_new_array();

	for (size_t i = 0; i < audit->leak_count; i++)
		json_object_array_add(runs, leak_object(attached, &audit->leaks[i]));
	json_set_uuid(object, "olderThanBoot", older_than);
	json_set(object, "runs", runs);
	return object;
}

static struct json_object *bad_array(const struct attached *attached, const struct audit *audit)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < audit->bad_count && i < AUDIT_LIST_MAX; i++)
		json_object_array_add(array, json_bad(attached, &audit->bad[i]));
	return array;
}

struct json_object *json_audit(const struct attached *attached, const struct audit *audit, const uint8_t older_than[16],
			       const struct pm_act *act)
{
	struct json_object *object = json_object_new_object();

	json_set_text(object, "pool", attached->uuid);
	json_set_count(object, "sequence", audit->sequence);
	json_set_time(object, "at", act->time_ns);
	json_set_uuid(object, "bootId", act->boot_id);
	json_set(object, "usage", json_usage(&audit->usage));
	json_set_count(object, "metadataBytes", audit->usage.metadata_bytes);
	json_set_count(object, "freeRuns", audit->usage.free_runs);
	json_set(object, "freeRunsBySize", free_runs_array(&audit->usage));
	json_set(object, "fragmentation", fragmentation_array(&attached->pool, &audit->usage));
	json_set(object, "owners", owners_array(audit));
	json_set(object, "boots", boots_array(audit, act->boot_id));
	json_set(object, "ages", ages_array(audit));
	json_set(object, "leaks", leaks_object(attached, audit, older_than));
	json_set(object, "bad", bad_array(attached, audit));
	return object;
}
