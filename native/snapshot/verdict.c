// SPDX-License-Identifier: GPL-2.0-or-later
/* The order in which a verdict is reached. */
#include "host/facts.h"
#include "judge.h"
#include "meter.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum pm_code facts_check(struct pm_judge *judge, struct pm_error *err)
{
	uint8_t boot_id[16];

	judge->facts = json_part(judge->file.meta, "facts");
	if (!judge->file.expectation || !judge->facts)
		return pm_fail(err, PM_E_FILE_FOREIGN, "The file holds no expectation.");
	if (!*json_text(judge->facts, "id") || !pm_uuid_parse(json_text(judge->facts, "bootId"), boot_id))
		return pm_fail(err, PM_E_FILE_CORRUPT, "The expectation names no id or no boot.");
	return PM_OK;
}

static enum pm_code regions_make(struct pm_judge *judge, struct pm_error *err)
{
	judge->regions = calloc(judge->file.pool.present, sizeof(*judge->regions));
	if (!judge->regions)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to reach a verdict.");
	judge->region_count = judge->file.pool.present;
	for (size_t i = 0; i < judge->region_count; i++)
		judge->regions[i] = (struct pm_judged){.sb = &judge->file.regions[i], .number = i};
	return PM_OK;
}

struct pm_judged *pm_judge_region(struct pm_judge *judge, uint64_t page)
{
	const struct pm_superblock *sb = pm_file_region(&judge->file, page);

	return sb ? &judge->regions[sb - judge->file.regions] : NULL;
}

bool pm_judge_any_open(const struct pm_judge *judge)
{
	for (size_t i = 0; i < judge->region_count; i++)
		if (judge->regions[i].open)
			return true;
	return false;
}

void pm_judge_add(struct pm_judge *judge, const struct pm_judged *judged, const char *id, enum pm_level level,
		  const char *title, const char *remedy, const char *detail, ...)
{
	char numbered[64], text[2048];
	va_list arguments;

	va_start(arguments, detail);
	vsnprintf(text, sizeof(text), detail, arguments);
	va_end(arguments);
	if (judged->number)
		snprintf(numbered, sizeof(numbered), "%s-%zu", id, judged->number);
	else
		snprintf(numbered, sizeof(numbered), "%s", id);
	if (judge->region_count > 1)
		pm_check_add(judge->checks, numbered, level, title, remedy, "Region %" PRIu32 ": %s",
			     judged->sb->region_index, text);
	else
		pm_check_add(judge->checks, numbered, level, title, remedy, "%s", text);
}

static enum pm_code cancelled(const struct pm_judge *judge, struct pm_error *err)
{
	if (judge->task && atomic_load_explicit(&judge->task->cancelled, memory_order_relaxed))
		return pm_fail(err, PM_E_CANCELLED, "Cancelled.");
	return PM_OK;
}

/* States and records, then the books as a whole; what follows in the file are pages. */
static enum pm_code judge_metadata(struct pm_judge *judge, struct pm_error *err)
{
	enum pm_code code;

	for (;;) {
		code = cancelled(judge, err);
		if (!code)
			code = pm_file_next(&judge->file, err);
		if (code)
			return code;
		if (judge->file.part == PM_PART_STATES)
			code = pm_judge_states(judge, err);
		else if (judge->file.part == PM_PART_RECORDS)
			code = pm_judge_records(judge, err);
		else if (judge->file.part != PM_PART_LOG)
			break;
		if (code)
			return code;
	}
	code = pm_judge_books(judge, err);
	pm_judge_unlock(judge);
	if (!code && judge->task && judge->task->metadata_copied)
		judge->task->metadata_copied(judge->task->context);
	return code;
}

/* One region: its place, else where it is now, then its superblock. */
static enum pm_code judge_region(struct pm_judge *judge, struct pm_judged *judged, struct pm_error *err)
{
	enum pm_class before = judge->class;
	enum pm_code code = pm_judge_place(judge, judged, err);

	if (!code && !judged->open)
		code = pm_judge_search(judge, judged, err);
	if (!code && judged->open)
		code = pm_judge_superblock(judge, judged, err);
	if (judge->class < before)
		judge->culprit = judged;
	return code;
}

/* A file that is not whole says nothing of what it does not show. */
static enum pm_code snapshot_open(struct pm_judge *judge, int fd, struct pm_error *err)
{
	enum pm_code code = pm_snapshot_open(fd, &judge->snapshot, err);

	return code ? code : pm_snapshot_damage(judge->snapshot, err);
}

static enum pm_code expectation_open(struct pm_judge *judge, int fd, struct pm_error *err)
{
	enum pm_code code = pm_file_open(&judge->file, fd, err);

	if (!code)
		code = facts_check(judge, err);
	if (!code)
		code = snapshot_open(judge, fd, err);
	if (!code)
		code = regions_make(judge, err);
	return code ? code : pm_judge_free_open(judge, err);
}

/* What else is different about this machine. */
static enum pm_code judge_host(struct pm_judge *judge, struct pm_error *err)
{
	struct json_object *after = NULL;
	enum pm_code code = pm_judge_taken(judge, err);

	if (!code)
		code = pm_host_facts(judge->host, &after, err);
	if (code)
		return code;
	judge->host_changes = pm_host_changes(json_member(judge->facts, "hostFacts"), after);
	json_object_put(after);
	return PM_OK;
}

static enum pm_code judge_all(struct pm_judge *judge, int fd, struct pm_error *err)
{
	enum pm_code code = expectation_open(judge, fd, err);

	if (!code)
		code = pm_judge_boot(judge, err);
	if (!code)
		code = judge_host(judge, err);
	for (size_t i = 0; !code && i < judge->region_count; i++)
		code = judge_region(judge, &judge->regions[i], err);
	if (!code && pm_judge_any_open(judge))
		code = pm_judge_metadata(judge, err);
	if (!code)
		code = judge_metadata(judge, err);
	if (!code)
		code = pm_judge_pages(judge, err);
	if (code)
		return code;
	pm_judge_content(judge);
	pm_judge_free_check(judge);
	if (judge->free.changed)
		pm_changes_sort(&judge->changes);
	return pm_judge_diagnose(judge, err);
}

static void judge_close(struct pm_judge *judge)
{
	pm_judge_unlock(judge);
	for (size_t i = 0; i < judge->region_count; i++)
		if (judge->regions[i].open)
			pm_region_close(&judge->regions[i].region);
	pm_snapshot_close(judge->snapshot);
	pm_file_close(&judge->file);
	pm_windows_free(&judge->windows);
	pm_changes_close(&judge->changes);
	pm_judge_free_close(judge);
	json_object_put(judge->checks);
	json_object_put(judge->diagnoses);
	json_object_put(judge->taken);
	json_object_put(judge->host_changes);
	free(judge->held);
	free(judge->now);
	free(judge->regions);
	free(judge->extents);
	free(judge->fates);
	free(judge->cmdline);
	free(judge);
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
	judge->task = task;
	judge->class = PM_CLASS_INTACT;
	judge->checks = json_object_new_array();
	judge->now = malloc(PM_SLICE_BYTES);
	code = judge->now ? judge_all(judge, expectation_fd, err)
			  : pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to reach a verdict.");
	if (!code)
		*verdict = pm_verdict_json(judge, started_ns);
	judge_close(judge);
	return code;
}
