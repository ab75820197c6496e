/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream.h"

unsigned stream_width = 64;

#if defined(__x86_64__)
#define LANES(name) wide_##name
#define LANES_BYTES 64
#define LANES_TARGET __attribute__((target("avx512f,avx512dq")))
#include "stream_lanes.h"

#define LANES(name) middle_##name
#define LANES_BYTES 32
#define LANES_TARGET __attribute__((target("avx2")))
#include "stream_lanes.h"
#endif

#define LANES(name) narrow_##name
#define LANES_BYTES 16
#define LANES_TARGET
#include "stream_lanes.h"

static void fill_pieces(const struct stream *stream, uint64_t *to, size_t pieces)
{
#if defined(__x86_64__)
	if (stream_width >= 64 && __builtin_cpu_supports("avx512dq")) {
		wide_fill(stream, to, pieces);
		return;
	}
	if (stream_width >= 32 && __builtin_cpu_supports("avx2")) {
		middle_fill(stream, to, pieces);
		return;
	}
#endif
	narrow_fill(stream, to, pieces);
}

static size_t check_pieces(const struct stream *stream, const uint64_t *from, size_t pieces)
{
#if defined(__x86_64__)
	if (stream_width >= 64 && __builtin_cpu_supports("avx512dq"))
		return wide_check(stream, from, pieces);
	if (stream_width >= 32 && __builtin_cpu_supports("avx2"))
		return middle_check(stream, from, pieces);
#endif
	return narrow_check(stream, from, pieces);
}

void stream_fill(const struct stream *stream, uint64_t *to, size_t words)
{
	size_t i = words / STREAM_WORDS * STREAM_WORDS;

	fill_pieces(stream, to, words / STREAM_WORDS);
	for (; i < words; i++)
		to[i] = stream_word(stream, i);
}

/* The first wrong word of [i, end); `end` when there is none. */
static size_t check_words(const struct stream *stream, const uint64_t *from, size_t i, size_t end)
{
	while (i < end && from[i] == stream_word(stream, i))
		i++;
	return i;
}

size_t stream_check(const struct stream *stream, const uint64_t *from, size_t words)
{
	size_t i = 0, end;

	while (words - i >= STREAM_WORDS) {
		struct stream rest = stream_behind(stream, i);

		i += check_pieces(&rest, from + i, (words - i) / STREAM_WORDS) * STREAM_WORDS;
		if (words - i < STREAM_WORDS)
			break;
		/* Somebody may have changed it between our two looks: then the search goes on behind it. */
		end = i + STREAM_WORDS;
		i = check_words(stream, from, i, end);
		if (i < end)
			return i;
	}
	return check_words(stream, from, i, words);
}
