/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmpool_bench [--rounds N] [--only TEXT]: how long pmpool takes, and beside each figure how long its peers
 * take for the same in the same run. A ratio above 1 says how many times longer the peer took. Asserts nothing.
 */
#include "pmpool_heap.h"
#include "works.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define GIB (UINT64_C(1) << 30)

static const struct peer *const peers[] = {
	&peer_pmpool,	 &peer_pmpool_flush,
#ifdef HAVE_LLFREE
	&peer_llfree,
#endif
	&peer_first_fit,
#ifdef HAVE_PMEMOBJ
	&peer_pmemobj,
#endif
	&peer_memalign,
};
enum { PEERS = sizeof(peers) / sizeof(peers[0]) };

static int rounds = 5;
static const char *only = "";

void *bench_map(uint64_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

void bench_unmap(void *memory, uint64_t bytes)
{
	munmap(memory, bytes ? bytes : 1);
}

static void print_figure(const char *what, const char *name, struct spread spread, double ours)
{
	if (spread.low < 0)
		return;
	printf("  %-34s %-16s %9.1f ns  (%.1f to %.1f)", what, name, spread.median, spread.low, spread.high);
	if (ours > 0)
		printf("  ratio %.2f", spread.median / ours);
	putchar('\n');
	fflush(stdout);
}

struct figures (*const runs[])(const struct peer *, const struct work *) = {work_fresh, work_churn};

static void compare(const char *title, const struct work *work, bool churn)
{
	double ours[2] = {0, 0};

	if (!strstr(title, only))
		return;
	printf("%s\n", title);
	for (int peer = 0; peer < PEERS; peer++) {
		double alloc[ROUNDS_MAX], give[ROUNDS_MAX];
		struct spread spreads[2];

		for (int round = 0; round < rounds; round++) {
			struct figures figures = runs[churn](peers[peer], work);

			alloc[round] = figures.alloc;
			give[round] = figures.give;
			if (figures.alloc < 0) {
				alloc[rounds - 1] = give[rounds - 1] = alloc[0] = give[0] = NOT_RUN;
				break;
			}
		}
		if (alloc[0] < 0)
			continue;
		spreads[0] = spread_of(alloc, rounds);
		spreads[1] = spread_of(give, rounds);
		print_figure(churn ? "free and alloc" : "alloc", peers[peer]->name, spreads[0], ours[0]);
		print_figure("free, random order", peers[peer]->name, spreads[1], ours[1]);
		if (peer == 0) {
			ours[0] = spreads[0].median;
			ours[1] = spreads[1].median;
		}
	}
}

static void fresh(void)
{
	static const struct {
		uint64_t gib;
		unsigned order;
	} cases[] = {{1, 0},   {1, 9},	  {4, 0},    {4, 3},	 {4, 9},     {4, 12},	 {64, 0},   {64, 9},
		     {64, 12}, {1024, 0}, {1024, 9}, {1024, 12}, {1024, 14}, {1024, 18}, {16384, 9}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct work work = {.bytes = cases[i].gib * GIB, .order = cases[i].order, .threads = 1};
		char title[80];

		snprintf(title, sizeof(title), "fresh, order %u, %llu GiB", cases[i].order,
			 (unsigned long long)cases[i].gib);
		compare(title, &work, false);
	}
}

static void churned(void)
{
	static const struct work cases[] = {
		{GIB, 0, 1, 50},	 {GIB, 0, 1, 90},	  {4 * GIB, 0, 1, 50},	   {4 * GIB, 0, 1, 90},
		{4 * GIB, MIXED, 1, 50}, {4 * GIB, MIXED, 1, 90}, {64 * GIB, 0, 1, 50},	   {64 * GIB, 0, 1, 90},
		{4 * GIB, 0, 2, 90},	 {4 * GIB, MIXED, 2, 50}, {4 * GIB, MIXED, 2, 90},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char title[160], order[40];

		if (cases[i].order == MIXED)
			snprintf(order, sizeof(order), "mixed orders");
		else
			snprintf(order, sizeof(order), "order %u", cases[i].order);
		snprintf(title, sizeof(title), "churn, %s, %llu GiB, %u %% full, %u thread%s", order,
			 (unsigned long long)(cases[i].bytes / GIB), cases[i].fill, cases[i].threads,
			 cases[i].threads > 1 ? "s (ns for one operation of all of them)" : "");
		compare(title, &cases[i], true);
	}
}

/* --- what only pmpool does --- */

static void named(void)
{
	double alloc[ROUNDS_MAX], give[ROUNDS_MAX];
	const uint64_t count = 100000;

	if (!strstr("named", only))
		return;
	puts("named, with a record, 1 GiB, 100000 of them (libpmemobj's alloc, above, is its peer)");
	for (int round = 0; round < rounds; round++) {
		struct heap *heap = heap_make(GIB, false);
		uint64_t *pages = calloc(count, sizeof(*pages)), start;
		struct pm_run run;

		/* The directory grows into the pool's pages, which are there where memory is reserved. */
		madvise(heap->mapping.base, heap->mapping.bytes, MADV_POPULATE_WRITE);
		start = bench_now_ns();

		for (uint64_t i = 0; i < count; i++) {
			char name[32];
			struct pm_alloc_request request = {.pages = 1, .name = name, .owner = "bench"};

			snprintf(name, sizeof(name), "object-%llu", (unsigned long long)i);
			if (pm_alloc(&heap->pool, &request, &heap_act, &run))
				abort();
			pages[i] = run.page;
		}
		alloc[round] = (double)(bench_now_ns() - start) / (double)count;
		start = bench_now_ns();
		for (uint64_t i = 0; i < count; i++)
			if (pm_free(&heap->pool, pages[i * 7919 % count], 0, &run))
				abort();
		give[round] = (double)(bench_now_ns() - start) / (double)count;
		free(pages);
		heap_end(heap);
	}
	print_figure("alloc, name and record", "pmpool", spread_of(alloc, rounds), 0);
	print_figure("free, random order", "pmpool", spread_of(give, rounds), 0);
}

static void fill_with_pages(struct heap *heap, uint64_t pages)
{
	uint64_t random = 5;

	for (uint64_t i = 0; i < pages; i++) {
		struct pm_alloc_request request = {.pages = 1};
		struct pm_run run, freed;

		if (pm_alloc(&heap->pool, &request, &heap_act, &run))
			return;
		if (bench_random(&random) % 2)
			pm_free(&heap->pool, run.page, 0, &freed);
	}
}

/* As after a crash: the pool is left marked busy. */
static void attach(void)
{
	static const struct {
		uint64_t gib, pages;
	} cases[] = {{4, 0}, {64, 1 << 20}, {1024, 0}, {1024, 1 << 20}, {1024, 1 << 24}};

	if (!strstr("attach", only))
		return;
	puts("attach after a crash, everything validated");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct heap *heap = heap_make(cases[i].gib * GIB, false);
		double times[ROUNDS_MAX];
		char what[80];
		struct spread spread;

		fill_with_pages(heap, cases[i].pages);
		for (int round = 0; round < rounds; round++) {
			struct pm_pool crashed = heap->pool;
			uint64_t start = bench_now_ns();

			heap_attach(heap);
			times[round] = (double)(bench_now_ns() - start) / 1e6;
			pm_pool_detach(&crashed);
		}
		spread = spread_of(times, rounds);
		snprintf(what, sizeof(what), "%llu GiB, %llu pages asked for", (unsigned long long)cases[i].gib,
			 (unsigned long long)cases[i].pages);
		printf("  %-51s %9.2f ms  (%.2f to %.2f)\n", what, spread.median, spread.low, spread.high);
		heap_end(heap);
	}
}

