/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loops of stream.c, included once for each width of register: LANES(name) names them for it, LANES_BYTES is the
 * width, LANES_TARGET the attribute that lets the compiler use it. Without a guard on purpose.
 */

/* As they stand in memory: no alignment beyond a word's, any type. */
typedef uint64_t LANES(lanes) __attribute__((vector_size(LANES_BYTES), aligned(8), may_alias));

enum { LANES(count) = LANES_BYTES / 8 };

#define EACH_LANE(i) (size_t i = 0; i < STREAM_WORDS; i += LANES(count))
#define AT(place) (*(LANES(lanes) *)(place))
#define AT_CONST(place) (*(const LANES(lanes) *)(place))
/* Far enough ahead for the memory to answer in time, where the processor's own prefetch ends with the page. */
#define AHEAD(place) __builtin_prefetch((const char *)(place) + 1024)

LANES_TARGET static inline LANES(lanes) LANES(numbers)(uint64_t step)
{
	LANES(lanes) numbers;

	for (size_t i = 0; i < LANES(count); i++)
		numbers[i] = i * step;
	return numbers;
}

LANES_TARGET static inline LANES(lanes) LANES(mix)(LANES(lanes) state)
{
	state += UINT64_C(0x9e3779b97f4a7c15);
	state = (state ^ state >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	state = (state ^ state >> 27) * UINT64_C(0x94d049bb133111eb);
	return state ^ state >> 31;
}

LANES_TARGET static inline uint64_t LANES(any)(LANES(lanes) bits)
{
	uint64_t any = 0;

	for (size_t i = 0; i < LANES(count); i++)
		any |= bits[i];
	return any;
}

LANES_TARGET static void LANES(fill)(const struct stream *stream, uint64_t *to, size_t pieces)
{
	uint64_t step = stream->kind == STREAM_STEPS ? stream->step : 1, seed = stream->seed, flip = stream->flip;
	LANES(lanes) next = LANES(numbers)(step) + stream->first;

	for (const uint64_t *end = to + pieces * STREAM_WORDS; to < end; to += STREAM_WORDS) {
		if (stream->kind == STREAM_BLOCK) {
			for
				EACH_LANE(i)
			AT(to + i) = AT_CONST(stream->block + i) ^ flip;
		} else if (stream->kind == STREAM_STEPS) {
			for
				EACH_LANE(i)
				{
					AT(to + i) = next ^ flip;
					next += LANES(count) * step;
				}
		} else {
			for
				EACH_LANE(i)
				{
					AT(to + i) = LANES(mix)(next ^ seed) ^ flip;
					next += LANES(count);
				}
		}
	}
}

/* Whole pieces that are right. */
LANES_TARGET static size_t LANES(check)(const struct stream *stream, const uint64_t *from, size_t pieces)
{
	uint64_t step = stream->kind == STREAM_STEPS ? stream->step : 1, seed = stream->seed, flip = stream->flip;
	LANES(lanes) next = LANES(numbers)(step) + stream->first;

	for (size_t piece = 0; piece < pieces; piece++, from += STREAM_WORDS) {
		LANES(lanes) wrong = next ^ next;

		if (stream->kind == STREAM_BLOCK) {
			for
				EACH_LANE(i)
				{
					AHEAD(from + i);
					wrong |= AT_CONST(from + i) ^ AT_CONST(stream->block + i) ^ flip;
				}
		} else if (stream->kind == STREAM_STEPS) {
			for
				EACH_LANE(i)
				{
					AHEAD(from + i);
					wrong |= AT_CONST(from + i) ^ next ^ flip;
					next += LANES(count) * step;
				}
		} else {
			for
				EACH_LANE(i)
				{
					AHEAD(from + i);
					wrong |= AT_CONST(from + i) ^ LANES(mix)(next ^ seed) ^ flip;
					next += LANES(count);
				}
		}
		if (LANES(any)(wrong))
			return piece;
	}
	return pieces;
}

#undef EACH_LANE
#undef AT
#undef AT_CONST
#undef AHEAD
#undef LANES
#undef LANES_BYTES
#undef LANES_TARGET
