// SPDX-License-Identifier: GPL-2.0-or-later
/* Facts before and after beside each other. */
#include "check.h"
#include "facts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 1024u
#define LINES_MAX 8192u

void pm_change_add(struct json_object *changes, const char *what, const char *before, const char *after)
{
	struct json_object *change;

	if (json_object_array_length(changes) >= PM_FACTS_CHANGES)
		return;
	change = json_object_new_object();
	json_set_text(change, "what", what);
	json_set_text(change, "before", before);
	json_set_text(change, "after", after);
	json_object_array_add(changes, change);
}

struct json_object *pm_facts_list(struct json_object *facts, const char *key)
{
	return json_has(facts, key, json_type_array) ? json_member(facts, key) : NULL;
}

static void compare_texts(struct json_object *before, struct json_object *after, struct json_object *changes)
{
	static const char *const texts[][2] = {
		{"kernel", "kernel release"},
		{"version", "kernel build"},
		{"cpu", "processor"},
		{"microcode", "microcode revision"},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *was = json_text(before, texts[i][0]), *is = json_text(after, texts[i][0]);

		if (*was && *is && strcmp(was, is) != 0)
			pm_change_add(changes, texts[i][1], was, is);
	}
}

/* The kernel's own size moves the total a little. */
static void compare_memory(struct json_object *before, struct json_object *after, struct json_object *changes)
{
	struct json_object *was, *is;
	char texts[2][48];

	if (!json_object_object_get_ex(before, "memory", &was) || !json_object_object_get_ex(after, "memory", &is) ||
	    !json_object_is_type(was, json_type_int) || !json_object_is_type(is, json_type_int))
		return;
	if (json_object_get_uint64(was) >> 20 == json_object_get_uint64(is) >> 20)
		return;
	snprintf(texts[0], sizeof(texts[0]), "%llu MiB", (unsigned long long)json_object_get_uint64(was) >> 20);
	snprintf(texts[1], sizeof(texts[1]), "%llu MiB", (unsigned long long)json_object_get_uint64(is) >> 20);
	pm_change_add(changes, "memory of the kernel", texts[0], texts[1]);
}

/* --- options of the command line --- */

struct words {
	char *text; /* cut into words */
	const char *word[OPTIONS_MAX];
	size_t count;
};

/* Each boot has another nonce, and a boot loader names its file. */
static bool counts(const char *option)
{
	return strncmp(option, "pmpool.nonce=", 13) != 0 && strncmp(option, "BOOT_IMAGE=", 11) != 0;
}

static void words_cut(struct words *words, const char *text)
{
	char *rest, *word;

	words->count = 0;
	words->text = rest = strdup(text);
	while (rest && (word = strsep(&rest, " \t\n")) != NULL)
		if (*word && counts(word) && words->count < OPTIONS_MAX)
			words->word[words->count++] = word;
}

static bool has(const struct words *words, const char *word)
{
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->word[i], word) == 0)
			return true;
	return false;
}

static void missing_in(const struct words *words, const struct words *other, const char *before, const char *after,
		       struct json_object *changes)
{
	char what[512];

	for (size_t i = 0; i < words->count; i++) {
		if (has(other, words->word[i]))
			continue;
		snprintf(what, sizeof(what), "kernel option %s", words->word[i]);
		pm_change_add(changes, what, before, after);
	}
}

static void compare_cmdline(struct json_object *before, struct json_object *after, struct json_object *changes)
{
	const char *was_text = json_text(before, "cmdline"), *is_text = json_text(after, "cmdline");
	struct words *words = calloc(2, sizeof(*words));

	if (words && *was_text && *is_text) {
		words_cut(&words[0], was_text);
		words_cut(&words[1], is_text);
		missing_in(&words[0], &words[1], "given", "not given", changes);
		missing_in(&words[1], &words[0], "not given", "given", changes);
		free(words[0].text);
		free(words[1].text);
	}
	free(words);
}

/* --- the memory map --- */

struct line {
	const char *range; /* "100000000-13fffffff : Reserved", without its indentation */
	const char *name;
	size_t length; /* of the range itself */
};

static size_t lines_of(struct json_object *list, struct line *lines)
{
	size_t count = 0;

	for (size_t i = 0; i < json_object_array_length(list) && count < LINES_MAX; i++) {
		const char *text = json_object_get_string(json_object_array_get_idx(list, i)), *colon;

		text = text ? text + strspn(text, " ") : "";
		colon = strstr(text, " : ");
		/* The kernel lies somewhere else in RAM at each boot. */
		if (!colon || strncmp(colon + 3, "Kernel ", 7) == 0)
			continue;
		lines[count++] = (struct line){text, colon + 3, (size_t)(colon - text)};
	}
	return count;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct line *)a)->range, ((const struct line *)b)->range);
}

static bool same_range(const struct line *a, const struct line *b)
{
	return a->length == b->length && memcmp(a->range, b->range, a->length) == 0;
}

static void map_change(const struct line *line, const char *before, const char *after, struct json_object *changes)
{
	char what[96];

	snprintf(what, sizeof(what), "memory map %.*s", line->length < 48 ? (int)line->length : 48, line->range);
	pm_change_add(changes, what, before, after);
}

/* Both sorted: a merge. A line that is on one side only, next to one of the same range, is another name for it. */
static void merge_lines(const struct line *was, size_t was_count, const struct line *is, size_t is_count,
			struct json_object *changes)
{
	size_t i = 0, j = 0;

	while (i < was_count || j < is_count) {
		int order = i == was_count ? 1 : j == is_count ? -1 : strcmp(was[i].range, is[j].range);

		if (order == 0) {
			i++, j++;
		} else if (i < was_count && j < is_count && same_range(&was[i], &is[j])) {
			map_change(&was[i], was[i].name, is[j].name, changes);
			i++, j++;
		} else if (order < 0) {
			map_change(&was[i], was[i].name, "not listed", changes);
			i++;
		} else {
			map_change(&is[j], "not listed", is[j].name, changes);
			j++;
		}
	}
}

static void compare_iomem(struct json_object *before, struct json_object *after, struct json_object *changes)
{
	struct json_object *was = pm_facts_list(before, "iomem"), *is = pm_facts_list(after, "iomem");
	struct line *lines = was && is ? calloc(2 * LINES_MAX, sizeof(*lines)) : NULL;

	if (lines) {
		size_t was_count = lines_of(was, lines), is_count = lines_of(is, lines + LINES_MAX);

		qsort(lines, was_count, sizeof(*lines), by_text);
		qsort(lines + LINES_MAX, is_count, sizeof(*lines), by_text);
		merge_lines(lines, was_count, lines + LINES_MAX, is_count, changes);
	}
	free(lines);
}

struct json_object *pm_host_changes(struct json_object *before, struct json_object *after)
{
	struct json_object *changes = json_object_new_array();

	if (!json_object_is_type(before, json_type_object) || !json_object_is_type(after, json_type_object))
		return changes;
	compare_texts(before, after, changes);
	compare_memory(before, after, changes);
	compare_cmdline(before, after, changes);
	compare_iomem(before, after, changes);
	pm_changes_devices(before, after, changes);
	return changes;
}
