// SPDX-License-Identifier: GPL-2.0-or-later
#include "kexec_cmdline.h"
#include "core/text.h"
#include "pmpool/host.h"
#include "size.h"
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESERVATIONS_MAX 512u /* more do not fit a kernel command line of 2048 bytes */
#define KASLR_RANGES 4u /* MAX_MEMMAP_REGIONS of arch/x86/boot/compressed/kaslr.c */

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool pm_option_next(const char **at, struct pm_option *option)
{
	bool quoted = false;
	const char *end;

	while (is_space(**at))
		++*at;
	for (end = *at; *end && (quoted || !is_space(*end)); end++)
		if (*end == '"')
			quoted = !quoted;
	*option = (struct pm_option){*at, (size_t)(end - *at)};
	*at = end;
	return option->length > 0;
}

bool pm_option_is(const struct pm_option *option, const char *prefix)
{
	struct pm_option bare = *option;
	size_t length = strlen(prefix);

	if (bare.length && *bare.text == '"') {
		bare.text++;
		bare.length--;
	}
	return bare.length >= length && strncmp(bare.text, prefix, length) == 0;
}

static bool quote_open(const char *text)
{
	bool open = false;

	for (; *text; text++)
		open ^= *text == '"';
	return open;
}

enum pm_code pm_cmdline_refuse(const char *text, const char *what, struct pm_error *err)
{
	const char *end = text + strlen(text);

	for (const char *at = text, *next = text; at < end; at = next) {
		struct pm_character character;

		if (!pm_text_next(&next, (size_t)(end - at), &character))
			return pm_fail(err, PM_E_INVALID_PARAMS, "%s has a character that cannot be shown at byte %zu.",
				       what, (size_t)(at - text));
	}
	if (quote_open(text))
		return pm_fail(err, PM_E_INVALID_PARAMS, "%s leaves a quote open.", what);
	return PM_OK;
}

/* Room for everything was made before; see pm_cmdline_edit. */
static void put(char *line, const char *text, size_t length)
{
	size_t used = strlen(line);

	if (used && length)
		line[used++] = ' ';
	memcpy(line + used, text, length);
	line[used + length] = 0;
}

static bool overlaps_any(const struct pm_reservation *reservation, const struct pm_cmdline_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (reservation->base < ranges[i].base + ranges[i].bytes &&
		    ranges[i].base < reservation->base + reservation->bytes)
			return true;
	return false;
}

/* Does this option, by itself, reserve any of the ranges. */
static bool touches(const char *text, size_t length, const struct pm_cmdline_edit *edit)
{
	struct pm_reservation list[RESERVATIONS_MAX];
	char *option = strndup(text, length);
	size_t count = 0;
	bool found = false;

	if (!option)
		return false;
	pm_cmdline_parse(option, list, RESERVATIONS_MAX, &count);
	free(option);
	for (size_t i = 0; i < count && !found; i++)
		found = (list[i].kind == PM_RESERVATION_MEMMAP_RESERVED ||
			 list[i].kind == PM_RESERVATION_MEMMAP_PMEM) &&
			overlaps_any(&list[i], edit->drop, edit->drop_count);
	return found;
}

/* memmap=A,B,C without those parts that reserve any of the ranges. */
static void put_without(char *line, const struct pm_option *option, const struct pm_cmdline_edit *edit)
{
	static const char name[] = "memmap=";
	const char *end = option->text + option->length, *at = option->text + strlen(name);
	char *kept = calloc(1, option->length + 2), item[128];
	size_t used = strlen(name);

	if (!kept)
		return;
	memcpy(kept, name, used);
	while (at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at)), *stop = comma ? comma : end;

		snprintf(item, sizeof(item), "%s%.*s", name, (int)(stop - at), at);
		if (!touches(item, strlen(item), edit)) {
			if (used > strlen(name))
				kept[used++] = ',';
			memcpy(kept + used, at, (size_t)(stop - at));
			used += (size_t)(stop - at);
		}
		at = comma ? comma + 1 : end;
	}
	if (used > strlen(name))
		put(line, kept, used);
	free(kept);
}

/* Quotes around a memmap= change nothing; with a space in them it is none that the kernel reads. */
static char *without_quotes(const struct pm_option *option)
{
	char *bare = calloc(1, option->length + 1);
	size_t used = 0;

	for (size_t i = 0; bare && i < option->length; i++) {
		if (is_space(option->text[i])) {
			free(bare);
			return NULL;
		}
		if (option->text[i] != '"')
			bare[used++] = option->text[i];
	}
	return bare;
}

/* An option that reserves some of a range: what it names beside that stays. */
static void put_rest(char *line, const struct pm_option *option, const struct pm_cmdline_edit *edit)
{
	char *bare = without_quotes(option);

	if (bare)
		put_without(line, &(struct pm_option){bare, strlen(bare)}, edit);
	free(bare);
}

static void put_kept(char *line, const struct pm_option *option, const struct pm_cmdline_edit *edit)
{
	if (pm_option_is(option, "BOOT_IMAGE=") || pm_option_is(option, "pmpool.nonce="))
		return;
	if (edit->drop_count == 0 || !touches(option->text, option->length, edit))
		put(line, option->text, option->length);
	else if (pm_option_is(option, "memmap="))
		put_rest(line, option, edit);
}

static bool is_end(const struct pm_option *option)
{
	return option->length == 2 && strncmp(option->text, "--", 2) == 0;
}

