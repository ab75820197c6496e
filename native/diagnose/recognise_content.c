// SPDX-License-Identifier: GPL-2.0-or-later
/* Patterns and text: told by all of their bytes. */
#include "recognise.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PART_MIN 64u /* bytes that are enough to be told by */

/* --- patterns --- */

static uint64_t unit_at(const struct bytes *bytes, size_t size, size_t index)
{
	uint64_t value = 0;

	memcpy(&value, bytes->at + size * index, size);
	return value;
}

/* Units of 1, 2, 4 or 8 bytes that grow by the same step; the step, 0 when they do not. */
static uint64_t step_of(const struct bytes *bytes, size_t size)
{
	uint64_t mask = size == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * size) - 1;
	uint64_t step = (unit_at(bytes, size, 1) - unit_at(bytes, size, 0)) & mask;

	for (size_t i = 2; step && i < bytes->count / size; i++)
		if (((unit_at(bytes, size, i) - unit_at(bytes, size, i - 1)) & mask) != step)
			return 0;
	return step;
}

static void note_address(const struct bytes *bytes, const char *what, uint64_t address, char note[NOTE_BYTES])
{
	if (address == bytes->address)
		snprintf(note, NOTE_BYTES, "%s, its own", what);
	else
		snprintf(note, NOTE_BYTES, "%s, that of %#" PRIx64, what, address);
}

static unsigned growing(const struct bytes *bytes, char note[NOTE_BYTES])
{
	uint64_t first = unit_at(bytes, 8, 0), step = step_of(bytes, 8);

	if (step == 8 && first % 8 == 0) {
		note_address(bytes, "each word its address", first, note);
		return 99;
	}
	if (step == UINT64_MAX - 7 && ~first % 8 == 0) {
		note_address(bytes, "each word the inverse of its address", ~first, note);
		return 99;
	}
	for (size_t size = 8; size; size /= 2) {
		step = step_of(bytes, size);
		if (!step)
			continue;
		snprintf(note, NOTE_BYTES, "%zu-bit numbers that grow by %#" PRIx64, 8 * size, step);
		return size == 4 && step == 4 ? 95 : 85;
	}
	return 0;
}

static bool walks(const struct bytes *bytes, uint64_t inverted)
{
	uint64_t word = unit_at(bytes, 8, 0) ^ inverted;

	if (!word || (word & (word - 1)))
		return false;
	for (size_t i = 1; i < bytes->count / 8; i++) {
		word = word << 1 | word >> 63;
		if ((unit_at(bytes, 8, i) ^ inverted) != word)
			return false;
	}
	return true;
}

/* Undoes x ^ x >> by. */
static uint64_t unshift(uint64_t value, unsigned by)
{
	for (unsigned done = by; done < 64; done *= 2)
		value ^= value >> done;
	return value;
}

/* The state from which splitmix64 makes this word: every step of it can be undone. */
static uint64_t unmixed(uint64_t word)
{
	word = unshift(word, 31) * UINT64_C(0x319642b2d24d8ec3);
	word = unshift(word, 27) * UINT64_C(0x96de1b173f119089);
	return unshift(word, 30) - UINT64_C(0x9e3779b97f4a7c15);
}

/* The pattern `random` of any seed: number of the word and seed, XORed, made each word. */
static bool random_pattern(const struct bytes *bytes, uint64_t *seed)
{
	uint64_t number = bytes->address / 8;

	*seed = unmixed(unit_at(bytes, 8, 0)) ^ number;
	for (size_t i = 1; i < bytes->count / 8; i++)
		if ((unmixed(unit_at(bytes, 8, i)) ^ (number + i)) != *seed)
			return false;
	return true;
}

unsigned recognise_pattern(const struct bytes *bytes, char note[NOTE_BYTES])
{
	static const uint64_t half = UINT64_C(0x5555555555555555);
	struct bytes words = {bytes->at, bytes->count / 8 * 8, bytes->address};
	uint64_t seed, first;
	unsigned confidence;

	if (words.count < PART_MIN || pm_part_repeats(words.at, words.count))
		return 0;
	first = unit_at(&words, 8, 0);
	confidence = growing(&words, note);
	if (confidence)
		return confidence;
	if (walks(&words, 0) || walks(&words, UINT64_MAX)) {
		snprintf(note, NOTE_BYTES, "walking %s", walks(&words, 0) ? "ones" : "zeros");
		return 99;
	}
	if ((first == half || first == ~half) && unit_at(&words, 8, 1) == ~first &&
	    memcmp(words.at, words.at + 16, words.count - 16) == 0) {
		snprintf(note, NOTE_BYTES, "checkerboard%s", first == half ? "" : ", inverted");
		return 99;
	}
	if (random_pattern(&words, &seed)) {
		snprintf(note, NOTE_BYTES, "random, seed %" PRIu64, seed);
		return 100;
	}
	return 0;
}

/* --- text --- */

static unsigned utf8_length(const uint8_t *at, size_t left)
{
	unsigned length = *at < 0xc2 ? 0 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : *at < 0xf5 ? 4 : 0;

	if (!length || length > left)
		return 0;
	for (unsigned i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

struct letters {
	size_t ascii, wide, ends; /* ends: of strings */
	size_t letters; /* letters, digits, blanks */
};

/* False at a byte that no text has. */
static bool letters_count(const uint8_t *at, size_t count, struct letters *found)
{
	for (size_t i = 0; i < count;) {
		uint8_t c = at[i];
		unsigned wide;

		if ((c >= 0x20 && c < 0x7f) || (c >= '\t' && c <= '\r') || c == 0x1b) {
			found->ascii++;
			found->letters += ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9') || c == ' ';
			i++;
			continue;
		}
		if (c == 0) {
			found->ends++;
			i++;
			continue;
		}
		wide = utf8_length(at + i, count - i);
		/* a letter may be cut at the page's borders */
		if (!wide && i >= 3 && i + 3 < count)
			return false;
		if (!wide && c < 0x80)
			return false;
		found->wide += wide ? wide : 1;
		i += wide ? wide : 1;
	}
	return true;
}

unsigned recognise_text(const struct bytes *bytes, char note[NOTE_BYTES])
{
	struct letters found = {0};
	size_t count = bytes->count, start = 0, all;

	while (count && bytes->at[count - 1] == 0)
		count--;
	if (count < PART_MIN || !letters_count(bytes->at, count, &found))
		return 0;
	all = found.ascii + found.wide;
	if (found.ends * 4 > count || all < PART_MIN || found.letters * 2 < all)
		return 0;
	while (start < count && (bytes->at[start] == 0 || (bytes->at[start] & 0xc0) == 0x80))
		start++;
	snprintf(note, NOTE_BYTES, "\"");
	pm_note_text(note + 1, 40, bytes->at + start, count - start);
	snprintf(note + strlen(note), NOTE_BYTES - strlen(note), "...\"%s", found.ends ? ", strings" : "");
	return found.ends ? 85 : 95;
}
