// SPDX-License-Identifier: GPL-2.0-or-later
/* Verdict of main/api/model.ts. */
#include "judge.h"
#include "json/shapes.h"
#include "meter.h"
#include <inttypes.h>
#include <stdio.h>

static const char *const class_names[] = {
	[PM_CLASS_REGION_GONE] = "region-gone",
	[PM_CLASS_REGION_MOVED] = "region-moved",
	[PM_CLASS_BECAME_RAM] = "became-ram",
	[PM_CLASS_SUPERBLOCK_LOST] = "superblock-lost",
	[PM_CLASS_METADATA_TORN] = "metadata-torn",
	[PM_CLASS_CONTENT_CHANGED] = "content-changed",
	[PM_CLASS_RECORDS_CHANGED] = "records-changed",
	[PM_CLASS_WRONG_BOOT] = "wrong-boot",
	[PM_CLASS_INTACT] = "intact",
};

static void put_summary(const struct pm_judge *judge, struct json_object *verdict)
{
	uint64_t pages = pm_snapshot_totals(judge->snapshot)->pages;
	char text[256], which[64] = "", lost[64] = "";

	if (judge->free.changed)
		snprintf(lost, sizeof(lost), ", and %" PRIu64 " free ones lost their pattern", judge->free.changed);
	if (judge->region_count > 1 && judge->culprit)
		snprintf(which, sizeof(which), " %" PRIu32 " at %#" PRIx64, judge->culprit->sb->region_index,
			 judge->culprit->sb->physical_base);

	switch (judge->class) {
	case PM_CLASS_REGION_GONE:
		snprintf(text, sizeof(text), "Nothing gives the region%s away any more.", which);
		break;
	case PM_CLASS_REGION_MOVED:
		snprintf(text, sizeof(text), "The region%s has another address or size than the pool was made for.",
			 which);
		break;
	case PM_CLASS_BECAME_RAM:
		snprintf(text, sizeof(text), "Linux uses the region%s as ordinary memory now.", which);
		break;
	case PM_CLASS_SUPERBLOCK_LOST:
		snprintf(text, sizeof(text), "The pool's superblock is lost; %" PRIu64 " of %" PRIu64 " pages changed.",
			 judge->changed, pages);
		break;
	case PM_CLASS_METADATA_TORN:
		snprintf(text, sizeof(text),
			 "The pool's metadata is damaged; %" PRIu64 " of %" PRIu64 " pages changed.", judge->changed,
			 pages);
		break;
	case PM_CLASS_CONTENT_CHANGED:
		snprintf(text, sizeof(text), "%" PRIu64 " of %" PRIu64 " pages changed%s.", judge->changed, pages,
			 lost);
		break;
	case PM_CLASS_RECORDS_CHANGED:
		snprintf(text, sizeof(text), "All %" PRIu64 " pages are unchanged, but records or allocations differ.",
			 pages);
		break;
	case PM_CLASS_WRONG_BOOT:
		snprintf(text, sizeof(text), "All %" PRIu64 " pages are unchanged, but %s.", pages,
			 judge->boot == PM_BOOT_SAME ? "the same kernel still runs: no kexec took place"
						     : "this is not the planned boot");
		break;
	case PM_CLASS_INTACT:
		snprintf(text, sizeof(text), "All %" PRIu64 " pages and %zu record%s came through unchanged.", pages,
			 judge->fate_count, judge->fate_count == 1 ? "" : "s");
		break;
	}
	json_set_text(verdict, "summary", text);
}

static struct json_object *boot_json(const struct pm_judge *judge)
{
	static const char *const how[] = {
		[PM_BOOT_KEXEC] = "kexec",
		[PM_BOOT_SAME] = "same-boot",
		[PM_BOOT_OTHER] = "other-boot",
	};
	struct json_object *boot = json_object_new_object();

	json_set_text(boot, "before", json_text(judge->facts, "bootId"));
	json_set_text(boot, "after", judge->boot_after);
	json_set_text(boot, "kernelBefore", json_text(judge->facts, "kernel"));
	json_set_text(boot, "kernelAfter", judge->kernel_after);
	json_set_bool(boot, "nonceSeen", judge->nonce_seen);
	json_set_text(boot, "how", how[judge->boot]);
	return boot;
}

