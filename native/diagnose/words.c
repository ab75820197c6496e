// SPDX-License-Identifier: GPL-2.0-or-later
/* What an entry is called. One line, with numbers. */
#include "words.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void words_add(char text[WORDS_BYTES], const char *format, ...)
{
	size_t length = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + length, WORDS_BYTES - length, format, arguments);
	va_end(arguments);
}

const char *words_plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

const char *words_fill(uint64_t word)
{
	/* include/linux/poison.h, and what debuggers, allocators and memory tests write */
	static const struct {
		uint64_t word;
		const char *name;
	} known[] = {
		{UINT64_C(0x6b6b6b6b6b6b6b6b), "freed slab memory, POISON_FREE"},
		{UINT64_C(0x5a5a5a5a5a5a5a5a), "slab memory never written, POISON_INUSE"},
		{UINT64_C(0xaaaaaaaaaaaaaaaa), "freed pages, PAGE_POISON, or a test pattern"},
		{UINT64_C(0xcccccccccccccccc), "freed init memory, POISON_FREE_INITMEM, or int3"},
		{UINT64_C(0xbbbbbbbbbbbbbbbb), "SLUB_RED_INACTIVE"},
		{UINT64_C(0xdead000000000100), "LIST_POISON1"},
		{UINT64_C(0xdead000000000122), "LIST_POISON2"},
		{UINT64_C(0xdead4ead00000000), "POISON of a freed page owner"},
		{UINT64_C(0xdeadbeefdeadbeef), "0xdeadbeef"},
		{UINT64_C(0x5555555555555555), "a test pattern"},
		{UINT64_C(0x3333333333333333), "a test pattern"},
		{UINT64_C(0xf0f0f0f0f0f0f0f0), "a test pattern"},
		{UINT64_C(0x0f0f0f0f0f0f0f0f), "a test pattern"},
		{UINT64_C(0x9090909090909090), "x86 nop"},
		{UINT64_C(0xa5a5a5a5a5a5a5a5), "POISON_END, or allocator junk"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].word == word)
			return known[i].name;
	return NULL;
}

static void title_filled(const struct group *group, char text[WORDS_BYTES])
{
	const char *name = words_fill(group->parameter);
	uint64_t word = group->parameter;

	if (group->mixed) {
		words_add(text, " filled with one value each");
		return;
	}
	if (word == (word & 255) * UINT64_C(0x0101010101010101))
		words_add(text, " filled with byte 0x%02x", (unsigned)(word & 255));
	else
		words_add(text, " filled with word 0x%016" PRIx64, word);
	if (name)
		words_add(text, " (%s)", name);
}

static void add_flips(const struct group *group, char text[WORDS_BYTES])
{
	unsigned lanes = 0, lane = 0;

	for (unsigned i = 0; i < 64; i++)
		if (group->lanes[i]) {
			lanes++;
			lane = i;
		}
	if (group->to_one && group->to_zero)
		words_add(text, ", %" PRIu64 " from 0 to 1 and %" PRIu64 " from 1 to 0", group->to_one, group->to_zero);
	else
		words_add(text, "%s from %s", group->to_one + group->to_zero > 1 ? ", all" : ",",
			  group->to_one ? "0 to 1" : "1 to 0");
	if (lanes == 1)
		words_add(text, " in lane %u", lane);
}

static void title_flips(const struct group *group, char text[WORDS_BYTES])
{
	uint64_t flips = group->to_one + group->to_zero;

	text[0] = 0;
	words_add(text, "%" PRIu64 " flipped bit%s on %zu page%s", flips, words_plural(flips), group->pages,
		  words_plural(group->pages));
	if (flips)
		add_flips(group, text);
}

void words_lanes(uint64_t lanes, char text[WORDS_BYTES])
{
	for (unsigned width = 8; width < 64; width *= 2) {
		uint64_t low = lanes & (~lanes + 1), each = 0;

		for (unsigned at = 0; at < 64; at += width)
			each |= UINT64_C(1) << at;
		/* a bit further up than the width is not of that width, though the product may overflow to it */
		if (low < UINT64_C(1) << width && lanes == low * each) {
			words_add(text, "bit %u of every %u", (unsigned)__builtin_ctzll(lanes), width);
			return;
		}
	}
	words_add(text, "lane%s", words_plural((uint64_t)__builtin_popcountll(lanes)));
	for (const char *between = " "; lanes; lanes &= lanes - 1, between = ", ")
		words_add(text, "%s%d", between, __builtin_ctzll(lanes));
}

