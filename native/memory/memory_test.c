/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tests of one piece of memory. Each is made of steps: write, push it out of the caches, read back. */
#include "evict.h"
#include "pmpool/pattern.h"
#include "stream.h"
#include <string.h>

#define HALF_ONES UINT64_C(0x5555555555555555)
/* Places of the walking bit that a pass tries: with the next seven passes it has stood everywhere. */
enum { WALKING_STEPS = 8, MOVE_WORDS = 512 };

static const char *const names[] = {
#define PM_MEMORY_TEST_NAME(id, name) name,
	PM_MEMORY_TESTS(PM_MEMORY_TEST_NAME)
#undef PM_MEMORY_TEST_NAME
};

const char *pm_memory_test_name(enum pm_memory_test test)
{
	return names[test];
}

struct test_work {
	uint64_t *words;
	size_t count;
	uint64_t address;
	const struct pm_memory_test_request *request;
	struct pm_task *task;
	enum pm_memory_test test;
};

static bool cancelled(const struct test_work *work)
{
	return work->task && atomic_load_explicit(&work->task->cancelled, memory_order_relaxed);
}

/* What was written is in the memory, and faults that it has are in what was written. */
static void settle(const struct test_work *work)
{
	if (work->request->written)
		work->request->written(work->request->context, work->words, work->count * 8);
	evict(work->words, work->count * 8);
}

static void tell(const struct test_work *work, size_t i, uint64_t expected, uint64_t found)
{
	struct pm_memory_error error = {
		.address = work->address + i * 8,
		.expected = expected,
		.found = found,
		.test = work->test,
		.pass = work->request->pass,
	};

	work->request->found(work->request->context, &error);
}

/* Tells each wrong word of [from, to), which begins with a piece of the stream. */
static void check(const struct test_work *work, const struct stream *stream, size_t from, size_t to)
{
	while (from < to) {
		struct stream rest = stream_behind(stream, from);
		size_t end;

		from += stream_check(&rest, work->words + from, to - from);
		end = (from / STREAM_WORDS + 1) * STREAM_WORDS;
		for (; from < to && from < end; from++) {
			uint64_t expected = stream_word(stream, from), found = work->words[from];

			if (found != expected)
				tell(work, from, expected, found);
		}
	}
}

static void write_and_check(const struct test_work *work, const struct stream *stream)
{
	if (cancelled(work))
		return;
	stream_fill(stream, work->words, work->count);
	settle(work);
	check(work, stream, 0, work->count);
}

/* And the complement. */
static void both_ways(const struct test_work *work, struct stream stream)
{
	write_and_check(work, &stream);
	stream.flip = ~stream.flip;
	write_and_check(work, &stream);
}

static struct stream random_stream(const struct test_work *work)
{
	return (struct stream){
		.kind = STREAM_RANDOM,
		.first = work->address / 8,
		.seed = splitmix64(work->request->seed) ^ work->request->pass,
	};
}

static void own_address(const struct test_work *work)
{
	both_ways(work, (struct stream){.kind = STREAM_STEPS, .first = work->address, .step = 8});
}

/* `flip` makes zeros of the ones. */
static void walking(const struct test_work *work, uint64_t flip)
{
	uint64_t block[STREAM_WORDS];

	for (unsigned step = 0; step < WALKING_STEPS; step++) {
		uint64_t start = work->address / 8 + step * (64 / WALKING_STEPS) + work->request->pass;

		for (uint64_t i = 0; i < STREAM_WORDS; i++)
			block[i] = UINT64_C(1) << (start + i) % 64;
		write_and_check(work, &(struct stream){.kind = STREAM_BLOCK, .block = block, .flip = flip});
	}
}

static void checkerboard(const struct test_work *work)
{
	uint64_t block[STREAM_WORDS];

	for (uint64_t i = 0; i < STREAM_WORDS; i++)
		block[i] = (work->address / 8 + i) % 2 ? ~HALF_ONES : HALF_ONES;
	both_ways(work, (struct stream){.kind = STREAM_BLOCK, .block = block});
}

/* A page at a time is held against the stream, then its complement written, so that each write stands between pages
 * that are turned over already and pages that are not yet. */
static void turn_page(const struct test_work *work, const struct stream *stream, size_t from)
{
	size_t to = from + MOVE_WORDS < work->count ? from + MOVE_WORDS : work->count;
	struct stream turned = stream_behind(stream, from);

	check(work, stream, from, to);
	turned.flip = ~turned.flip;
	stream_fill(&turned, work->words + from, to - from);
}

static void move(const struct test_work *work, struct stream stream)
{
	size_t pages = (work->count + MOVE_WORDS - 1) / MOVE_WORDS;

	if (cancelled(work))
		return;
	stream_fill(&stream, work->words, work->count);
	settle(work);
	for (size_t page = 0; page < pages; page++)
		turn_page(work, &stream, page * MOVE_WORDS);
	settle(work);
	if (cancelled(work))
		return;
	stream.flip = ~stream.flip;
	for (size_t page = pages; page--;)
		turn_page(work, &stream, page * MOVE_WORDS);
	settle(work);
	stream.flip = ~stream.flip;
	check(work, &stream, 0, work->count);
}

static void moving_inversions(const struct test_work *work)
{
	static const uint64_t zeros[STREAM_WORDS];

	move(work, (struct stream){.kind = STREAM_BLOCK, .block = zeros});
	move(work, (struct stream){.kind = STREAM_BLOCK, .block = zeros, .flip = UINT64_MAX});
	move(work, random_stream(work));
}

static void run(const struct test_work *work)
{
	switch (work->test) {
	case PM_MEMORY_TEST_OWN_ADDRESS:
		own_address(work);
		break;
	case PM_MEMORY_TEST_WALKING_ONES:
		walking(work, 0);
		break;
	case PM_MEMORY_TEST_WALKING_ZEROS:
		walking(work, UINT64_MAX);
		break;
	case PM_MEMORY_TEST_CHECKERBOARD:
		checkerboard(work);
		break;
	case PM_MEMORY_TEST_MOVING_INVERSIONS:
		moving_inversions(work);
		break;
	default:
		both_ways(work, random_stream(work));
		break;
	}
}

enum pm_code pm_memory_test(void *words, size_t bytes, uint64_t address, const struct pm_memory_test_request *request,
			    struct pm_task *task, struct pm_error *err)
{
	struct test_work work = {words, bytes / 8, address, request, task, PM_MEMORY_TEST_OWN_ADDRESS};

	for (unsigned test = 0; test < PM_MEMORY_TEST_COUNT; test++) {
		work.test = (enum pm_memory_test)test;
		if (!request->tests || request->tests >> test & 1)
			run(&work);
		if (cancelled(&work))
			return pm_fail(err, PM_E_CANCELLED, "Cancelled.");
	}
	memset(words, 0, bytes);
	return PM_OK;
}