static struct json_object *regions_json(const struct pm_judge *judge)
{
	struct json_object *regions = json_object_new_array();

	for (size_t i = 0; i < judge->region_count; i++)
		json_object_array_add(regions, json_region_place(judge->regions[i].sb));
	return regions;
}

/* NULL: null, none was expected. */
static struct json_object *free_json(const struct pm_judge *judge)
{
	struct json_object *pages;

	if (!judge->free.expected)
		return NULL;
	pages = json_object_new_object();
	json_set_text(pages, "pattern", pm_pattern_name(judge->free.pattern.kind));
	json_set_count(pages, "checked", judge->free.checked);
	json_set_count(pages, "changed", judge->free.changed);
	json_set_count(pages, "skipped", judge->free.skipped);
	return pages;
}

static struct json_object *host_json(const struct pm_judge *judge)
{
	struct json_object *host = json_object_new_object();

	json_set(host, "changes", json_object_get(judge->host_changes));
	return host;
}

static const char *fate_name(const struct pm_judge *judge, const struct pm_fate *fate)
{
	if (fate->unreadable)
		return "unreadable";
	if (fate->missing)
		return "missing";
	if (fate->differs)
		return "record-changed";
	return fate->changed_pages ? "content-changed" : "intact";
}

static struct json_object *records_json(const struct pm_judge *judge)
{
	struct json_object *records = json_object_new_array();

	for (size_t i = 0; i < judge->fate_count; i++) {
		const struct pm_fate *fate = &judge->fates[i];
		struct json_object *record = json_object_new_object();

		json_set_text(record, "name", fate->record.name);
		json_set_text(record, "owner", fate->record.owner);
		json_set_count(record, "page", fate->page);
		json_set_count(record, "pages", fate->record.pages);
		json_set_text(record, "state", fate_name(judge, fate));
		json_set_count(record, "changedPages", fate->changed_pages);
		json_object_array_add(records, record);
	}
	return records;
}

struct json_object *pm_verdict_json(struct pm_judge *judge, uint64_t started_ns)
{
	struct json_object *verdict = json_object_new_object(), *pages = json_object_new_object();

	json_set_count(pages, "expected", pm_snapshot_totals(judge->snapshot)->pages);
	json_set_count(pages, "compared", judge->compared);
	json_set_count(pages, "changed", judge->changed);
	json_set_bool(verdict, "intact", judge->class == PM_CLASS_INTACT);
	json_set_text(verdict, "class", class_names[judge->class]);
	put_summary(judge, verdict);
	json_set_bool(verdict, "simulated", judge->host->simulated);
	json_set_uuid(verdict, "pool", judge->file.pool.pool_uuid);
	json_set_text(verdict, "poolName", judge->regions[0].sb->pool_name);
	json_set_text(verdict, "expectation", json_text(judge->facts, "id"));
	json_set(verdict, "boot", boot_json(judge));
	json_set(verdict, "checks", json_object_get(judge->checks));
	json_set(verdict, "regions", regions_json(judge));
	json_set(verdict, "pages", pages);
	json_set_bool(verdict, "content", pm_snapshot_has_bytes(judge->snapshot));
	json_set(verdict, "changedRuns", pm_changes_runs_json(&judge->changes));
	json_set(verdict, "diagnoses", json_object_get(judge->diagnoses));
	json_set(verdict, "taken", json_object_get(judge->taken));
	json_set(verdict, "host", host_json(judge));
	json_set(verdict, "freePages", free_json(judge));
	json_set(verdict, "records", records_json(judge));
	json_set_count(verdict, "reachedAt", pm_wall_ms());
	json_set_count(verdict, "durationMs", (pm_monotonic_ns() - started_ns) / 1000000);
	json_set_count(verdict, "comparedBytes", judge->compared * PM_PAGE_SIZE);
	return verdict;
}
