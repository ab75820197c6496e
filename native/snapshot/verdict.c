// SPDX-License-Identifier: GPL-2.0-or-later
/* The order in which a verdict is reached, and its JSON: Verdict of main/api/model.ts. */
#include "judge.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_text(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, pm_json_clean(text, strlen(text)));
}

static void put_number(struct json_object *object, const char *key, uint64_t number)
{
	json_object_object_add(object, key, json_object_new_uint64(number));
}

static void put_bool(struct json_object *object, const char *key, bool value)
{
	json_object_object_add(object, key, json_object_new_boolean(value));
}

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
	uint64_t pages = judge->file.result.pages;
	char text[256];

	switch (judge->class) {
	case PM_CLASS_REGION_GONE:
		snprintf(text, sizeof(text), "Nothing gives the region away any more.");
		break;
	case PM_CLASS_REGION_MOVED:
		snprintf(text, sizeof(text), "The region has another address or size than the pool was made for.");
		break;
	case PM_CLASS_BECAME_RAM:
		snprintf(text, sizeof(text), "Linux uses the region as ordinary memory now.");
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
		snprintf(text, sizeof(text), "%" PRIu64 " of %" PRIu64 " pages changed.", judge->changed, pages);
		break;
	case PM_CLASS_RECORDS_CHANGED:
		snprintf(text, sizeof(text), "All %" PRIu64 " pages are unchanged, but records or allocations differ.",
			 pages);
		break;
	case PM_CLASS_WRONG_BOOT:
		snprintf(text, sizeof(text), "All %" PRIu64 " pages are unchanged, but this is not the planned boot.",
			 pages);
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
	struct json_object *boot = json_object_new_object();

	put_text(boot, "before", pm_json_text(judge->facts, "bootId"));
	put_text(boot, "after", judge->boot_after);
	put_text(boot, "kernelBefore", pm_json_text(judge->facts, "kernel"));
	put_text(boot, "kernelAfter", judge->kernel_after);
	put_bool(boot, "nonceSeen", judge->nonce_seen);
	return boot;
}

static struct json_object *runs_json(const struct pm_judge *judge)
{
	static const char *const kinds[] = {"zeroed", "ones", "changed", "unreadable"};
	struct json_object *runs = json_object_new_array();

	for (size_t i = 0; i < judge->run_count; i++) {
		struct json_object *run = json_object_new_object();

		put_number(run, "page", judge->runs[i].page);
		put_number(run, "pages", judge->runs[i].pages);
		put_text(run, "kind", kinds[judge->runs[i].kind]);
		json_object_array_add(runs, run);
	}
	return runs;
}

static const char *fate_name(const struct pm_judge *judge, const struct pm_fate *fate)
{
	if (!judge->open || fate->unreadable)
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
		put_number(record, "page", fate->record.page);
		put_number(record, "pages", fate->record.pages);
		put_text(record, "state", fate_name(judge, fate));
		put_number(record, "changedPages", fate->changed_pages);
		json_object_array_add(records, record);
	}
	return records;
}

static struct json_object *verdict_json(struct pm_judge *judge, uint64_t started_ns)
{
	struct json_object *verdict = json_object_new_object(), *pages = json_object_new_object();
	char pool[PM_UUID_TEXT];

	pm_uuid_format(judge->file.sb.pool_uuid, pool);
	put_number(pages, "expected", judge->file.result.pages);
	put_number(pages, "compared", judge->compared);
	put_number(pages, "changed", judge->changed);
	put_bool(verdict, "intact", judge->class == PM_CLASS_INTACT);
	put_text(verdict, "class", class_names[judge->class]);
	put_summary(judge, verdict);
	put_bool(verdict, "simulated", judge->host->simulated);
	put_text(verdict, "pool", pool);
	put_text(verdict, "poolName", judge->file.sb.pool_name);
	put_text(verdict, "expectation", pm_json_text(judge->facts, "id"));
	json_object_object_add(verdict, "boot", boot_json(judge));
	json_object_object_add(verdict, "checks", json_object_get(judge->checks));
	json_object_object_add(verdict, "pages", pages);
	json_object_object_add(verdict, "changedRuns", runs_json(judge));
	json_object_object_add(verdict, "records", records_json(judge));
	put_number(verdict, "reachedAt", pm_wall_ms());
	put_number(verdict, "durationMs", (pm_monotonic_ns() - started_ns) / 1000000);
	put_number(verdict, "comparedBytes", judge->compared * PM_PAGE_SIZE);
	return verdict;
}

