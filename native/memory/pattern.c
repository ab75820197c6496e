/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each pattern as a stream of words, or as pieces of the caller's data. */
#include "pmpool/pattern.h"
#include "stream.h"
#include <string.h>

#define HALF_ONES UINT64_C(0x5555555555555555)
#define STEP_BYTES 4096u /* data shorter than this is repeated to it, so that a piece is worth its call */

static const char *const names[] = {
#define PM_PATTERN_NAME(id, name) name,
	PM_PATTERNS(PM_PATTERN_NAME)
#undef PM_PATTERN_NAME
};

const char *pm_pattern_name(enum pm_pattern_kind kind)
{
	return names[kind];
}

bool pm_pattern_parse(const char *name, enum pm_pattern_kind *kind)
{
	for (unsigned i = 0; i < PM_PATTERN_COUNT; i++)
		if (strcmp(name, names[i]) == 0) {
			*kind = (enum pm_pattern_kind)i;
			return true;
		}
	return false;
}

/* The patterns that come again after 64 words. */
static uint64_t block_word(const struct pm_pattern *pattern, uint64_t index)
{
	uint64_t walking = UINT64_C(1) << (index + pattern->seed) % 64;

	switch (pattern->kind) {
	case PM_PATTERN_WALKING_ONES:
		return walking;
	case PM_PATTERN_WALKING_ZEROS:
		return ~walking;
	case PM_PATTERN_CHECKERBOARD:
		return index % 2 ? ~HALF_ONES : HALF_ONES;
	case PM_PATTERN_CHECKERBOARD_INVERTED:
		return index % 2 ? HALF_ONES : ~HALF_ONES;
	case PM_PATTERN_ONES:
		return UINT64_MAX;
	default:
		return 0;
	}
}

static uint64_t data_word(const struct pm_pattern *pattern, uint64_t address)
{
	uint8_t bytes[8];
	uint64_t word;

	for (unsigned i = 0; i < 8; i++)
		bytes[i] = pattern->data[(address + i) % pattern->data_bytes];
	memcpy(&word, bytes, 8);
	return word;
}

/* Data whose length divides that of a block is one as well. */
static bool in_blocks(const struct pm_pattern *pattern)
{
	return pattern->kind != PM_PATTERN_DATA || STREAM_WORDS * 8 % pattern->data_bytes == 0;
}

static struct stream stream_of(const struct pm_pattern *pattern, uint64_t address, uint64_t block[STREAM_WORDS])
{
	switch (pattern->kind) {
	case PM_PATTERN_ADDRESS:
		return (struct stream){.kind = STREAM_STEPS, .first = address, .step = 8};
	case PM_PATTERN_ADDRESS_INVERTED:
		return (struct stream){.kind = STREAM_STEPS, .first = address, .step = 8, .flip = UINT64_MAX};
	case PM_PATTERN_RANDOM:
		return (struct stream){.kind = STREAM_RANDOM, .first = address / 8, .seed = pattern->seed};
	default:
		break;
	}
	for (uint64_t i = 0; i < STREAM_WORDS; i++)
		block[i] = pattern->kind == PM_PATTERN_DATA ? data_word(pattern, address + i * 8)
							    : block_word(pattern, address / 8 + i);
	return (struct stream){.kind = STREAM_BLOCK, .block = block};
}

/* The data over and over. */
struct repeated {
	const uint8_t *bytes;
	size_t length; /* a multiple of the data's */
	uint8_t room[2 * STEP_BYTES];
};

static void repeat(const struct pm_pattern *pattern, struct repeated *repeated)
{
	*repeated = (struct repeated){.bytes = pattern->data, .length = pattern->data_bytes};
	if (pattern->data_bytes >= STEP_BYTES)
		return;
	repeated->bytes = repeated->room;
	for (repeated->length = 0; repeated->length < STEP_BYTES; repeated->length += pattern->data_bytes)
		memcpy(repeated->room + repeated->length, pattern->data, pattern->data_bytes);
}

/* The piece of the data that stands at `address`, at most `bytes` of it. */
static size_t piece_at(const struct repeated *repeated, uint64_t address, size_t bytes, const uint8_t **piece)
{
	size_t at = (size_t)(address % repeated->length), left = repeated->length - at;

	*piece = repeated->bytes + at;
	return left < bytes ? left : bytes;
}

static void data_fill(const struct pm_pattern *pattern, uint64_t address, uint8_t *to, size_t bytes)
{
	struct repeated repeated;
	const uint8_t *piece;

	repeat(pattern, &repeated);
	for (size_t done = 0, length; done < bytes; done += length) {
		length = piece_at(&repeated, address + done, bytes - done, &piece);
		memcpy(to + done, piece, length);
	}
}

static size_t data_check(const struct pm_pattern *pattern, uint64_t address, const uint8_t *from, size_t bytes)
{
	struct repeated repeated;
	const uint8_t *piece;
	size_t done = 0, length;

	repeat(pattern, &repeated);
	for (; done < bytes; done += length) {
		length = piece_at(&repeated, address + done, bytes - done, &piece);
		if (memcmp(from + done, piece, length) == 0)
			continue;
		/* Somebody may have changed it between our two looks: then the search goes on behind it. */
		for (size_t i = 0; i < length; i++)
			if (piece[i] != from[done + i])
				return (done + i) & ~(size_t)7;
	}
	return bytes;
}

void pm_pattern_fill(const struct pm_pattern *pattern, uint64_t address, void *to, size_t bytes)
{
	uint64_t block[STREAM_WORDS];
	struct stream stream;

	if (!in_blocks(pattern)) {
		data_fill(pattern, address, to, bytes);
		return;
	}
	stream = stream_of(pattern, address, block);
	stream_fill(&stream, to, bytes / 8);
}

size_t pm_pattern_check(const struct pm_pattern *pattern, uint64_t address, const void *from, size_t bytes)
{
	uint64_t block[STREAM_WORDS];
	struct stream stream;

	if (!in_blocks(pattern))
		return data_check(pattern, address, from, bytes);
	stream = stream_of(pattern, address, block);
	return stream_check(&stream, from, bytes / 8) * 8;
}