static void overhead(void)
{
	if (!strstr("metadata", only))
		return;
	puts("metadata, superblocks, records and log in it");
	for (uint64_t gib = 1; gib <= 16384; gib *= 4) {
		struct heap *heap = heap_make(gib * GIB, false);
		struct pm_usage usage;

		pm_usage_get(&heap->pool, &usage);
		printf("  %5llu GiB  %10llu KiB  %.5f %%\n", (unsigned long long)gib,
		       (unsigned long long)usage.metadata_bytes >> 10,
		       100 * (double)usage.metadata_bytes / (double)(gib * GIB));
		heap_end(heap);
	}
}

static void print_peers(void)
{
	printf("a ratio is the peer's time over that of the first line: above 1, pmpool was faster\npeers:");
	for (int i = 0; i < PEERS; i++)
		printf("%s %s (%s)", i ? "," : "", peers[i]->name, peers[i]->version());
	puts("");
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"rounds", required_argument, NULL, 'r'}, {"only", required_argument, NULL, 'o'}, {NULL, 0, NULL, 0}};
	int option;

	setenv("PMEM_IS_PMEM_FORCE", "1", 0);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'r' && atoi(optarg) > 0 && atoi(optarg) <= ROUNDS_MAX)
			rounds = atoi(optarg);
		else if (option == 'o')
			only = optarg;
		else {
			fprintf(stderr, "usage: pmpool_bench [--rounds 1..%d] [--only TEXT]\n", ROUNDS_MAX);
			return 2;
		}
	}
	print_machine(rounds);
	print_peers();
	fresh();
	churned();
	named();
	attach();
	overhead();
	return 0;
}
