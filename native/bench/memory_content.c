/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory.h"
#include "host/heap.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIMULATED "mem:0x100000000"
#define SCRATCH_MAX (UINT64_C(512) << 20)
#define NOISE_SEED 11

static const struct pm_act act = {.time_ns = 1, .boot_id = {1}, .actor = "bench"};

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "pmpool_bench_memory: %s: %s\n", what, why);
	exit(1);
}

void must(enum pm_code code, const char *what, const struct pm_error *err)
{
	if (code)
		fail(what, err && err->code ? err->message : pm_error_name(code));
}

/* --- the bytes --- */

static void noise(uint8_t *to, uint64_t bytes, uint64_t *random)
{
	for (uint64_t i = 0; i < bytes; i += 8) {
		uint64_t word = bench_random(random);

		memcpy(to + i, &word, 8);
	}
}

/* --- text: what a machine with a C compiler has --- */

#define CORPUS_MAX ((size_t)16 << 20)
static uint8_t *corpus;
static size_t corpus_bytes;

static int corpus_add(const char *path, const struct stat *status, int type, struct FTW *where)
{
	FILE *from = type == FTW_F && corpus_bytes < CORPUS_MAX ? fopen(path, "re") : NULL;

	(void)status, (void)where;
	if (from) {
		corpus_bytes += fread(corpus + corpus_bytes, 1, CORPUS_MAX - corpus_bytes, from);
		fclose(from);
	}
	return 0;
}

static void corpus_load(void)
{
	corpus = malloc(CORPUS_MAX);
	if (corpus)
		nftw("/usr/include/linux", corpus_add, 16, FTW_PHYS);
	while (corpus && corpus_bytes < (size_t)1 << 20) /* no headers here */
		corpus_bytes += (size_t)snprintf((char *)corpus + corpus_bytes, 64, "%zu: device %zu is in state %zu\n",
						 corpus_bytes, corpus_bytes % 7, corpus_bytes * 31 % 251);
}

/* From any byte of it on, so that hardly a page repeats. */
static void text(uint8_t *to, uint64_t bytes, uint64_t *random)
{
	uint64_t from = bench_random(random) % corpus_bytes, piece;

	for (uint64_t at = 0; at < bytes; at += piece, from = 0) {
		piece = corpus_bytes - from < bytes - at ? corpus_bytes - from : bytes - at;
		memcpy(to + at, corpus + from, piece);
	}
}

void content_fill(uint8_t *to, uint64_t bytes)
{
	static uint8_t repeated[64][4096];
	uint64_t random = NOISE_SEED, run;

	corpus_load();
	noise(repeated[0], sizeof(repeated), &random);
	for (uint64_t at = 0; at < bytes; at += run) {
		uint64_t kind = bench_random(&random) % 4;

		run = UINT64_C(65536) << bench_random(&random) % 5;
		run = run < bytes - at ? run : bytes - at;
		if (kind == 0)
			memset(to + at, 0, run);
		else if (kind == 1)
			for (uint64_t i = 0; i < run; i += 4096)
				memcpy(to + at + i, repeated[bench_random(&random) % 64], 4096);
		else if (kind == 2)
			text(to + at, run, &random);
		else
			noise(to + at, run, &random);
	}
}

uint64_t content_change(struct bench *bench)
{
	uint64_t random = 5, pages = bench->content_bytes >> 12, changed = pages / 100;

	for (uint64_t i = 0; i < changed; i++) {
		uint8_t *page = bench->content + (bench_random(&random) % pages << 12);

		for (uint64_t j = 0; j < 4096; j += 8) {
			uint64_t word;

			memcpy(&word, page + j, 8);
			word ^= bench_random(&random);
			memcpy(page + j, &word, 8);
		}
	}
	return changed;
}

/* --- the host --- */

int content_file(struct bench *bench, const char *name)
{
	char path[sizeof(bench->folder) + 32];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", bench->folder, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || unlink(path) < 0)
		fail(path, strerror(errno));
	return fd;
}

void pool_make(struct pm_pool *pool, uint8_t *base, uint64_t bytes, uint64_t address)
{
	struct pm_mapping mapping = {base, bytes, address, false};
	struct pm_pool_request request = {.pool_uuid = {1},
					  .region_uuid = {2},
					  .name = "bench",
					  .physical_base = address,
					  .medium = PM_MEDIUM_FILE,
					  .numa_node = -1};

	must(pm_pool_format(base, bytes, &request, &act), "create", NULL);
	must(pm_pool_attach(pool, &mapping, 1, 0, &pm_heap, &act), "attach", NULL);
}

/* The longest run that the pool gives: nearly all of it. */
static void allocate_all(struct bench *bench)
{
	struct pm_alloc_request request = {.name = "content", .owner = "bench"};

	must(pm_pool_begin(&bench->pool, false, &act), "begin", NULL);
	for (request.pages = bench->pool.page_end; request.pages > 256; request.pages -= 128)
		if (!pm_alloc(&bench->pool, &request, &act, &bench->run))
			break;
	if (!bench->run.pages)
		fail("allocate", "no space");
	pm_pool_end(&bench->pool);
	bench->content = pm_page_bytes(&bench->pool, bench->run.page);
	bench->content_bytes = bench->run.pages << 12;
}

static void scratch_make(struct bench *bench, uint64_t bytes)
{
	int fd = content_file(bench, "scratch");

	bench->scratch_bytes = bytes < SCRATCH_MAX ? bytes : SCRATCH_MAX;
	if (ftruncate(fd, (off_t)bench->scratch_bytes) < 0)
		fail("scratch", strerror(errno));
	bench->scratch = mmap(NULL, bench->scratch_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (bench->scratch == MAP_FAILED)
		fail("scratch", strerror(errno));
	memset(bench->scratch, 1, bench->scratch_bytes);
	close(fd);
}

/* A region of this machine is overwritten: only one that holds nothing. */
static void region_take(struct bench *bench, const char *id)
{
	struct pm_found found;
	struct pm_error err = {0};

	must(pm_host_open(&bench->host, NULL, 0, &err), "host", &err);
	must(pm_region_open(&bench->host, id, 0, 0, true, &bench->region, &err), "region", &err);
	must(pm_region_recognise(&bench->host, &bench->region, &found, &err), "region", &err);
	if (!found.blank)
		fail(id, "it holds something; only a blank region is overwritten");
}

void content_make(struct bench *bench, const char *folder, const char *region, uint64_t bytes)
{
	struct pm_error err = {0};

	*bench = (struct bench){.snapshot_fd = -1, .increment_fd = -1, .expectation_fd = -1};
	snprintf(bench->folder, sizeof(bench->folder), "%s/pmpool-bench-XXXXXX", folder);
	if (!mkdtemp(bench->folder))
		fail(folder, strerror(errno));
	if (region) {
		region_take(bench, region);
	} else {
		must(pm_host_open(&bench->host, bench->folder, bytes, &err), "host", &err);
		must(pm_region_open(&bench->host, SIMULATED, 0, 0, true, &bench->region, &err), "region", &err);
	}
	pool_make(&bench->pool, bench->region.map, bench->region.bytes, bench->region.info.base);
	allocate_all(bench);
	content_fill(bench->content, bench->content_bytes);
	scratch_make(bench, bench->region.bytes);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status, (void)type, (void)where;
	return remove(path);
}

void content_end(struct bench *bench)
{
	pm_pool_detach(&bench->pool);
	pm_pool_erase(bench->region.map, bench->region.bytes);
	pm_region_close(&bench->region);
	nftw(bench->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
