/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The layout of a pool inside its region: everything that is on the medium, and nothing else.
 * All integers little-endian. docs/format.md describes it byte by byte; a golden image pins it.
 *
 *   page 0                superblock A
 *   section PAGE_STATES   two bits a page, 32 pages to a 64-bit word
 *   section RECORDS       slots of 256 bytes
 *   section LOG           ring of 128-byte entries
 *   pages data_first .. data_end-1   what can be allocated
 *   last page             superblock B, a copy of A
 */
#ifndef PMPOOL_FORMAT_H
#define PMPOOL_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define PM_MAGIC "PMPOOLRG" /* 8 bytes, no terminator on the medium */
#define PM_FORMAT_VERSION 1u
#define PM_PAGE_SHIFT 12u
#define PM_PAGE_SIZE (UINT64_C(1) << PM_PAGE_SHIFT)
#define PM_MIN_REGION_BYTES (UINT64_C(1) << 20)
#define PM_MAX_REGION_BYTES (UINT64_C(1) << 44) /* 16 TiB */

#define PM_NAME_BYTES 64u /* NUL-terminated, padded with NUL */
#define PM_OWNER_BYTES 32u
#define PM_PURPOSE_BYTES 64u
#define PM_ACTOR_BYTES 24u

/* Feature flags: unknown compat flags are ignored, unknown ro_compat ones make the pool read-only,
 * unknown incompat ones refuse it. Version 1 defines none. */
#define PM_COMPAT_KNOWN UINT64_C(0)
#define PM_RO_COMPAT_KNOWN UINT64_C(0)
#define PM_INCOMPAT_KNOWN UINT64_C(0)

enum pm_section_type { PM_SECTION_NONE = 0, PM_SECTION_PAGE_STATES = 1, PM_SECTION_RECORDS = 2, PM_SECTION_LOG = 3 };

struct pm_section {
	uint32_t type; /* enum pm_section_type */
	uint32_t flags; /* 0 */
	uint64_t offset; /* bytes from the region's start, a multiple of the page size */
	uint64_t bytes; /* a multiple of the page size */
};

#define PM_SECTIONS_MAX 16u

struct pm_superblock {
	uint8_t magic[8];
	uint32_t version;
	uint32_t bytes; /* of this structure: 4096 */
	uint64_t compat;
	uint64_t ro_compat;
	uint64_t incompat;
	uint8_t pool_uuid[16];
	uint8_t region_uuid[16];
	char pool_name[PM_NAME_BYTES];
	uint64_t physical_base; /* bytes, page-aligned */
	uint64_t region_bytes;
	uint64_t page_count;
	uint64_t data_first; /* page index */
	uint64_t data_end; /* page index, one past the last */
	uint64_t sequence; /* of the superblock; the higher valid one of A and B wins */
	uint64_t created_ns; /* CLOCK_REALTIME */
	uint8_t created_boot_id[16];
	uint32_t page_shift;
	uint32_t section_count;
	uint32_t region_index; /* this region's place in the pool, from 0 */
	uint32_t region_count; /* 1 in version 1 */
	struct pm_section sections[PM_SECTIONS_MAX];
	uint8_t reserved[4096 - 8 - 8 - 24 - 32 - PM_NAME_BYTES - 56 - 16 - 16 - PM_SECTIONS_MAX * 24 - 4];
	uint32_t crc; /* CRC32C of all bytes before it */
};
_Static_assert(sizeof(struct pm_section) == 24, "section");
_Static_assert(sizeof(struct pm_superblock) == 4096, "superblock fills a page");
_Static_assert(offsetof(struct pm_superblock, crc) == 4092, "crc is last");

/* Page states. HEAD is CONTINUES with one more bit, so that the head is one bit's commit point. */
enum pm_page_state { PM_PAGE_FREE = 0, PM_PAGE_CONTINUES = 1, PM_PAGE_BAD = 2, PM_PAGE_HEAD = 3 };
#define PM_PAGES_PER_WORD 32u

/* A record's life: the state word is the commit point and stands outside the CRC. */
enum pm_record_state { PM_RECORD_FREE = 0, PM_RECORD_PENDING = 1, PM_RECORD_LIVE = 2, PM_RECORD_LEAVING = 3 };

struct pm_record {
	uint64_t state; /* enum pm_record_state */
	uint32_t crc; /* CRC32C of the bytes from `pad` to the end */
	uint32_t pad; /* 0 */
	uint64_t id; /* never used again in this pool */
	uint64_t page; /* page index of the head */
	uint64_t pages;
	uint64_t created_ns;
	uint8_t boot_id[16];
	char name[PM_NAME_BYTES];
	char owner[PM_OWNER_BYTES];
	char purpose[PM_PURPOSE_BYTES];
	uint8_t reserved[32];
};
_Static_assert(sizeof(struct pm_record) == 256, "record");

enum pm_verb {
	PM_VERB_NONE = 0,
	PM_VERB_POOL_CREATE = 1,
	PM_VERB_ALLOCATE = 2,
	PM_VERB_FREE = 3,
	PM_VERB_WRITE = 4,
	PM_VERB_SNAPSHOT = 5,
	PM_VERB_EXPECT = 6,
	PM_VERB_KEXEC_LOAD = 7,
	PM_VERB_KEXEC_JUMP = 8,
	PM_VERB_VERDICT = 9,
	PM_VERB_RECOVER = 10, /* attach took back what a crash left */
};

/* Entry n of the log stands at slot (n - 1) % slots; sequence starts at 1, 0 is an empty slot. */
struct pm_log_entry {
	uint32_t crc; /* CRC32C of the bytes after it */
	uint16_t verb; /* enum pm_verb */
	uint16_t flags; /* 0 */
	uint64_t sequence;
	uint64_t time_ns; /* CLOCK_REALTIME */
	uint8_t boot_id[16];
	uint64_t page; /* page index, or 0 */
	uint64_t pages; /* or 0 */
	char actor[PM_ACTOR_BYTES];
	char detail[48];
};
_Static_assert(sizeof(struct pm_log_entry) == 128, "log entry");

#endif
