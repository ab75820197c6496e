/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory test finds what is wrong with memory, where and how, and finds nothing in memory that is well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "memory/evict.h"
#include "pmpool/pattern.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ADDRESS UINT64_C(0x40003000)
#define WORDS 20000u /* 39 pages and a bit */
#define ERRORS_MAX 4096u

enum fault { NONE, STUCK_AT_0, STUCK_AT_1 };

struct bench {
	uint64_t *words;
	enum fault fault;
	uint64_t *place; /* of the fault */
	unsigned bit;
	unsigned writes; /* calls of `written` */
	unsigned cancel_at;
	struct pm_task task;
	uint64_t sums[64]; /* of what was written */
	size_t count; /* all errors */
	struct pm_memory_error errors[ERRORS_MAX];
};

static void written(void *context, void *words, size_t bytes)
{
	struct bench *bench = context;
	uint64_t sum = 0;

	assert_ptr_equal(words, bench->words);
	assert_int_equal(bytes, WORDS * 8);
	for (size_t i = 0; i < WORDS; i++)
		sum = sum * 31 + bench->words[i];
	bench->sums[bench->writes++ % 64] = sum;
	if (bench->fault == STUCK_AT_0)
		*bench->place &= ~(UINT64_C(1) << bench->bit);
	if (bench->fault == STUCK_AT_1)
		*bench->place |= UINT64_C(1) << bench->bit;
	if (bench->writes == bench->cancel_at)
		atomic_store(&bench->task.cancelled, true);
}

static void found(void *context, const struct pm_memory_error *error)
{
	struct bench *bench = context;

	if (bench->count < ERRORS_MAX)
		bench->errors[bench->count] = *error;
	bench->count++;
}

static struct bench *bench_new(void)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	bench->words = aligned_alloc(4096, 40 * 4096);
	assert_non_null(bench->words);
	return bench;
}

static void bench_free(struct bench *bench)
{
	free(bench->words);
	free(bench);
}

static enum pm_code test_once(struct bench *bench, unsigned tests, uint32_t pass)
{
	struct pm_memory_test_request request = {tests, pass, 42, found, written, bench};
	struct pm_error err = {0};
	enum pm_code code;

	bench->writes = 0;
	bench->count = 0;
	memset(bench->words, 0x77, WORDS * 8);
	code = pm_memory_test(bench->words, WORDS * 8, ADDRESS, &request, &bench->task, &err);
	assert_int_equal(err.code, code);
	return code;
}

static void good_memory_has_no_errors_and_ends_as_zeros(void **state)
{
	struct bench *bench = bench_new();

	(void)state;
	for (uint32_t pass = 1; pass <= 9; pass++) {
		assert_int_equal(test_once(bench, 0, pass), PM_OK);
		assert_int_equal(bench->count, 0);
		for (size_t i = 0; i < WORDS; i++)
			assert_int_equal(bench->words[i], 0);
	}
	bench_free(bench);
}

/* The walking bit stands at each place once in eight passes, so a bit that is stuck where the others are is found by
 * then; by everything else in the first. */
static uint32_t passes_until(unsigned test, enum fault fault)
{
	return (test == PM_MEMORY_TEST_WALKING_ONES && fault == STUCK_AT_0) ||
			       (test == PM_MEMORY_TEST_WALKING_ZEROS && fault == STUCK_AT_1)
		       ? 8
		       : 1;
}

static void assert_stuck_bit_found(struct bench *bench, unsigned test)
{
	uint32_t passes = passes_until(test, bench->fault);
	uint64_t address = ADDRESS + (uint64_t)(bench->place - bench->words) * 8;
	size_t count = 0;

	for (uint32_t pass = 1; pass <= passes; pass++) {
		assert_int_equal(test_once(bench, 1u << test, pass), PM_OK);
		for (size_t i = 0; i < bench->count; i++) {
			const struct pm_memory_error *error = &bench->errors[i];

			assert_int_equal(error->address, address);
			assert_int_equal(error->expected ^ error->found, UINT64_C(1) << bench->bit);
			assert_int_equal(error->found >> bench->bit & 1, bench->fault == STUCK_AT_1);
			assert_int_equal(error->test, test);
			assert_int_equal(error->pass, pass);
		}
		count += bench->count;
	}
	if (!count)
		fail_msg("%s misses bit %u stuck at %d", pm_memory_test_name((enum pm_memory_test)test), bench->bit,
			 bench->fault == STUCK_AT_1);
}

static void every_test_finds_a_stuck_bit(void **state)
{
	static const size_t places[] = {0, 63, 511, 512, 12345, WORDS - 1};
	static const unsigned bits[] = {0, 1, 30, 31, 32, 63};
	struct bench *bench = bench_new();

	(void)state;
	for (unsigned test = 0; test < PM_MEMORY_TEST_COUNT; test++)
		for (size_t i = 0; i < 6; i++)
			for (bench->fault = STUCK_AT_0; bench->fault <= STUCK_AT_1; bench->fault++) {
				bench->place = bench->words + places[i];
				bench->bit = bits[(i + test) % 6];
				assert_stuck_bit_found(bench, test);
			}
	bench_free(bench);
}

