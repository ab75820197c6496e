/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What check and repair answer, as main/api/model.ts has it. */
#include "checked.h"
#include "json_build.h"
#include <inttypes.h>
#include <stdio.h>

#define PATCHES_LISTED 4096u

struct json_object *json_checked_regions(const struct checked *checked)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < checked->check.region_count; i++) {
		const struct pm_checked_region *found = &checked->check.regions[i];
		const struct pm_region *region = &checked->mapped.parts[i].region;
		struct json_object *object = json_object_new_object();

		json_set(object, "index", found->readable ? json_object_new_uint64(found->index) : NULL);
		json_set_text(object, "region", region->info.id);
		json_set_count(object, "offset", region->offset);
		json_set_count(object, "size", checked->mappings[i].bytes);
		json_set_bool(object, "busy", found->busy);
		json_set_count(object, "blocksSplit", found->blocks_split);
		json_set_count(object, "records", found->records);
		json_set_count(object, "recordSlots", found->record_slots);
		json_set_count(object, "logEntries", found->log_entries);
		json_object_array_add(list, object);
	}
	return list;
}

static struct json_object *or_null(uint64_t value)
{
	return value == PM_NOWHERE ? NULL : json_object_new_uint64(value < JSON_COUNT_MAX ? value : JSON_COUNT_MAX);
}

static struct json_object *json_finding(const struct pm_finding *finding)
{
	struct json_object *object = json_object_new_object();

	json_set_text(object, "code", pm_finding_name(finding->code));
	json_set_text(object, "severity", pm_severity_name(finding->severity));
	json_set_count(object, "region", finding->region_index);
	json_set(object, "offset", or_null(finding->offset));
	json_set_count(object, "bytes", finding->bytes);
	json_set(object, "page", or_null(finding->page));
	json_set_count(object, "pages", finding->pages);
	json_set_text(object, "text", finding->text);
	json_set_text(object, "meaning", pm_finding_meaning(finding->code));
	json_set_bool(object, "repairable", finding->repairable);
	json_set_text(object, "repair", pm_finding_repair(finding->code));
	json_set_text(object, "refusal", finding->refusal);
	return object;
}

struct json_object *json_findings(const struct pm_check *check)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < check->finding_count; i++)
		json_object_array_add(list, json_finding(&check->findings[i]));
	return list;
}

struct json_object *json_check_summary(const struct pm_check *check)
{
	struct json_object *object = json_object_new_object(), *counts = json_object_new_object();
	uint64_t found = 0;

	for (unsigned code = 0; code < PM_FINDING_CODES; code++) {
		found += check->counts[code];
		if (check->counts[code])
			json_set_count(counts, pm_finding_name(code), check->counts[code]);
	}
	json_set_bool(object, "clean",
		      !check->severities[PM_SEVERITY_DAMAGE] && !check->severities[PM_SEVERITY_LEFTOVER]);
	json_set_count(object, "findings", found);
	json_set_count(object, "damage", check->severities[PM_SEVERITY_DAMAGE]);
	json_set_count(object, "leftovers", check->severities[PM_SEVERITY_LEFTOVER]);
	json_set_count(object, "hints", check->severities[PM_SEVERITY_HINT]);
	json_set_count(object, "repairable", check->repairable);
	json_set_count(object, "refused", check->refused);
	json_set(object, "counts", counts);
	return object;
}

/* In the order in which they stand in the region. */
static void word_hex(uint64_t word, char text[17])
{
	for (int i = 0; i < 8; i++)
		snprintf(text + 2 * i, 3, "%02x", (unsigned)(word >> (8 * i) & 0xff));
}

struct json_object *json_patches(const struct pm_check *check)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < check->patch_count && i < PATCHES_LISTED; i++) {
		const struct pm_patch *patch = &check->patches[i];
		struct json_object *object = json_object_new_object();
		char text[17];

		json_set_count(object, "region", check->regions[patch->mapping].index);
		json_set_count(object, "offset", patch->offset);
		word_hex(patch->old_word, text);
		json_set_text(object, "from", text);
		word_hex(patch->new_word, text);
		json_set_text(object, "to", text);
		json_object_array_add(list, object);
	}
	return list;
}