static void title_stuck(const struct group *group, char text[WORDS_BYTES])
{
	text[0] = 0;
	if (group->parameter) {
		words_lanes(group->parameter, text);
		words_add(text, " stuck at 1");
	}
	if (group->parameter2) {
		words_add(text, "%s", group->parameter ? ", " : "");
		words_lanes(group->parameter2, text);
		words_add(text, " stuck at 0");
	}
	if (text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
	words_add(text, " on %zu page%s", group->pages, words_plural(group->pages));
	if (group->bits_known)
		words_add(text, ": %" PRIu64 " wrong bits", group->to_one + group->to_zero);
}

void words_distance(int64_t distance, char text[WORDS_BYTES])
{
	uint64_t bytes = distance < 0 ? 0 - (uint64_t)distance : (uint64_t)distance;
	const char *where = distance < 0 ? "further back" : "further on";

	if (bytes % PM_PAGE_SIZE == 0)
		words_add(text, "%" PRIu64 " page%s %s", bytes / PM_PAGE_SIZE, words_plural(bytes / PM_PAGE_SIZE),
			  where);
	else
		words_add(text, "%" PRIu64 " byte%s %s", bytes, words_plural(bytes), where);
}

static void title_displaced(const struct group *group, char text[WORDS_BYTES])
{
	words_add(text, " with content of %s", group->pages == 1 ? "another page" : "other pages");
	if (group->parameter != PARAMETER_MANY) {
		words_add(text, ", ");
		words_distance((int64_t)group->parameter, text);
		words_add(text, " than it belongs");
	}
}

static void title_shifted(const struct group *group, char text[WORDS_BYTES])
{
	words_add(text, " whose content stands ");
	if (group->mixed)
		words_add(text, "some bytes further on or back");
	else
		words_distance((int64_t)group->parameter, text);
}

static void title_torn(const struct group *group, char text[WORDS_BYTES])
{
	static const char *const holds[] = {"zeros", "ones", "one value", "other content"};

	words_add(text, " written partly: %s in bytes %u to %u", holds[group->parameter], group->first, group->last);
	if (group->pages > 1)
		words_add(text, " at most");
}

static void title_overwritten(const struct group *group, char text[WORDS_BYTES])
{
	if (group->parameter == OVERWRITTEN_UNSTEADY)
		words_add(text, " as expected when read again");
	else if (group->parameter == OVERWRITTEN_SHALLOW)
		words_add(text, " changed, not looked at closer");
	else if (group->parameter == OVERWRITTEN_UNKNOWN)
		words_add(text, " changed, not known how");
	else
		words_add(text, " overwritten with something not recognised");
}

static void title_aliased(const struct group *group, char text[WORDS_BYTES])
{
	words_add(text, " with what belongs at another address: address line A%u", (unsigned)group->parameter);
}

static const char *const observed_titles[PM_DIAGNOSIS_COUNT] = {
	[PM_DIAGNOSIS_UNREADABLE] = " that cannot be read",
	[PM_DIAGNOSIS_ZEROED] = " of zeros",
	[PM_DIAGNOSIS_ONES] = " of ones",
};

static const char *const recognised_titles[PM_DIAGNOSIS_COUNT] = {
	[PM_DIAGNOSIS_ELF] = "an ELF file",  [PM_DIAGNOSIS_KERNEL] = "a kernel image",
	[PM_DIAGNOSIS_INITRD] = "an initrd", [PM_DIAGNOSIS_PAGE_TABLE] = "page tables",
	[PM_DIAGNOSIS_TEXT] = "text",	     [PM_DIAGNOSIS_POOL] = "metadata of a pool",
};

static void (*const titles[PM_DIAGNOSIS_COUNT])(const struct group *group, char text[WORDS_BYTES]) = {
	[PM_DIAGNOSIS_FILLED] = title_filled,		[PM_DIAGNOSIS_BIT_FLIP] = title_flips,
	[PM_DIAGNOSIS_BIT_FLIPS] = title_flips,		[PM_DIAGNOSIS_STUCK_BIT] = title_stuck,
	[PM_DIAGNOSIS_ALIASED] = title_aliased,		[PM_DIAGNOSIS_DISPLACED] = title_displaced,
	[PM_DIAGNOSIS_SHIFTED] = title_shifted,		[PM_DIAGNOSIS_TORN] = title_torn,
	[PM_DIAGNOSIS_OVERWRITTEN] = title_overwritten,
};

/* What the notes of all pages begin with: all of it, or up to the first comma; 0 when they differ before that. */
static size_t common_note(const struct pm_diagnosis *diagnosis, const struct group *group, const char **note)
{
	size_t length = 0;

	for (size_t i = 0; i < group->pages; i++) {
		uint32_t sample = group->findings[i].sample;
		const char *own = sample ? diagnosis->samples[sample - 1].note : "";

		if (i == 0) {
			*note = own;
			length = strlen(own);
		}
		if (strlen(own) == length && strncmp(own, *note, length) == 0)
			continue;
		length = strcspn(*note, ",") < length ? strcspn(*note, ",") : length;
		if (strncmp(own, *note, length) != 0 || (own[length] && own[length] != ','))
			return 0;
	}
	return length;
}

static void title_pattern(const struct pm_diagnosis *diagnosis, const struct group *group, char text[WORDS_BYTES])
{
	const char *note = "";
	size_t length = common_note(diagnosis, group, &note);

	if (length)
		words_add(text, " hold%s the pattern %.*s", group->pages == 1 ? "s" : "", (int)length, note);
	else
		words_add(text, " hold%s test patterns", group->pages == 1 ? "s" : "");
}

void words_title(const struct pm_diagnosis *diagnosis, const struct group *group, char text[WORDS_BYTES])
{
	text[0] = 0;
	words_add(text, "%zu page%s", group->pages, words_plural(group->pages));
	if (group->kind == PM_DIAGNOSIS_PATTERN)
		title_pattern(diagnosis, group, text);
	else if (observed_titles[group->kind])
		words_add(text, "%s", observed_titles[group->kind]);
	else if (recognised_titles[group->kind])
		/* where nothing is known of what stood there, it may have been that */
		words_add(text, "%s %s",
			  group->by_basis[BASIS_NONE] == group->pages ? " changed: now" : " overwritten with",
			  recognised_titles[group->kind]);
	else
		titles[group->kind](group, text);
}
