// SPDX-License-Identifier: GPL-2.0-or-later
/* Verdict of main/api/model.ts. */
#include "compare_json.h"
#include "judge.h"
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
	put_text(verdict, "summary", text);
}

static struct json_object *boot_json(const struct pm_judge *judge)
{
	static const char *const how[] = {
		[PM_BOOT_KEXEC] = "kexec",
		[PM_BOOT_SAME] = "same-boot",
		[PM_BOOT_OTHER] = "other-boot",
	};
	struct json_object *boot = json_object_new_object();

	put_text(boot, "before", pm_json_text(judge->facts, "bootId"));
	put_text(boot, "after", judge->boot_after);
	put_text(boot, "kernelBefore", pm_json_text(judge->facts, "kernel"));
	put_text(boot, "kernelAfter", judge->kernel_after);
	put_bool(boot, "nonceSeen", judge->nonce_seen);
	put_text(boot, "how", how[judge->boot]);
	return boot;
}

static struct json_object *regions_json(const struct pm_judge *judge)
{
	struct json_object *regions = json_object_new_array();

	for (size_t i = 0; i < judge->region_count; i++) {
		const struct pm_superblock *sb = judge->regions[i].sb;
		struct json_object *region = json_object_new_object();

		put_number(region, "index", sb->region_index);
		put_number(region, "base", sb->physical_base);
		put_number(region, "size", sb->region_bytes);
		put_number(region, "firstPage", sb->first_pool_page);
		put_number(region, "pages", sb->page_count);
		json_object_array_add(regions, region);
	}
	return regions;
}

/* NULL: null, none was expected. */
static struct json_object *free_json(const struct pm_judge *judge)
{
	struct json_object *pages;

	if (!judge->free.expected)
		return NULL;
	pages = json_object_new_object();
	put_text(pages, "pattern", pm_pattern_name(judge->free.pattern.kind));
	put_number(pages, "checked", judge->free.checked);
	put_number(pages, "changed", judge->free.changed);
	put_number(pages, "skipped", judge->free.skipped);
	return pages;
}

static struct json_object *host_json(const struct pm_judge *judge)
{
	struct json_object *host = json_object_new_object();

	json_object_object_add(host, "changes", json_object_get(judge->host_changes));
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

		put_text(record, "name", fate->record.name);
		put_text(record, "owner", fate->record.owner);
		put_number(record, "page", fate->page);
		put_number(record, "pages", fate->record.pages);
		put_text(record, "state", fate_name(judge, fate));
		put_number(record, "changedPages", fate->changed_pages);
		json_object_array_add(records, record);
	}
	return records;
}

struct json_object *pm_verdict_json(struct pm_judge *judge, uint64_t started_ns)
{
	struct json_object *verdict = json_object_new_object(), *pages = json_object_new_object();
	char pool[PM_UUID_TEXT];

	pm_uuid_format(judge->file.pool.pool_uuid, pool);
	put_number(pages, "expected", pm_snapshot_totals(judge->snapshot)->pages);
	put_number(pages, "compared", judge->compared);
	put_number(pages, "changed", judge->changed);
	put_bool(verdict, "intact", judge->class == PM_CLASS_INTACT);
	put_text(verdict, "class", class_names[judge->class]);
	put_summary(judge, verdict);
	put_bool(verdict, "simulated", judge->host->simulated);
	put_text(verdict, "pool", pool);
	put_text(verdict, "poolName", judge->regions[0].sb->pool_name);
	put_text(verdict, "expectation", pm_json_text(judge->facts, "id"));
	json_object_object_add(verdict, "boot", boot_json(judge));
	json_object_object_add(verdict, "checks", json_object_get(judge->checks));
	json_object_object_add(verdict, "regions", regions_json(judge));
	json_object_object_add(verdict, "pages", pages);
	put_bool(verdict, "content", pm_snapshot_has_bytes(judge->snapshot));
	json_object_object_add(verdict, "changedRuns", pm_changes_runs_json(&judge->changes));
	json_object_object_add(verdict, "diagnoses", json_object_get(judge->diagnoses));
	json_object_object_add(verdict, "taken", json_object_get(judge->taken));
	json_object_object_add(verdict, "host", host_json(judge));
	json_object_object_add(verdict, "freePages", free_json(judge));
	json_object_object_add(verdict, "records", records_json(judge));
	put_number(verdict, "reachedAt", pm_wall_ms());
	put_number(verdict, "durationMs", (pm_monotonic_ns() - started_ns) / 1000000);
	put_number(verdict, "comparedBytes", judge->compared * PM_PAGE_SIZE);
	return verdict;
}
