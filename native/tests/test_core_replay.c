/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine of the crash tests itself: which images it makes of which stores, flushes and fences. */
#include "core/persist.h"
#include "model.h"
#include "replay.h"
#include <string.h>

#define BYTES 4096

static _Alignas(4096) uint8_t memory[BYTES];
static _Alignas(4096) uint8_t start[BYTES];

struct image {
	uint64_t first, second, other; /* two words of one line, and one of another */
	bool acknowledged;
};

struct found {
	struct image images[64];
	size_t count;
};

static uint64_t *word(size_t n)
{
	return (uint64_t *)(void *)(memory + 8 * n);
}

static const char *check(struct replay *replay, void *context, bool acknowledged)
{
	struct found *found = context;

	found->images[found->count++] = (struct image){*word(0), *word(1), *word(8), acknowledged};
	return *word(0) == 666 ? "the number" : NULL;
}

static struct found run(const struct trace *trace, enum replay_mode mode, size_t skip)
{
	struct found found = {.count = 0};
	struct replay replay;

	replay_begin(&replay, start, memory, BYTES, check, &found);
	assert_null(replay_run(&replay, trace, mode, skip));
	assert_int_equal(replay.images, found.count);
	assert_memory_equal(memory, start, BYTES);
	replay_end(&replay);
	return found;
}

static bool has(const struct found *found, uint64_t first, uint64_t second, uint64_t other, bool acknowledged)
{
	for (size_t i = 0; i < found->count; i++) {
		const struct image *image = &found->images[i];

		if (image->first == first && image->second == second && image->other == other &&
		    image->acknowledged == acknowledged)
			return true;
	}
	return false;
}

static void stores_arrive_in_program_order(void **state)
{
	struct trace trace = {0};
	struct found found;

	trace_start(&trace, memory, BYTES);
	pm_store64(word(0), 1);
	pm_store64(word(8), 2);
	pm_store64(word(1), 3);
	trace_mark();
	trace_stop();
	found = run(&trace, REPLAY_PROGRAM, REPLAY_SKIP_NONE);
	assert_int_equal(found.count, 5);
	assert_true(has(&found, 0, 0, 0, false) && has(&found, 1, 0, 0, false) && has(&found, 1, 0, 2, false) &&
		    has(&found, 1, 3, 2, false) && has(&found, 1, 3, 2, true));
	trace_end(&trace);
}

/* A line holds a prefix of its own stores, whatever other lines do. */
static void lines_arrive_by_themselves(void **state)
{
	struct trace trace = {0};
	struct found found;

	trace_start(&trace, memory, BYTES);
	pm_store64(word(0), 1);
	pm_store64(word(8), 2);
	pm_store64(word(1), 3);
	trace_stop();
	found = run(&trace, REPLAY_ORDERS, REPLAY_SKIP_NONE);
	assert_int_equal(found.count, 6);
	for (uint64_t other = 0; other <= 2; other += 2)
		assert_true(has(&found, 0, 0, other, false) && has(&found, 1, 0, other, false) &&
			    has(&found, 1, 3, other, false));
	trace_end(&trace);
}

static void record_persisted(struct trace *trace)
{
	memset(memory, 0, BYTES);
	trace_start(trace, memory, BYTES);
	pm_store64(word(0), 1);
	pm_persist(word(0), 8);
	pm_store64(word(8), 2);
	pm_persist(word(8), 8);
	trace_mark();
	trace_stop();
}

static void what_was_fenced_is_there(void **state)
{
	struct trace trace = {0};
	struct found found;

	record_persisted(&trace);
	found = run(&trace, REPLAY_ORDERS, REPLAY_SKIP_NONE);
	assert_int_equal(found.count, 4);
	assert_true(has(&found, 0, 0, 0, false) && has(&found, 1, 0, 0, false) && has(&found, 1, 0, 2, false) &&
		    has(&found, 1, 0, 2, true));
	trace_end(&trace);
}

static void without_a_flush_or_fence_it_may_not_be(void **state)
{
	static const struct {
		size_t skip;
		bool other_first, lost; /* the second store without the first; acknowledged without the second */
	} cases[] = {{0, true, true}, {1, true, false}, {2, false, true}, {3, false, true}};
	struct trace trace = {0};

	record_persisted(&trace);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct found found = run(&trace, REPLAY_ORDERS, cases[i].skip);

		assert_int_equal(has(&found, 0, 0, 2, false) || has(&found, 0, 0, 2, true), cases[i].other_first);
		assert_int_equal(has(&found, 1, 0, 0, true) || has(&found, 0, 0, 2, true), cases[i].lost);
	}
	trace_end(&trace);
}

/* A line of which a part was flushed: what came after the flush may be there or not. */
static void a_flush_takes_what_was_stored_before_it(void **state)
{
	struct trace trace = {0};
	struct found found;

	memset(memory, 0, BYTES);
	trace_start(&trace, memory, BYTES);
	pm_store64(word(0), 1);
	pm_flush(word(0), 8);
	pm_store64(word(1), 3);
	pm_fence();
	trace_mark();
	trace_stop();
	found = run(&trace, REPLAY_ORDERS, REPLAY_SKIP_NONE);
	assert_true(has(&found, 1, 0, 0, true) && has(&found, 1, 3, 0, true) && !has(&found, 0, 0, 0, true));
	trace_end(&trace);
}

static void too_many_images_are_sampled(void **state)
{
	struct found found = {.count = 0};
	struct trace trace = {0};
	struct replay replay;

	memset(memory, 0, BYTES);
	trace_start(&trace, memory, BYTES);
	for (size_t line = 0; line < 13; line++)
		pm_store64(word(8 * line), 666);
	trace_stop();
	replay_begin(&replay, start, memory, BYTES, check, &found);
	assert_string_equal(replay_run(&replay, &trace, REPLAY_ORDERS, REPLAY_SKIP_NONE), "the number");
	assert_int_equal(replay.sampled, 1);
	assert_int_equal(replay.exhaustive, 0);
	/* It was seen, and is still wrong. */
	assert_non_null(replay_run(&replay, &trace, REPLAY_ORDERS, REPLAY_SKIP_NONE));
	replay_end(&replay);
	trace_end(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stores_arrive_in_program_order),
		cmocka_unit_test(lines_arrive_by_themselves),
		cmocka_unit_test(what_was_fenced_is_there),
		cmocka_unit_test(without_a_flush_or_fence_it_may_not_be),
		cmocka_unit_test(a_flush_takes_what_was_stored_before_it),
		cmocka_unit_test(too_many_images_are_sampled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