enum pm_code pm_cmdline_edit(const struct pm_cmdline_edit *edit, char **next, struct pm_error *err)
{
	const char *at = edit->from, *append = edit->append ? edit->append : "";
	struct pm_option option;
	bool for_init = false;
	char *line, nonce[64];

	*next = NULL;
	if (quote_open(edit->from))
		return pm_fail(err, PM_E_KEXEC_UNSAFE,
			       "The command line leaves a quote open, which would swallow ours.");
	line = calloc(1, strlen(edit->from) + strlen(append) + sizeof(nonce) + 4);
	if (!line)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for the command line.");
	while (!for_init && pm_option_next(&at, &option)) {
		for_init = is_end(&option);
		if (!for_init)
			put_kept(line, &option, edit);
	}
	snprintf(nonce, sizeof(nonce), "pmpool.nonce=%.32s", edit->nonce);
	put(line, nonce, strlen(nonce));
	while (pm_option_next(&append, &option))
		put(line, option.text, option.length);
	if (for_init)
		put(line, "--", 2);
	while (pm_option_next(&at, &option))
		put(line, option.text, option.length);
	*next = line;
	return PM_OK;
}

static bool has_option(const char *cmdline, const struct pm_option *wanted)
{
	struct pm_option option;

	while (pm_option_next(&cmdline, &option))
		if (option.length == wanted->length && strncmp(option.text, wanted->text, wanted->length) == 0)
			return true;
	return false;
}

struct json_object *pm_cmdline_difference(const char *a, const char *b)
{
	struct json_object *list = json_object_new_array();
	struct pm_option option;

	while (pm_option_next(&a, &option))
		if (!has_option(b, &option))
			json_object_array_add(list, json_object_new_string_len(option.text, (int)option.length));
	return list;
}

bool pm_cmdline_reserves(const char *cmdline, uint64_t base, uint64_t bytes)
{
	struct pm_reservation list[RESERVATIONS_MAX];
	uint64_t at = base, end = base + bytes;
	size_t count = 0, i;

	pm_cmdline_parse(cmdline, list, RESERVATIONS_MAX, &count); /* more than that: what fits decides */
	while (at < end) {
		for (i = 0; i < count; i++)
			if ((list[i].kind == PM_RESERVATION_MEMMAP_RESERVED ||
			     list[i].kind == PM_RESERVATION_MEMMAP_PMEM) &&
			    list[i].base <= at && at - list[i].base < list[i].bytes)
				break;
		if (i == count)
			return false;
		at = list[i].base + list[i].bytes;
	}
	return true;
}

/* Parts of a memmap= option that name a range: SIZE with $, # or ! and an address (@ adds RAM). */
static unsigned ranges_of(const struct pm_option *option)
{
	unsigned ranges = 0;
	bool marked = false;

	for (size_t i = 0; i <= option->length; i++) {
		char c = i < option->length ? option->text[i] : ',';

		marked |= c == '$' || c == '#' || c == '!';
		if (c == ',') {
			ranges += marked;
			marked = false;
		}
	}
	return ranges;
}

bool pm_cmdline_kaslr_risk(const char *cmdline, unsigned *ranges)
{
	struct pm_option option;
	bool off = false, unseen = false;

	*ranges = 0;
	while (pm_option_next(&cmdline, &option) && !is_end(&option)) {
		unsigned more = pm_option_is(&option, "memmap=") ? ranges_of(&option) : 0;

		if (option.length == 7 && strncmp(option.text, "nokaslr", 7) == 0)
			off = true;
		/* The option in which the table overflows switches it off; those after a full table go unseen. */
		if (more && *ranges >= KASLR_RANGES)
			unseen = true;
		else if (*ranges + more > KASLR_RANGES)
			off = true;
		*ranges += more;
	}
	return unseen && !off;
}

/* SIZE@ADDRESS or RANGE:SIZE[,RANGE:SIZE...]@ADDRESS: the largest size counts. */
bool pm_crashkernel_read(const char *value, uint64_t *base, uint64_t *bytes)
{
	const char *at = value, *end = value + strlen(value), *place = strchr(value, '@');
	uint64_t size;

	*base = 0;
	*bytes = 0;
	while (at && at < (place ? place : end)) {
		const char *colon = strchr(at, ':'), *comma = strchr(at, ',');

		if (colon && (!place || colon < place) && (!comma || colon < comma))
			at = colon + 1;
		if (pm_read_size(&at, &size) && size > *bytes)
			*bytes = size;
		at = comma ? comma + 1 : NULL;
	}
	if (!place)
		return false;
	place++;
	return pm_read_size(&place, base) && *bytes && *bytes <= UINT64_MAX - *base;
}

static bool crash_range(const struct pm_option *option, uint64_t *base, uint64_t *bytes)
{
	char text[256];
	size_t used = 0;

	for (size_t i = 0; i < option->length && used < sizeof(text) - 1; i++)
		if (option->text[i] != '"')
			text[used++] = option->text[i];
	text[used] = 0;
	return pm_crashkernel_read(text + strlen("crashkernel="), base, bytes);
}

bool pm_cmdline_crash_overlaps(const char *cmdline, uint64_t base, uint64_t bytes, struct pm_option *found)
{
	uint64_t crash_base, crash_bytes;

	while (pm_option_next(&cmdline, found) && !is_end(found))
		if (pm_option_is(found, "crashkernel=") && crash_range(found, &crash_base, &crash_bytes) &&
		    crash_base < base + bytes && base < crash_base + crash_bytes)
			return true;
	return false;
}
