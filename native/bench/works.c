/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "works.h"
#include <pthread.h>
#include <stdlib.h>

#define FRESH_MAX (UINT64_C(1) << 19)
#define FRESH_PAGES_MAX (UINT64_C(1) << 28) /* of one fresh run: above, only the count of words written would grow */
#define CHURN_NS UINT64_C(300000000) /* for each thread */
#define CHURN_MAX 1000000u
#define LIVE_MAX (UINT64_C(1) << 24) /* allocations that one churn remembers */

static void shuffle(uint64_t *handles, uint64_t count)
{
	uint64_t state = 7;

	for (uint64_t i = count; i > 1; i--) {
		uint64_t other = bench_random(&state) % i, kept = handles[i - 1];

		handles[i - 1] = handles[other];
		handles[other] = kept;
	}
}

struct figures work_fresh(const struct peer *peer, const struct work *work)
{
	uint64_t pages = work->bytes >> 13, count = pages >> work->order, done = 0, start, middle, end;
	struct figures none = {NOT_RUN, NOT_RUN};
	uint64_t *handles;
	void *heap;

	if (work->bytes > peer->max_bytes || work->order > peer->max_order || !count)
		return none;
	count = count < FRESH_MAX ? count : FRESH_MAX;
	if (count << work->order > FRESH_PAGES_MAX)
		count = FRESH_PAGES_MAX >> work->order;
	heap = peer->make(work->bytes);
	handles = calloc(count, sizeof(*handles));
	if (!heap || !handles)
		return none;
	start = bench_now_ns();
	while (done < count && (handles[done] = peer->alloc(heap, work->order, 0)) != BENCH_NONE)
		done++;
	middle = bench_now_ns();
	shuffle(handles, done);
	end = bench_now_ns();
	for (uint64_t i = 0; i < done; i++)
		peer->give(heap, handles[i], work->order, 0);
	end = bench_now_ns() - end;
	peer->end(heap);
	free(handles);
	return done ? (struct figures){(double)(middle - start) / (double)done, (double)end / (double)done} : none;
}

/* --- churn --- */

struct churner {
	const struct peer *peer;
	const struct work *work;
	void *heap;
	unsigned lane;
	pthread_barrier_t *start;
	uint64_t *handles;
	uint8_t *orders;
	uint64_t live;
	uint64_t operations, ns;
};

static unsigned next_order(const struct churner *churner, uint64_t *random)
{
	static const uint8_t mix[16] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 3, 4, 6, 9};

	return churner->work->order == MIXED ? mix[bench_random(random) % 16] : churner->work->order;
}

static bool take(struct churner *churner, unsigned order)
{
	uint64_t handle = churner->peer->alloc(churner->heap, order, churner->lane);

	if (handle == BENCH_NONE)
		return false;
	churner->handles[churner->live] = handle;
	churner->orders[churner->live++] = (uint8_t)order;
	return true;
}

static void give_one(struct churner *churner, uint64_t *random)
{
	uint64_t at = bench_random(random) % churner->live;
	uint64_t handle = churner->handles[at];
	unsigned order = churner->orders[at];

	churner->handles[at] = churner->handles[--churner->live];
	churner->orders[at] = churner->orders[churner->live];
	churner->peer->give(churner->heap, handle, order, churner->lane);
}

static void *churn(void *argument)
{
	struct churner *churner = argument;
	uint64_t random = churner->lane + 99, start, now;

	pthread_barrier_wait(churner->start);
	start = now = bench_now_ns();
	while (churner->operations < CHURN_MAX && now - start < CHURN_NS && churner->live) {
		for (int i = 0; i < 64 && churner->live; i++) {
			give_one(churner, &random);
			take(churner, next_order(churner, &random));
			churner->operations++;
		}
		now = bench_now_ns();
	}
	churner->ns = now - start;
	return NULL;
}

static void shuffle_both(struct churner *churner)
{
	uint64_t random = 3;

	for (uint64_t i = churner->live; i > 1; i--) {
		uint64_t other = bench_random(&random) % i, handle = churner->handles[i - 1];
		uint8_t order = churner->orders[i - 1];

		churner->handles[i - 1] = churner->handles[other];
		churner->orders[i - 1] = churner->orders[other];
		churner->handles[other] = handle;
		churner->orders[other] = order;
	}
}

/* Full, then down to the wanted share in random order: what is free then is scattered. */
static void settle(struct churner *churner)
{
	uint64_t pages = (churner->work->bytes >> 12) / churner->work->threads, used = 0, random = churner->lane + 1;
	unsigned order = next_order(churner, &random);

	churner->handles = calloc(LIVE_MAX, sizeof(*churner->handles));
	churner->orders = calloc(LIVE_MAX, 1);
	if (churner->peer->fill && !churner->work->order && churner->work->threads == 1)
		used = churner->live = churner->peer->fill(churner->heap, churner->handles, LIVE_MAX);
	while (used < pages && churner->live < LIVE_MAX && take(churner, order)) {
		used += UINT64_C(1) << order;
		order = next_order(churner, &random);
	}
	shuffle_both(churner);
	while (churner->live && used > pages / 100 * churner->work->fill) {
		used -= UINT64_C(1) << churner->orders[--churner->live];
		churner->peer->give(churner->heap, churner->handles[churner->live], churner->orders[churner->live],
				    churner->lane);
	}
}

struct figures work_churn(const struct peer *peer, const struct work *work)
{
	struct figures none = {NOT_RUN, NOT_RUN};
	struct churner churners[16] = {0};
	pthread_t threads[16];
	pthread_barrier_t start;
	double per_ns = 0;
	void *heap;

	if (work->bytes > peer->max_bytes || work->threads > peer->max_threads || work->threads > 16)
		return none;
	heap = peer->make(work->bytes);
	if (!heap)
		return none;
	pthread_barrier_init(&start, NULL, work->threads);
	for (unsigned i = 0; i < work->threads; i++) {
		churners[i] = (struct churner){.peer = peer, .work = work, .heap = heap, .lane = i, .start = &start};
		settle(&churners[i]);
	}
	for (unsigned i = 0; i < work->threads; i++)
		pthread_create(&threads[i], NULL, churn, &churners[i]);
	for (unsigned i = 0; i < work->threads; i++) {
		pthread_join(threads[i], NULL);
		per_ns += (double)churners[i].operations / (double)churners[i].ns;
		free(churners[i].handles);
		free(churners[i].orders);
	}
	pthread_barrier_destroy(&start);
	peer->end(heap);
	return (struct figures){1 / per_ns, NOT_RUN};
}
