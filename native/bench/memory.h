/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pmpool_bench_memory: how fast memory is digested, compared, kept and filled, beside what the machine can do. */
#ifndef PMPOOL_BENCH_MEMORY_H
#define PMPOOL_BENCH_MEMORY_H

#include "figures.h"
#include <pmpool/core.h>
#include <pmpool/host.h>
#include <pmpool/pattern.h>
#include <pmpool/region.h>
#include <pmpool/snapshot.h>

#define SCRATCH_ADDRESS (UINT64_C(1) << 40) /* physical, so to say */

/* A host, mostly a simulated one in a folder on tmpfs, its region one pool whose pages are all allocated; and beside
 * it memory to overwrite. */
struct bench {
	char folder[256];
	struct pm_host host;
	struct pm_region region;
	struct pm_pool pool;
	struct pm_run run; /* the allocation */
	uint8_t *content; /* its bytes */
	uint64_t content_bytes;
	uint8_t *scratch; /* on the same tmpfs */
	uint64_t scratch_bytes;
	struct pm_pool scratch_pool; /* all free; there only while a work needs it */
	int snapshot_fd, increment_fd, expectation_fd, zstd_fd;
	uint64_t zstd_bytes, snapshot_bytes, increment_bytes; /* sizes of what the works wrote last */
};

/* --- memory_content.c --- */
/* `region` is one of this machine, or NULL: a simulated one of so many bytes in the folder. */
void content_make(struct bench *bench, const char *folder, const char *region, uint64_t bytes);
void content_end(struct bench *bench);
/* Other bytes in one page of a hundred, scattered; a second call brings the first ones back. Pages changed. */
uint64_t content_change(struct bench *bench);
/* Content of any kind: half zero or repeated pages, a quarter text, a quarter noise, in runs of 64 KiB to 1 MiB. */
void content_fill(uint8_t *to, uint64_t bytes);
void pool_make(struct pm_pool *pool, uint8_t *base, uint64_t bytes, uint64_t address); /* attached */
/* Ends the program with what went wrong, unless it is PM_OK. */
void must(enum pm_code code, const char *what, const struct pm_error *err);
int content_file(struct bench *bench, const char *name); /* in the folder, emptied, without a name */

/* --- works: bytes worked on; 0: it did not run, and *why tells why --- */
typedef uint64_t work_fn(struct bench *bench, const char **why);
/* memory_primitives.c: what the machine can do, by one thread and by two */
work_fn work_read1, work_read2, work_read_anew2, work_memset1, work_memset2, work_memcpy1, work_memcpy2;
void in_threads(unsigned threads, void (*body)(void *context, uint64_t from, uint64_t bytes), void *context,
		uint64_t bytes); /* of multiples of 1 MiB */
/* memory_peers.c: programs, on the same bytes */
work_fn work_sha256sum, work_zstd;
void zstd_before(struct bench *bench), zstd_after(struct bench *bench);
void print_programs(void);
/* memory_works.c: pmpool */
work_fn work_digest1, work_digest2, work_expect, work_verdict, work_snapshot, work_verify, work_compare, work_increment;
void snapshot_before(struct bench *bench);
void increment_before(struct bench *bench); /* 1 % of the content changes */
void increment_after(struct bench *bench); /* and changes back */
void works_end(struct bench *bench);
/* memory_patterns.c */
work_fn work_fill1, work_fill2, work_check1, work_check2;
extern struct pm_pattern pattern; /* that they work with */
/* memory_free.c: with that pattern, on the free pages of a pool in the scratch memory */
work_fn work_free_fill, work_free_check;
void scratch_pool_make(struct bench *bench); /* before work_free_fill and work_free_check, and after them */
void scratch_pool_end(struct bench *bench);

#endif
