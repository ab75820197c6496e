/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks of 64 starts are held against the two rarest bytes of the needle at once; where both fit the rest is compared.
 * So the speed hardly depends on what is looked for, and a mask costs nothing.
 */
#include "needle.h"
#include <string.h>

#define LANE 16u
#define BLOCK (4 * LANE)
/* Starts so far apart are looked at one by one. */
#define STRIDE 32u

typedef uint8_t lane __attribute__((vector_size(LANE)));

/* How common a byte is in memory, roughly: tables are zeros and small numbers, text is lower case. */
static unsigned commonness(uint8_t byte)
{
	if (byte == 0)
		return 64;
	if (byte == 0xff || byte == ' ')
		return 16;
	if (byte < 8 || strchr("etaoinsrhl", byte))
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

/* One bit of each of eight bytes that are 0 or 0xff. */
static uint64_t bits_of(uint64_t bytes)
{
	return (bytes & UINT64_C(0x8040201008040201)) * UINT64_C(0x0101010101010101) >> 56;
}

/* The two rarest bytes, in each byte of a lane. */
struct rarest {
	size_t first, second;
	lane first_want, first_mask, second_want, second_mask;
};

static struct rarest rarest_of(const struct needle *needle)
{
	const lane zero = {0};

	return (struct rarest){
		.first = needle->first,
		.second = needle->second,
		.first_want = zero + needle->want[needle->first],
		.first_mask = zero + needle->mask[needle->first],
		.second_want = zero + needle->want[needle->second],
		.second_mask = zero + needle->mask[needle->second],
	};
}

/* 0xff where a start has both bytes, else 0. */
static inline __attribute__((always_inline)) lane lane_fits(const struct rarest *rarest, const uint8_t *text)
{
	return (lane)((lane_at(text + rarest->first) & rarest->first_mask) == rarest->first_want) &
	       (lane)((lane_at(text + rarest->second) & rarest->second_mask) == rarest->second_want);
}

/* Bit i: a start at byte i of the block has both bytes. By hand, for at -O2 gcc unrolls no loop. */
static inline __attribute__((always_inline)) uint64_t block_fits(const struct rarest *rarest, const uint8_t *text)
{
	lane a = lane_fits(rarest, text), b = lane_fits(rarest, text + LANE);
	lane c = lane_fits(rarest, text + 2 * LANE), d = lane_fits(rarest, text + 3 * LANE), any = a | b | c | d;
	uint64_t words[2], fit = 0;

	memcpy(words, &any, sizeof(words));
	if (!(words[0] | words[1]))
		return 0;
	memcpy(words, &a, sizeof(words));
	fit |= bits_of(words[0]) | bits_of(words[1]) << 8;
	memcpy(words, &b, sizeof(words));
	fit |= bits_of(words[0]) << 16 | bits_of(words[1]) << 24;
	memcpy(words, &c, sizeof(words));
	fit |= bits_of(words[0]) << 32 | bits_of(words[1]) << 40;
	memcpy(words, &d, sizeof(words));
	return fit | bits_of(words[0]) << 48 | bits_of(words[1]) << 56;
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
	const struct rarest rarest = rarest_of(needle);
	uint64_t fit;

	if (text->align >= STRIDE)
		return find_apart(needle, text, from);
	for (; from + BLOCK <= text->starts; from += BLOCK)
		for (fit = block_fits(&rarest, text->bytes + from); fit; fit &= fit - 1) {
			size_t at = from + (size_t)__builtin_ctzll(fit);

			if (is_start(needle, text, at))
				return at;
		}
	for (; from < text->starts; from++)
		if (is_start(needle, text, from))
			return from;
	return text->starts;
}