static void only_the_tests_asked_for_are_run(void **state)
{
	/* how often each test writes and reads back */
	static const unsigned writes[PM_MEMORY_TEST_COUNT] = {2, 8, 8, 2, 9, 2};
	struct bench *bench = bench_new();
	unsigned all = 0;

	(void)state;
	for (unsigned test = 0; test < PM_MEMORY_TEST_COUNT; test++) {
		assert_int_equal(test_once(bench, 1u << test, 1), PM_OK);
		assert_int_equal(bench->writes, writes[test]);
		all += writes[test];
	}
	assert_int_equal(test_once(bench, 1u << PM_MEMORY_TEST_RANDOM | 1u << PM_MEMORY_TEST_OWN_ADDRESS, 1), PM_OK);
	assert_int_equal(bench->writes, 4);
	assert_int_equal(test_once(bench, 0, 1), PM_OK);
	assert_int_equal(bench->writes, all);
	bench_free(bench);
}

static void passes_write_other_numbers(void **state)
{
	struct bench *bench = bench_new();
	uint64_t first;

	(void)state;
	assert_int_equal(test_once(bench, 1u << PM_MEMORY_TEST_RANDOM, 1), PM_OK);
	first = bench->sums[0];
	assert_int_equal(test_once(bench, 1u << PM_MEMORY_TEST_RANDOM, 1), PM_OK);
	assert_int_equal(bench->sums[0], first);
	assert_int_equal(test_once(bench, 1u << PM_MEMORY_TEST_RANDOM, 2), PM_OK);
	assert_int_not_equal(bench->sums[0], first);
	bench_free(bench);
}

/* One page of a file stands at two places: what an address line that is not connected does. */
static void an_address_line_that_does_nothing_is_found(void **state)
{
	static const unsigned finders[] = {PM_MEMORY_TEST_OWN_ADDRESS, PM_MEMORY_TEST_RANDOM,
					   PM_MEMORY_TEST_MOVING_INVERSIONS};
	int file = memfd_create("aliased", MFD_CLOEXEC);
	struct bench *bench = calloc(1, sizeof(*bench));
	struct pm_memory_test_request request = {.pass = 1, .found = found, .context = bench};
	uint8_t *memory;
	struct pm_error err;

	(void)state;
	assert_non_null(bench);
	assert_int_equal(ftruncate(file, 16 * 4096), 0);
	memory = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	assert_true(memory != MAP_FAILED);
	assert_true(mmap(memory + 12 * 4096, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 4 * 4096) !=
		    MAP_FAILED);
	for (size_t i = 0; i < sizeof(finders) / sizeof(*finders); i++) {
		request.tests = 1u << finders[i];
		bench->count = 0;
		assert_int_equal(pm_memory_test(memory, 16 * 4096, ADDRESS, &request, NULL, &err), PM_OK);
		assert_true(bench->count >= 512);
		for (size_t n = 0; n < bench->count; n++) {
			uint64_t page = (bench->errors[n].address - ADDRESS) / 4096;

			assert_true(page == 4 || page == 12);
		}
	}
	/* own-address says where the other one is */
	request.tests = 1u << PM_MEMORY_TEST_OWN_ADDRESS;
	bench->count = 0;
	assert_int_equal(pm_memory_test(memory, 16 * 4096, ADDRESS, &request, NULL, &err), PM_OK);
	assert_int_equal(bench->count, 2 * 512);
	for (size_t n = 0; n < 512; n++) {
		assert_int_equal(bench->errors[n].address, ADDRESS + 4 * 4096 + n * 8);
		assert_int_equal(bench->errors[n].expected, bench->errors[n].address);
		assert_int_equal(bench->errors[n].found, bench->errors[n].address + 8 * 4096);
	}
	munmap(memory, 16 * 4096);
	close(file);
	free(bench);
}

static void cancelling_ends_it_before_the_next_write(void **state)
{
	struct bench *bench = bench_new();

	(void)state;
	for (unsigned at = 1; at < 31; at++) {
		bench->cancel_at = at;
		atomic_store(&bench->task.cancelled, false);
		assert_int_equal(test_once(bench, 0, 1), PM_E_CANCELLED);
		assert_in_range(bench->writes, at, at + 1);
	}
	bench_free(bench);
}

static void caches_are_left_on_the_usual_processors(void **state)
{
	uint8_t bytes[256] = {0};

	(void)state;
#if defined(__x86_64__) || defined(__aarch64__)
	assert_true(evict(bytes + 3, 200));
#else
	assert_false(evict(bytes + 3, 200));
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_memory_has_no_errors_and_ends_as_zeros),
		cmocka_unit_test(every_test_finds_a_stuck_bit),
		cmocka_unit_test(only_the_tests_asked_for_are_run),
		cmocka_unit_test(passes_write_other_numbers),
		cmocka_unit_test(an_address_line_that_does_nothing_is_found),
		cmocka_unit_test(cancelling_ends_it_before_the_next_write),
		cmocka_unit_test(caches_are_left_on_the_usual_processors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
