// SPDX-License-Identifier: GPL-2.0-or-later
/* The evidence of an entry, in sentences. */
#include "words.h"
#include <inttypes.h>
#include <string.h>

#define NOTES_MAX 4u

/* --- by what the expected bytes are known --- */

static void add_basis(const struct group *group, char text[WORDS_BYTES])
{
	static const char *const known[] = {
		[BASIS_NONE] = NULL,
		[BASIS_GIVEN] = "The expected bytes are stored: every wrong one is known",
		[BASIS_TWIN] = "The expected bytes are those of an equal page that is still there",
		[BASIS_UNIFORM] = "The page should hold one byte over and over, so its bytes are known",
		[BASIS_PATTERN] = "The page should hold a pattern, so its bytes are known: made anew by the rule of it",
		[BASIS_SYNDROME] =
			"The expected page was made from what is there by its syndrome, and has the expected "
			"digest",
		[BASIS_TRIED] = "The expected page was made from what is there by trying, and has the expected digest",
		[BASIS_SHALLOW] = NULL,
	};

	for (unsigned basis = 0; basis <= BASIS_SHALLOW; basis++) {
		if (!known[basis] || !group->by_basis[basis])
			continue;
		if (group->by_basis[basis] == group->pages)
			words_add(text, "%s. ", known[basis]);
		else
			words_add(text, "%s (%zu of %zu pages). ", known[basis], group->by_basis[basis], group->pages);
	}
}

/* --- bits --- */

static void add_lane_list(const struct group *group, char text[WORDS_BYTES])
{
	unsigned lanes = 0;

	for (unsigned i = 0; i < 64; i++)
		lanes += group->lanes[i] > 0;
	words_add(text, "They lie in %u lane%s of the 64-bit word", lanes, words_plural(lanes));
	for (unsigned i = 0, told = 0; i < 64 && lanes <= 8; i++)
		if (group->lanes[i])
			words_add(text, "%s%u (%" PRIu64 ")", told++ ? ", " : ": ", i, group->lanes[i]);
	words_add(text, ". ");
}

static void add_bytes_hit(const struct group *group, char text[WORDS_BYTES])
{
	unsigned bytes = 0, byte = 0;

	for (unsigned i = 0; i < 8; i++) {
		uint64_t flips = 0;

		for (unsigned bit = 0; bit < 8; bit++)
			flips += group->lanes[8 * i + bit];
		bytes += flips > 0;
		byte = flips ? i : byte;
	}
	if (bytes == 1 && group->to_one + group->to_zero >= 4)
		words_add(text, "All of them are in byte %u of the word: one chip of width 8 would serve just that. ",
			  byte);
}

static void detail_flips(const struct group *group, char text[WORDS_BYTES])
{
	if (!group->bits_known)
		return;
	words_add(text, "Of %" PRIu64 " wrong bits %" PRIu64 " went from 0 to 1 and %" PRIu64 " from 1 to 0. ",
		  group->to_one + group->to_zero, group->to_one, group->to_zero);
	add_lane_list(group, text);
	add_bytes_hit(group, text);
}

static void detail_stuck(const struct group *group, char text[WORDS_BYTES])
{
	unsigned least = 100, most = 0;

	if (!group->bits_known) {
		words_add(
			text,
			"The expected bytes are not known. These lanes hold one value in every word of all these "
			"pages, while the same bit of the other seven bytes does not, and while they change from word to "
			"word in intact pages nearby of the same build: this is no proof. ");
		return;
	}
	for (size_t i = 0; i < group->pages; i++) {
		unsigned percent = group->findings[i].measure;

		least = percent < least ? percent : least;
		most = percent > most ? percent : most;
	}
	words_add(text, "All %" PRIu64 " wrong bits lie in these lanes and went this way. ",
		  group->to_one + group->to_zero);
	if (most == 0)
		words_add(text,
			  "Only a few words of each page are hit, but all in the same lane: chance would hardly do "
			  "that. The lane is weak rather than stuck. ");
	else if (least == 100)
		words_add(text, "Every word that should hold the other value there is wrong. ");
	else
		words_add(text, "Of the words that should hold the other value there, %u to %u%% of a page are wrong. ",
			  least, most);
}

/* --- places --- */

static void detail_aliased(const struct group *group, char text[WORDS_BYTES])
{
	words_add(text, "Each page holds what is expected at the address that differs in bit %u alone. ",
		  (unsigned)group->parameter);
	if (group->pages > 1)
		words_add(text, "All %zu pages agree on that bit. ", group->pages);
	if (group->parameter2 != PARAMETER_MANY)
		words_add(text, "All of them have the bit %s: it reads as the other value. ",
			  (int64_t)group->parameter2 > 0 ? "set" : "clear");
	else
		words_add(text, "Pages on both sides of the bit are hit. ");
}

static void detail_displaced(const struct group *group, char text[WORDS_BYTES])
{
	words_add(text, "The digest of each page is the one expected at another page. ");
	if (group->parameter == PARAMETER_MANY)
		words_add(text, "The distances differ, so nothing moved as a whole. ");
	else if (group->pages > 1)
		words_add(text, "The distance is the same for all of them: they were moved together. ");
}

static void detail_shifted(const struct group *group, char text[WORDS_BYTES])
{
	size_t unproven = group->by_basis[BASIS_NONE];

	words_add(text, "What stands there now is the expected content, ");
	if (group->mixed)
		words_add(text, "some bytes further on or back, not the same for all. ");
	else {
		words_distance((int64_t)group->parameter, text);
		words_add(text, ". ");
	}
	if (unproven)
		words_add(text,
			  "%zu of the pages lie%s at the end of what was moved: a part of %s expected bytes is gone, "
			  "but the page beside needs theirs. ",
			  unproven, unproven == 1 ? "s" : "", unproven == 1 ? "its" : "their");
}

