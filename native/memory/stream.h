/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Long runs of words at the speed of memory: by the widest registers that the processor has, no branch for a word.
 * Three streams make all patterns but `data`; the check of each is held against what stands in memory.
 */
#ifndef PMPOOL_MEMORY_STREAM_H
#define PMPOOL_MEMORY_STREAM_H

#include <stddef.h>
#include <stdint.h>

#define STREAM_WORDS 64u /* work goes in pieces of so many words */

enum stream_kind {
	STREAM_STEPS, /* word i is first + i * step */
	STREAM_RANDOM, /* splitmix64 of (first + i) ^ seed */
	STREAM_BLOCK, /* block[i % 64] */
};

struct stream {
	enum stream_kind kind;
	uint64_t first;
	uint64_t step;
	uint64_t seed;
	const uint64_t *block;
	uint64_t flip; /* every word is turned over where this has a bit */
};

/* One step of splitmix64 from this state. */
static inline uint64_t splitmix64(uint64_t state)
{
	state += UINT64_C(0x9e3779b97f4a7c15);
	state = (state ^ state >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	state = (state ^ state >> 27) * UINT64_C(0x94d049bb133111eb);
	return state ^ state >> 31;
}

static inline uint64_t stream_word(const struct stream *stream, uint64_t i)
{
	switch (stream->kind) {
	case STREAM_STEPS:
		return (stream->first + i * stream->step) ^ stream->flip;
	case STREAM_RANDOM:
		return splitmix64((stream->first + i) ^ stream->seed) ^ stream->flip;
	default:
		return stream->block[i % STREAM_WORDS] ^ stream->flip;
	}
}

/* The same from word `words` on, a multiple of STREAM_WORDS. */
static inline struct stream stream_behind(const struct stream *stream, uint64_t words)
{
	struct stream behind = *stream;

	behind.first += stream->kind == STREAM_STEPS ? words * stream->step : words;
	return behind;
}

/* Bytes of the widest register to use, where the processor has it: 64, 32 or 16. Tests lower it. */
extern unsigned stream_width;

void stream_fill(const struct stream *stream, uint64_t *to, size_t words);
/* Number of the first word that differs; `words` when none does. */
size_t stream_check(const struct stream *stream, const uint64_t *from, size_t words);

#endif
