/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is measured. Each work runs once and answers nanoseconds for one operation; main.c repeats and compares. */
#ifndef PMPOOL_BENCH_WORKS_H
#define PMPOOL_BENCH_WORKS_H

#include "peer.h"

#define NOT_RUN (-1.0)

struct figures { /* ns for one operation, all threads together; NOT_RUN where the peer cannot */
	double alloc, give;
};

struct work {
	uint64_t bytes; /* of the heap */
	unsigned order; /* of each allocation; MIXED: 0 to 9, small ones more often */
	unsigned threads;
	unsigned fill; /* per cent of the heap in use while it is measured; 0: a fresh heap is filled, then emptied */
};
enum { MIXED = 99 };

/* A fresh heap: as many allocations as fit in half of it, at most 2^19; then all of them freed in random order. */
struct figures work_fresh(const struct peer *peer, const struct work *work);
/* A heap filled with pages and freed at random down to work->fill; then a free and an alloc in turn, at random. */
struct figures work_churn(const struct peer *peer, const struct work *work);

#endif