static enum pm_code facts_check(struct pm_judge *judge, struct pm_error *err)
{
	uint8_t boot_id[16];

	if (!judge->file.expectation || !json_object_object_get_ex(judge->file.meta, "facts", &judge->facts) ||
	    !json_object_is_type(judge->facts, json_type_object))
		return pm_fail(err, PM_E_FILE_FOREIGN, "The file holds no expectation.");
	if (!*pm_json_text(judge->facts, "id") || !pm_uuid_parse(pm_json_text(judge->facts, "bootId"), boot_id))
		return pm_fail(err, PM_E_FILE_CORRUPT, "The expectation names no id or no boot.");
	return PM_OK;
}

/* The mark of a holder that died is for the next one who changes the pool: then only closing gives the lock up. */
static void unlock(struct pm_judge *judge)
{
	if (judge->locked && !judge->region.abandoned)
		pm_region_unlock(&judge->region);
	judge->locked = false;
}

/* All sections, then the records as a whole, then the groups, then the trailer. */
static enum pm_code judge_file(struct pm_judge *judge, struct pm_error *err)
{
	bool books_closed = false;

	for (;;) {
		enum pm_code code = pm_file_next(&judge->file, err);

		if (!code && judge->file.part == PM_PART_SECTION) {
			code = pm_judge_section(judge, err);
		} else if (!code && !books_closed) {
			code = pm_judge_records(judge, err);
			unlock(judge);
			books_closed = true;
		}
		if (!code && judge->file.part == PM_PART_GROUP)
			code = pm_judge_group(judge, err);
		if (code || judge->file.part == PM_PART_DONE)
			return code;
	}
}

static enum pm_code judge_all(struct pm_judge *judge, int fd, struct pm_task *task, struct pm_error *err)
{
	enum pm_code code = pm_file_open(&judge->file, fd, err);
	bool found;

	if (!code)
		code = facts_check(judge, err);
	if (!code)
		code = pm_judge_boot(judge, err);
	if (!code)
		code = pm_judge_place(judge, err);
	if (!code && !judge->open)
		code = pm_judge_search(judge, &found, err);
	if (!code && judge->open)
		code = pm_judge_superblock(judge, err);
	if (code)
		return code;
	/* How much there is to compare stands in the trailer only; the region bounds it. */
	pm_meter_start(&judge->meter, task, judge->file.sb.region_bytes);
	code = judge_file(judge, err);
	if (code)
		return code;
	pm_judge_content(judge);
	judge->meter.total = judge->meter.done;
	pm_meter_end(&judge->meter);
	return PM_OK;
}

enum pm_code pm_verdict_reach(const struct pm_host *host, int expectation_fd, struct pm_task *task,
			      struct json_object **verdict, struct pm_error *err)
{
	struct pm_judge *judge = calloc(1, sizeof(*judge));
	uint64_t started_ns = pm_monotonic_ns();
	enum pm_code code;

	*verdict = NULL;
	if (!judge)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to reach a verdict.");
	judge->host = host;
	judge->class = PM_CLASS_INTACT;
	judge->checks = json_object_new_array();
	judge->now = malloc(PM_SLICE_BYTES);
	code = judge->now ? judge_all(judge, expectation_fd, task, err)
			  : pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to reach a verdict.");
	if (!code)
		*verdict = verdict_json(judge, started_ns);
	unlock(judge);
	if (judge->open)
		pm_region_close(&judge->region);
	pm_file_close(&judge->file);
	json_object_put(judge->checks);
	free(judge->now);
	free(judge->record_bytes);
	free(judge->fates);
	free(judge->cmdline);
	free(judge);
	return code;
}
