/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the benchmarks share: time, spread over rounds, the machine. */
#ifndef PMPOOL_BENCH_FIGURES_H
#define PMPOOL_BENCH_FIGURES_H

#include <stdint.h>

#define ROUNDS_MAX 15

struct spread {
	double low, median, high;
};
struct spread spread_of(double *values, int count); /* sorts them; of at least one */

uint64_t bench_now_ns(void);
uint64_t bench_random(uint64_t *state); /* splitmix64 */
void print_machine(int rounds);

#endif
