/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The layout of a .pmsnap file or an expectation: a header, then typed chunks, the last of them DONE.
 * All integers little-endian. docs/snapshot.md describes it byte by byte.
 */
#ifndef PMPOOL_CONTAINER_H
#define PMPOOL_CONTAINER_H

#include <stddef.h>
#include <stdint.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "files are written as structures of this machine");

/* CR LF shows a transfer that translated line ends. 8 bytes, no terminator in the file. */
#define PM_FILE_MAGIC "PMSNAP\r\n"
#define PM_FILE_VERSION 2u /* 1 held one region, and was never released */

struct pm_file_header {
	uint8_t magic[8];
	uint32_t version;
	uint32_t bytes; /* of this structure: 64, in every version */
	uint64_t compat; /* as in format.h; ro_compat has no meaning for a file */
	uint64_t ro_compat;
	uint64_t incompat;
	uint8_t reserved[20];
	uint32_t crc; /* CRC32C of all bytes before it */
};
_Static_assert(sizeof(struct pm_file_header) == 64, "file header");

#define PM_CHUNK_TYPE(a, b, c, d) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
enum {
	PM_CHUNK_META = PM_CHUNK_TYPE('M', 'E', 'T', 'A'), /* JSON */
	PM_CHUNK_POOL = PM_CHUNK_TYPE('P', 'O', 'O', 'L'), /* struct pm_file_pool */
	PM_CHUNK_SBLK = PM_CHUNK_TYPE('S', 'B', 'L', 'K'), /* struct pm_superblock, one for each region that is there */
	PM_CHUNK_STAT = PM_CHUNK_TYPE('S', 'T', 'A', 'T'), /* the next page states, as they count, of all pool pages */
	PM_CHUNK_RECS = PM_CHUNK_TYPE('R', 'E', 'C', 'S'), /* struct pm_record_group, live records of one region */
	PM_CHUNK_LOGS = PM_CHUNK_TYPE('L', 'O', 'G', 'S'), /* the next bytes of the log section */
	PM_CHUNK_PAGE = PM_CHUNK_TYPE('P', 'A', 'G', 'E'), /* struct pm_group, digests, bytes of its non-zero pages */
	PM_CHUNK_DIGS = PM_CHUNK_TYPE('D', 'I', 'G', 'S'), /* struct pm_group, digests */
	PM_CHUNK_DONE = PM_CHUNK_TYPE('D', 'O', 'N', 'E'), /* struct pm_done */
};

enum { PM_CHUNK_ZSTD = 1 }; /* flag: the payload is one zstd frame; all other flags are 0 */

struct pm_chunk {
	uint32_t type;
	uint32_t flags;
	uint64_t stored; /* bytes that follow this header */
	uint64_t plain; /* bytes they stand for; equal to `stored` without PM_CHUNK_ZSTD */
	uint32_t payload_crc; /* CRC32C of the stored bytes */
	uint32_t crc; /* CRC32C of the bytes before it */
};
_Static_assert(sizeof(struct pm_chunk) == 32, "chunk header");

struct pm_file_pool {
	uint64_t page_end; /* one past the last pool page */
	uint64_t log_bytes; /* of all LOGS chunks; 0 when region 0 is missing */
	uint64_t records; /* in all RECS chunks */
	uint32_t region_count; /* that the pool has */
	uint32_t present; /* of them: so many SBLK chunks follow */
	uint8_t pool_uuid[16];
};
_Static_assert(sizeof(struct pm_file_pool) == 48, "pool");

/* After it: count records as they are stored, 256 bytes each. */
struct pm_record_group {
	uint32_t region_index; /* of a region with an SBLK; ascends from chunk to chunk, or stays */
	uint32_t count; /* 1 to PM_GROUP_RECORDS */
	uint64_t reserved;
};
_Static_assert(sizeof(struct pm_record_group) == 16, "record group");
#define PM_GROUP_RECORDS 16384u

#define PM_GROUP_PAGES 256u
#define PM_DIGEST_BYTES 16u
/* Pages of one region that follow each other, all of them allocated. After it: count digests (XXH3-128, canonical form). */
struct pm_group {
	uint64_t first; /* pool page; groups ascend */
	uint32_t count; /* 1 to PM_GROUP_PAGES */
	uint32_t zero_count;
	uint8_t zero[PM_GROUP_PAGES / 8]; /* bit i % 8 of byte i / 8: page first + i is all zero */
};
_Static_assert(sizeof(struct pm_group) == 48, "group");

struct pm_done {
	uint64_t pages, zero_pages, groups;
	uint64_t offset; /* of this chunk's header in the file */
	uint8_t digest[PM_DIGEST_BYTES]; /* XXH3-128 over all page digests in the order of the file */
};
_Static_assert(sizeof(struct pm_done) == 48, "trailer");

/* Bounds that a reader enforces before it takes memory. */
#define PM_SLICE_BYTES ((size_t)4 << 20) /* of page states or the log, one chunk */
#define PM_SLICE_GRAIN ((size_t)128) /* they are cut at multiples of it: the states of a block */
#define PM_META_BYTES ((size_t)1 << 20)
#define PM_CHUNK_BYTES (PM_SLICE_BYTES + ((size_t)1 << 16)) /* of any payload, stored or plain */

#endif
