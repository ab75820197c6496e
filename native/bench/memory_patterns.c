/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory.h"

static const uint8_t data[] = "own bytes, over and over";
struct pm_pattern pattern = {.seed = 7, .data = data, .data_bytes = sizeof(data)};
static _Atomic uint64_t wrong;

static void fill_body(void *context, uint64_t from, uint64_t bytes)
{
	struct bench *bench = context;

	pm_pattern_fill(&pattern, SCRATCH_ADDRESS + from, bench->scratch + from, bytes);
}

static void check_body(void *context, uint64_t from, uint64_t bytes)
{
	struct bench *bench = context;

	wrong += pm_pattern_check(&pattern, SCRATCH_ADDRESS + from, bench->scratch + from, bytes) != bytes;
}

static uint64_t fill(struct bench *bench, unsigned threads)
{
	in_threads(threads, fill_body, bench, bench->scratch_bytes);
	return bench->scratch_bytes;
}

/* Of what was filled last. */
static uint64_t check(struct bench *bench, unsigned threads, const char **why)
{
	wrong = 0;
	in_threads(threads, check_body, bench, bench->scratch_bytes);
	*why = "the pattern did not hold";
	return wrong ? 0 : bench->scratch_bytes;
}

uint64_t work_fill1(struct bench *bench, const char **why)
{
	return fill(bench, 1);
}

uint64_t work_fill2(struct bench *bench, const char **why)
{
	return fill(bench, 2);
}

uint64_t work_check1(struct bench *bench, const char **why)
{
	return check(bench, 1, why);
}

uint64_t work_check2(struct bench *bench, const char **why)
{
	return check(bench, 2, why);
}
