// SPDX-License-Identifier: GPL-2.0-or-later
/* Diagnosis of main/api/diagnosis.ts. */
#include "words.h"
#include <string.h>

#define RUNS_MAX 256u
#define SAMPLES_MAX 8u
#define PARTS 64u
#define COUNT_MAX ((UINT64_C(1) << 53) - 1) /* what a client's number holds exactly */

static const char *const names[] = {
#define NAME(id, name) name,
	PM_DIAGNOSES(NAME)
#undef NAME
};

static void put(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

static struct json_object *number(uint64_t value)
{
	return json_object_new_uint64(value < COUNT_MAX ? value : COUNT_MAX);
}

static struct json_object *runs_json(const struct group *group)
{
	struct json_object *runs = json_object_new_array();
	size_t i = 0;

	while (i < group->pages && json_object_array_length(runs) < RUNS_MAX) {
		struct json_object *run = json_object_new_object();
		uint64_t first = group->findings[i].page, last = first;

		for (i++; i < group->pages && group->findings[i].page - last <= 1; i++)
			last = group->findings[i].page;
		put(run, "page", number(first));
		put(run, "pages", number(last - first + 1));
		json_object_array_add(runs, run);
	}
	return runs;
}

static struct json_object *bits_json(const struct group *group)
{
	struct json_object *bits, *lanes;

	if (!group->bits_known)
		return NULL;
	bits = json_object_new_object();
	lanes = json_object_new_array();
	put(bits, "flips", number(group->to_one + group->to_zero));
	put(bits, "toOne", number(group->to_one));
	put(bits, "toZero", number(group->to_zero));
	for (unsigned i = 0; i < 64; i++) {
		struct json_object *lane;

		if (!group->lanes[i])
			continue;
		lane = json_object_new_object();
		put(lane, "lane", number(i));
		put(lane, "flips", number(group->lanes[i]));
		json_object_array_add(lanes, lane);
	}
	put(bits, "lanes", lanes);
	return bits;
}

static struct json_object *line_json(const struct group *group)
{
	return group->kind == PM_DIAGNOSIS_ALIASED ? number(group->parameter) : NULL;
}

static struct json_object *distance_json(const struct group *group)
{
	int64_t distance = (int64_t)(group->kind == PM_DIAGNOSIS_ALIASED ? group->parameter2 : group->parameter);

	if (group->kind != PM_DIAGNOSIS_ALIASED && group->kind != PM_DIAGNOSIS_DISPLACED &&
	    group->kind != PM_DIAGNOSIS_SHIFTED)
		return NULL;
	if ((uint64_t)distance == PARAMETER_MANY || distance > (int64_t)COUNT_MAX || distance < -(int64_t)COUNT_MAX)
		return NULL;
	return json_object_new_int64(distance);
}

static struct json_object *offsets_json(const struct group *group)
{
	struct json_object *offsets;

	if (group->first == NO_OFFSET)
		return NULL;
	offsets = json_object_new_object();
	put(offsets, "first", number(group->first));
	put(offsets, "last", number(group->last));
	return offsets;
}

static struct json_object *histogram_json(const struct pm_surroundings *around, const struct group *group)
{
	struct json_object *histogram = json_object_new_array();
	uint64_t span = around->end_page > around->first_page ? around->end_page - around->first_page : 1;
	uint64_t parts[PARTS] = {0};

	for (size_t i = 0; i < group->pages; i++) {
		uint64_t page = group->findings[i].page, from, part;

		from = page > around->first_page ? page - around->first_page : 0;
		part = span < UINT64_MAX / PARTS ? (from < span ? from * PARTS / span : PARTS - 1)
						 : from / (span / PARTS);
		parts[part < PARTS ? part : PARTS - 1]++;
	}
	for (unsigned i = 0; i < PARTS; i++)
		json_object_array_add(histogram, number(parts[i]));
	return histogram;
}

static struct json_object *hex_json(const uint8_t *bytes, bool known)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * SAMPLE_BYTES];

	if (!known)
		return NULL;
	for (unsigned i = 0; i < SAMPLE_BYTES; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	return json_object_new_string_len(text, sizeof(text));
}

static struct json_object *samples_json(const struct pm_diagnosis *diagnosis, const struct group *group)
{
	struct json_object *samples = json_object_new_array();

	for (size_t i = 0; i < group->pages && json_object_array_length(samples) < SAMPLES_MAX; i++) {
		const struct finding *finding = &group->findings[i];
		const struct sample *sample = &diagnosis->samples[finding->sample - 1];
		struct json_object *object;

		if (!finding->sample)
			continue;
		object = json_object_new_object();
		put(object, "page", number(finding->page));
		put(object, "address", number(sample->address));
		put(object, "expected", hex_json(sample->expected, sample->expected_known));
		put(object, "found", hex_json(sample->found, sample->found_known));
		json_object_array_add(samples, object);
	}
	return samples;
}

struct json_object *group_json(const struct pm_diagnosis *diagnosis, const struct group *group)
{
	struct json_object *object = json_object_new_object();
	char text[WORDS_BYTES];

	put(object, "kind", json_object_new_string(names[group->kind]));
	words_title(diagnosis, group, text);
	put(object, "title", json_object_new_string(text));
	words_detail(diagnosis, group, text);
	put(object, "detail", json_object_new_string(text));
	put(object, "cause", json_object_new_string(words_cause(group)));
	put(object, "confidence", number(group->confidence));
	put(object, "pages", number(group->pages));
	put(object, "runs", runs_json(group));
	put(object, "bits", bits_json(group));
	put(object, "addressLine", line_json(group));
	put(object, "distance", distance_json(group));
	put(object, "offsets", offsets_json(group));
	put(object, "histogram", histogram_json(&diagnosis->around, group));
	put(object, "samples", samples_json(diagnosis, group));
	return object;
}