/* --- torn --- */

static size_t with_shape(const struct group *group, unsigned shape)
{
	size_t pages = 0;

	for (size_t i = 0; i < group->pages; i++)
		pages += (group->findings[i].measure & shape) != 0;
	return pages;
}

static void add_share(const struct group *group, size_t pages, const char *what, char text[WORDS_BYTES])
{
	if (pages == group->pages)
		words_add(text, "%s%s. ", group->pages == 1 ? "It " : "All of them ", what);
	else if (pages)
		words_add(text, "%zu of %zu %s. ", pages, group->pages, what);
}

static void detail_torn(const struct group *group, char text[WORDS_BYTES])
{
	size_t lines = with_shape(group, TORN_LINE_START);

	words_add(text, "The other bytes of each page are as expected. ");
	if (lines)
		add_share(group, lines,
			  group->pages == 1 ? "begins at a cache line (64 bytes)" : "begin at a cache line (64 bytes)",
			  text);
	else
		words_add(text,
			  "The wrong part begins at no multiple of 64 bytes, so no cache line was lost as a whole. ");
	add_share(group, with_shape(group, TORN_TO_END),
		  group->pages == 1 ? "goes to the end of the page" : "go to the end of the page", text);
	add_share(group, with_shape(group, TORN_SCATTERED),
		  group->pages == 1 ? "has right lines between wrong ones" : "have right lines between wrong ones",
		  text);
}

/* --- the rest --- */

static void detail_filled(const struct group *group, char text[WORDS_BYTES])
{
	const char *name = words_fill(group->parameter);

	words_add(text, "The same value stands in all 512 words. ");
	if (name && !group->mixed)
		words_add(text, "It is known: %s. ", name);
}

static void detail_overwritten(const struct group *group, char text[WORDS_BYTES])
{
	unsigned least = 80, most = 0;

	if (group->parameter == OVERWRITTEN_UNSTEADY) {
		words_add(text, "They were found changed, and are right now that they are looked at again. ");
		return;
	}
	for (size_t i = 0; i < group->pages; i++) {
		unsigned tenths = group->findings[i].measure;

		least = tenths < least ? tenths : least;
		most = tenths > most ? tenths : most;
	}
	words_add(text, "Entropy %u.%u", least / 10, least % 10);
	if (most > least)
		words_add(text, " to %u.%u", most / 10, most % 10);
	words_add(text, " bits a byte: %s. ",
		  least >= 78  ? "compressed, encrypted or random data"
		  : most <= 20 ? "few different values"
			       : "data or code");
	if (group->by_basis[BASIS_NONE])
		words_add(text, "The expected bytes are not known, so this may also be many wrong bits. ");
}

static bool recognised_kind(unsigned kind)
{
	return kind >= PM_DIAGNOSIS_ELF && kind < PM_DIAGNOSIS_OVERWRITTEN;
}

/* Notes of the pages, each different one once. */
static void add_notes(const struct pm_diagnosis *diagnosis, const struct group *group, char text[WORDS_BYTES])
{
	const char *told[NOTES_MAX];
	unsigned count = 0;

	for (size_t i = 0; i < group->pages && count < NOTES_MAX; i++) {
		uint32_t sample = group->findings[i].sample;
		const char *note = sample ? diagnosis->samples[sample - 1].note : "";
		unsigned same = 0;

		while (same < count && strcmp(told[same], note) != 0)
			same++;
		if (*note && same == count)
			told[count++] = note;
	}
	for (unsigned i = 0; i < count; i++)
		words_add(text, "%s%s",
			  i				     ? "; "
			  : group->kind == PM_DIAGNOSIS_TORN ? "In the wrong part: "
							     : "Seen: ",
			  told[i]);
	if (count)
		words_add(text, "%s. ", count == NOTES_MAX ? " ..." : "");
}

void words_detail(const struct pm_diagnosis *diagnosis, const struct group *group, char text[WORDS_BYTES])
{
	static void (*const details[PM_DIAGNOSIS_COUNT])(const struct group *group, char text[WORDS_BYTES]) = {
		[PM_DIAGNOSIS_FILLED] = detail_filled,		 [PM_DIAGNOSIS_BIT_FLIP] = detail_flips,
		[PM_DIAGNOSIS_BIT_FLIPS] = detail_flips,	 [PM_DIAGNOSIS_STUCK_BIT] = detail_stuck,
		[PM_DIAGNOSIS_ALIASED] = detail_aliased,	 [PM_DIAGNOSIS_DISPLACED] = detail_displaced,
		[PM_DIAGNOSIS_SHIFTED] = detail_shifted,	 [PM_DIAGNOSIS_TORN] = detail_torn,
		[PM_DIAGNOSIS_OVERWRITTEN] = detail_overwritten,
	};
	size_t length;

	text[0] = 0;
	if (details[group->kind])
		details[group->kind](group, text);
	add_notes(diagnosis, group, text);
	if (recognised_kind(group->kind) && group->by_basis[BASIS_NONE])
		words_add(text, "What should stand there is not known; it may be of the same kind. ");
	if (group->kind != PM_DIAGNOSIS_OVERWRITTEN || group->parameter != OVERWRITTEN_UNSTEADY)
		add_basis(group, text);
	if (group->runs > 1)
		words_add(text, "The pages lie in %zu places.", group->runs);
	else
		words_add(text, "%s", group->pages == 1 ? "It is a single page." : "The pages follow each other.");
	length = strlen(text);
	if (length && text[length - 1] == ' ')
		text[length - 1] = 0;
}
