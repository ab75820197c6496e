/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory.h"
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#define THREADS_MAX 2
#define PIECE (UINT64_C(1) << 20)

/* The widest registers there are; core/cpu.h knows only what core needs. */
#if defined(__x86_64__)
#define WIDEST __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDEST
#endif

typedef uint64_t vector __attribute__((vector_size(64)));

/* Four streams, a page each: more than one does not let the prefetcher stop at the end of each page. */
WIDEST static uint64_t read_all(const uint8_t *from, uint64_t bytes)
{
	vector a = {0}, b = {0}, c = {0}, d = {0};

	for (uint64_t group = 0; group + 16384 <= bytes; group += 16384)
		for (uint64_t line = 0; line < 4096; line += 64) {
			const uint8_t *at = from + group + line;

			a ^= *(const vector *)(const void *)at;
			b ^= *(const vector *)(const void *)(at + 4096);
			c ^= *(const vector *)(const void *)(at + 8192);
			d ^= *(const vector *)(const void *)(at + 12288);
		}
	a ^= b ^ c ^ d;
	return a[0] ^ a[1] ^ a[2] ^ a[3] ^ a[4] ^ a[5] ^ a[6] ^ a[7];
}

struct share {
	void (*body)(void *context, uint64_t from, uint64_t bytes);
	void *context;
	uint64_t from, bytes;
};

static void *share_run(void *argument)
{
	struct share *share = argument;

	share->body(share->context, share->from, share->bytes);
	return NULL;
}

void in_threads(unsigned threads, void (*body)(void *context, uint64_t from, uint64_t bytes), void *context,
		uint64_t bytes)
{
	pthread_t ids[THREADS_MAX];
	struct share shares[THREADS_MAX];
	uint64_t half = bytes / threads / PIECE * PIECE;

	for (unsigned i = 0; i < threads; i++) {
		shares[i] = (struct share){body, context, i * half, i + 1 < threads ? half : bytes - i * half};
		if (pthread_create(&ids[i], NULL, share_run, &shares[i]))
			must(PM_E_OUT_OF_MEMORY, "a thread", NULL);
	}
	for (unsigned i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
}

static _Atomic uint64_t sink; /* so that what is read counts */

static void read_body(void *context, uint64_t from, uint64_t bytes)
{
	sink ^= read_all((const uint8_t *)context + from, bytes);
}

static void memset_body(void *context, uint64_t from, uint64_t bytes)
{
	memset((uint8_t *)context + from, (int)(from >> 20) + 3, bytes);
}

static void memcpy_body(void *context, uint64_t from, uint64_t bytes)
{
	struct bench *bench = context;

	memcpy(bench->scratch + from, bench->content + from, bytes);
}

static uint64_t content_read(struct bench *bench, unsigned threads)
{
	in_threads(threads, read_body, bench->content, bench->content_bytes);
	return bench->content_bytes;
}

static uint64_t scratch_set(struct bench *bench, unsigned threads)
{
	in_threads(threads, memset_body, bench->scratch, bench->scratch_bytes);
	return bench->scratch_bytes;
}

static uint64_t copy(struct bench *bench, unsigned threads)
{
	uint64_t bytes = bench->scratch_bytes < bench->content_bytes ? bench->scratch_bytes : bench->content_bytes;

	in_threads(threads, memcpy_body, bench, bytes);
	return bytes;
}

uint64_t work_read1(struct bench *bench, const char **why)
{
	return content_read(bench, 1);
}

uint64_t work_read2(struct bench *bench, const char **why)
{
	return content_read(bench, 2);
}

/* As one who opens the region has to: with its page faults. */
uint64_t work_read_anew2(struct bench *bench, const char **why)
{
	uint64_t at = bench->region.info.base + (uint64_t)(bench->content - bench->region.map);
	uint8_t *map = mmap(NULL, bench->content_bytes, PROT_READ, MAP_SHARED, bench->region.fd, (off_t)at);

	if (map == MAP_FAILED) {
		*why = "mmap";
		return 0;
	}
	in_threads(2, read_body, map, bench->content_bytes);
	munmap(map, bench->content_bytes);
	return bench->content_bytes;
}

uint64_t work_memset1(struct bench *bench, const char **why)
{
	return scratch_set(bench, 1);
}

uint64_t work_memset2(struct bench *bench, const char **why)
{
	return scratch_set(bench, 2);
}

uint64_t work_memcpy1(struct bench *bench, const char **why)
{
	return copy(bench, 1);
}

uint64_t work_memcpy2(struct bench *bench, const char **why)
{
	return copy(bench, 2);
}
