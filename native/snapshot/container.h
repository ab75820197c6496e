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
#define PM_FILE_VERSION 3u /* 1 and 2 were never released */

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
	PM_CHUNK_BOOK =
		PM_CHUNK_TYPE('B', 'O', 'O', 'K'), /* struct pm_group, kinds, digests, bytes: of metadata pages */
	PM_CHUNK_DIGS =
		PM_CHUNK_TYPE('D', 'I', 'G', 'S'), /* struct pm_group, kinds, digests: a window, or a long run */
	PM_CHUNK_PACK = PM_CHUNK_TYPE('P', 'A', 'C', 'K'), /* struct pm_bytes, its pages of kind PACKED */
	PM_CHUNK_PAGE = PM_CHUNK_TYPE('P', 'A', 'G', 'E'), /* struct pm_bytes, its pages of kind DATA */
	PM_CHUNK_MOVE = PM_CHUNK_TYPE('M', 'O', 'V', 'E'), /* JSON: what others did while pages were copied */
	PM_CHUNK_INDX = PM_CHUNK_TYPE('I', 'N', 'D', 'X'), /* struct pm_index_entry, the next of all groups */
	PM_CHUNK_DONE = PM_CHUNK_TYPE('D', 'O', 'N', 'E'), /* struct pm_done */
};

enum { PM_CHUNK_ZSTD = 1 }; /* flag: the payload is one zstd frame; all other flags are 0 */

struct pm_chunk {
	uint32_t type;
	uint32_t flags;
	uint64_t stored; /* bytes that follow this header */
	uint64_t plain; /* bytes they stand for; equal to `stored` without PM_CHUNK_ZSTD */
	uint32_t payload_crc; /* CRC32C of the stored bytes */
	uint32_t crc; /* CRC32C of the header's offset in the file (8 bytes) and of the bytes before: so a header is one
		       * in its place only, and the content of a page is none */
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

#define PM_GROUP_PAGES 256u /* a window: pool pages from a multiple of it on */
#define PM_RUN_PAGES 65536u /* in a group that is no window */
#define PM_DIGEST_BYTES 16u

enum pm_group_form {
	PM_FORM_MIXED = 0, /* a window, each page of its own kind */
	PM_FORM_ZERO = 1, /* all of `count` pages: whole windows; nothing follows */
	PM_FORM_PARENT = 2,
};

struct pm_group {
	uint64_t first; /* pool page, a multiple of PM_GROUP_PAGES; groups ascend */
	uint32_t
		count; /* MIXED: to the end of the window, or of the region in it; else a multiple of PM_GROUP_PAGES, at
			 * most PM_RUN_PAGES, inside one region */
	uint8_t form; /* enum pm_group_form */
	uint8_t reserved[3];
};
_Static_assert(sizeof(struct pm_group) == 16, "group");

/*
 * A MIXED group goes on with one byte for each of its `count` pages; 16 bytes of digest for each page of kind DATA,
 * PACKED and SAME, in page order; in an expectation without bytes struct pm_syndrome for each DATA page; 8 bytes for
 * each SAME page: the pool page of an earlier group, or of this one, that is DATA or PACKED and holds the same. In a
 * file with bytes a chunk PACK follows when there are PACKED pages, then a chunk PAGE when there are DATA pages.
 */
enum pm_page_store {
	PM_STORE_ABSENT = 0, /* not held */
	PM_STORE_DATA = 1, /* its bytes stand in PAGE */
	PM_STORE_ZERO = 2,
	PM_STORE_SAME = 3,
	PM_STORE_PARENT = 4, /* holds what the same page of the parent holds */
	PM_STORE_PACKED = 5, /* its bytes stand in PACK */
	PM_STORE_KINDS,
};

struct pm_bytes {
	uint64_t first; /* of the group */
	uint32_t count; /* pages whose bytes follow */
	uint32_t reserved;
};
_Static_assert(sizeof(struct pm_bytes) == 16, "bytes of pages");

struct pm_index_entry {
	uint64_t first;
	uint32_t count;
	uint8_t form;
	uint8_t reserved[3];
	uint64_t offset; /* of the header of the group's chunk DIGS */
};
_Static_assert(sizeof(struct pm_index_entry) == 24, "index entry");
#define PM_INDEX_ENTRIES (PM_SLICE_BYTES / sizeof(struct pm_index_entry)) /* in a chunk */

struct pm_done {
	uint64_t pages; /* told of, those of the parent included */
	uint64_t zero_pages, repeated_pages, parent_pages, moved_pages;
	uint64_t groups;
	uint64_t index_offset; /* of the first INDX; of this chunk when there is no group */
	uint64_t offset; /* of this chunk's header in the file */
	uint8_t digest[PM_DIGEST_BYTES]; /* XXH3-128 over all page digests, by page, and where runs of pages begin */
	uint8_t own_digest[PM_DIGEST_BYTES]; /* over those of pages that are not PARENT */
};
_Static_assert(sizeof(struct pm_done) == 96, "trailer");

/* Pages that repeat one before: writer and reader keep the same table and so agree on what may be SAME. */
#define PM_REPEAT_SLOTS (1u << 17)
#define PM_CHAIN_MAX 64u /* files, a snapshot and its parents */

/* Bounds that a reader enforces before it takes memory. */
#define PM_SLICE_BYTES ((size_t)4 << 20) /* of page states or the log, one chunk */
#define PM_SLICE_GRAIN ((size_t)128) /* they are cut at multiples of it: the states of a block */
#define PM_META_BYTES ((size_t)1 << 20)
#define PM_MOVES_MAX 1000u /* in each list of MOVE */
#define PM_CHUNK_BYTES (PM_SLICE_BYTES + ((size_t)1 << 16)) /* of any payload, stored or plain */

#endif
