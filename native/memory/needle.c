/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks of 64 starts are held against the two rarest bytes of the needle at once; where both fit the rest is compared.
 * So the speed hardly depends on what is looked for, and a mask costs nothing.
 */
#include "needle.h"
#include <string.h>

#define BLOCK 64u
#define LANE 16u
/* Starts so far apart are looked at one by one. */
#define STRIDE 32u

typedef uint8_t lane __attribute__((vector_size(LANE)));
typedef uint64_t halves __attribute__((vector_size(LANE)));

/* How common a byte is in memory, roughly: tables are zeros and small numbers, text is lower case. */
static unsigned commonness(uint8_t byte)
{
	if (byte == 0)
		return 64;
	if (byte == 0xff || byte == ' ')
		return 16;
	if (byte < 8 || (byte >= 'a' && byte <= 'z'))
		return 8;
	return byte < 0x80 ? 4 : 2;
}

/* A bit that does not count doubles what fits. */
static unsigned weight(const struct needle *needle, size_t i)
{
	return commonness(needle->want[i]) << (8 - __builtin_popcount(needle->mask[i]));
}

static void choose_places(struct needle *needle)
{
	unsigned least = 0;

	needle->first = needle->second = 0;
	for (size_t i = 1; i < needle->length; i++)
		if (weight(needle, i) < weight(needle, needle->first))
			needle->first = i;
	for (size_t i = 0; i < needle->length; i++) {
		/* the same byte again tells less than another */
		unsigned own = weight(needle, i) * (needle->want[i] == needle->want[needle->first] ? 4 : 1);

		if (i == needle->first || (least && own >= least))
			continue;
		least = own;
		needle->second = i;
	}
	if (!least)
		needle->second = needle->first;
}

void needle_make(struct needle *needle, const uint8_t *bytes, const uint8_t *mask, size_t length, bool ignore_case)
{
	needle->length = length;
	needle->exact = needle->zeros = true;
	for (size_t i = 0; i < length; i++) {
		uint8_t lower = bytes[i] | 0x20, bits = mask ? mask[i] : 0xff;

		if (ignore_case && lower >= 'a' && lower <= 'z')
			bits &= (uint8_t)~0x20; /* the one bit that tells the cases apart */
		needle->mask[i] = bits;
		needle->want[i] = bytes[i] & bits;
		needle->exact &= bits == 0xff;
		needle->zeros &= needle->want[i] == 0;
	}
	choose_places(needle);
}

static uint64_t word_at(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

static bool fits(const struct needle *needle, const uint8_t *text)
{
	size_t i = 0;

	if (needle->exact)
		return memcmp(text, needle->want, needle->length) == 0;
	for (; i + 8 <= needle->length; i += 8)
		if ((word_at(text + i) & word_at(needle->mask + i)) != word_at(needle->want + i))
			return false;
	for (; i < needle->length; i++)
		if ((text[i] & needle->mask[i]) != needle->want[i])
			return false;
	return true;
}

static lane lane_at(const uint8_t *bytes)
{
	lane value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

/* Bytes of `fit` are 0xff where a start in the block has both bytes; false when none has. */
static inline __attribute__((always_inline)) bool block_fits(const struct needle *needle, const uint8_t *text,
							     uint8_t fit[BLOCK])
{
	const lane zero = {0};
	lane first = zero + needle->want[needle->first], first_mask = zero + needle->mask[needle->first];
	lane second = zero + needle->want[needle->second], second_mask = zero + needle->mask[needle->second];
	lane found[BLOCK / LANE], any = zero;
	halves words;

	for (unsigned i = 0; i < BLOCK / LANE; i++) {
		const uint8_t *at = text + i * LANE;

		found[i] = (lane)((lane_at(at + needle->first) & first_mask) == first) &
			   (lane)((lane_at(at + needle->second) & second_mask) == second);
		any |= found[i];
	}
	memcpy(&words, &any, sizeof(words));
	if (!(words[0] | words[1]))
		return false;
	memcpy(fit, found, BLOCK);
	return true;
}

static size_t find_apart(const struct needle *needle, const struct needle_text *text, size_t from)
{
	uint64_t over = (text->offset + from) % text->align;

	if (over)
		from += (size_t)(text->align - over);
	for (; from < text->starts; from += (size_t)text->align)
		if (fits(needle, text->bytes + from))
			return from;
	return text->starts;
}

static bool is_start(const struct needle *needle, const struct needle_text *text, size_t at)
{
	return (text->align == 1 || (text->offset + at) % text->align == 0) && fits(needle, text->bytes + at);
}

size_t needle_find(const struct needle *needle, const struct needle_text *text, size_t from)
{
	uint8_t fit[BLOCK];

	if (text->align >= STRIDE)
		return find_apart(needle, text, from);
	for (; from + BLOCK <= text->starts; from += BLOCK) {
		if (!block_fits(needle, text->bytes + from, fit))
			continue;
		for (size_t i = 0; i < BLOCK; i++)
			if (fit[i] && is_start(needle, text, from + i))
				return from + i;
	}
	for (; from < text->starts; from++)
		if (is_start(needle, text, from))
			return from;
	return text->starts;
}
