/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The layout of a pool inside its regions: everything that is on the medium, and nothing else.
 * All integers little-endian. docs/format.md describes it byte by byte; a golden image pins it.
 *
 * Each region of a pool has:
 *   page 0                superblock A
 *   section BLOCKS        a 64-bit word for each block of 512 pages
 *   section PAGE_STATES   two bits a page, 32 pages to a 64-bit word; they count where the block is split
 *   section RECORDS       slots of 256 bytes; more of them stand in directory extents among the data
 *   section SHARED        a page of words that processes share; no facts
 *   section LOG           ring of 128-byte entries (region 0 only)
 *   pages data_first .. data_end-1   what can be allocated
 *   last page             superblock B, a copy of A
 */
#ifndef PMPOOL_FORMAT_H
#define PMPOOL_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define PM_MAGIC "PMPOOLRG" /* 8 bytes, no terminator on the medium */
#define PM_FORMAT_VERSION 2u /* 1 was never released */
#define PM_PAGE_SHIFT 12u
#define PM_PAGE_SIZE (UINT64_C(1) << PM_PAGE_SHIFT)
#define PM_MIN_REGION_BYTES (UINT64_C(1) << 20)
#define PM_MAX_REGION_BYTES (UINT64_C(1) << 44) /* 16 TiB */
#define PM_REGIONS_MAX 4096u /* of one pool */
#define PM_POOL_PAGES_MAX (UINT64_C(1) << 40) /* of all its regions */

#define PM_NAME_BYTES 64u /* NUL-terminated, padded with NUL */
#define PM_OWNER_BYTES 32u
#define PM_PURPOSE_BYTES 64u
#define PM_ACTOR_BYTES 24u

/* Feature flags: unknown compat flags are ignored, unknown ro_compat ones make the pool read-only,
 * unknown incompat ones refuse it. Version 2 defines none. */
#define PM_COMPAT_KNOWN UINT64_C(0)
#define PM_RO_COMPAT_KNOWN UINT64_C(0)
#define PM_INCOMPAT_KNOWN UINT64_C(0)

enum pm_section_type {
	PM_SECTION_NONE = 0,
	PM_SECTION_PAGE_STATES = 1,
	PM_SECTION_RECORDS = 2,
	PM_SECTION_LOG = 3,
	PM_SECTION_BLOCKS = 4,
	PM_SECTION_SHARED = 5,
};

struct pm_section {
	uint32_t type; /* enum pm_section_type */
	uint32_t flags; /* 0 */
	uint64_t offset; /* bytes from the region's start, a multiple of the page size */
	uint64_t bytes; /* a multiple of the page size */
};

#define PM_SECTIONS_MAX 16u

/* What kind of memory a region was when it joined the pool. */
enum pm_medium {
	PM_MEDIUM_UNKNOWN = 0,
	PM_MEDIUM_MEMMAP = 1,
	PM_MEDIUM_PMEM = 2,
	PM_MEDIUM_DEVDAX = 3,
	PM_MEDIUM_FILE = 4
};

struct pm_superblock {
	uint8_t magic[8];
	uint32_t version;
	uint32_t bytes; /* of this structure: 4096 */
	uint64_t compat;
	uint64_t ro_compat;
	uint64_t incompat;
	uint8_t pool_uuid[16];
	uint8_t region_uuid[16];
	char pool_name[PM_NAME_BYTES]; /* of the pool when this copy was written; that of region 0 holds */
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
	uint32_t medium; /* enum pm_medium */
	struct pm_section sections[PM_SECTIONS_MAX];
	uint64_t first_pool_page; /* pool page of page 0 of this region; a multiple of PM_BLOCK_PAGES */
	int32_t numa_node; /* -1: not known */
	uint8_t reserved[4096 - 8 - 8 - 24 - 32 - PM_NAME_BYTES - 56 - 16 - 16 - PM_SECTIONS_MAX * 24 - 12 - 4];
	uint32_t crc; /* CRC32C of all bytes before it */
};
_Static_assert(sizeof(struct pm_section) == 24, "section");
_Static_assert(sizeof(struct pm_superblock) == 4096, "superblock fills a page");
_Static_assert(offsetof(struct pm_superblock, crc) == 4092, "crc is last");

/*
 * Page numbers. A *page index* counts from its region's first byte. A *pool page* counts over the whole pool: a
 * region's pages follow first_pool_page, which is the end of the region before it, rounded up to a block. Pool pages
 * of the gap between two regions do not exist. Records and page states speak of page indexes of their own region, the
 * log (which stands in region 0) of pool pages.
 */

/* Page states. HEAD is CONTINUES with one more bit. BAD is "fenced": quarantined when a live record of that kind
 * covers it, else the head of a run that is being claimed or freed. */
enum pm_page_state { PM_PAGE_FREE = 0, PM_PAGE_CONTINUES = 1, PM_PAGE_BAD = 2, PM_PAGE_HEAD = 3 };
#define PM_PAGES_PER_WORD 32u

/*
 * Blocks of 512 pages (2 MiB). A block word is its state, four times the same byte in the low 32 bits, and above it
 * the check of its page states. The low two bits of a state are those of a page state, for all 512 pages alike;
 * SPLIT says that the page states decide. ZEROED: the block's sixteen words of page states are 0 (unless SPLIT); they
 * are meaningless in a block that never was split since the pool was made.
 *
 * Check: XOR over the sixteen words w(i) of page states of crc(w ^ rotl64(w, 2 i + 3) ^ rotl64(w, 31)), where crc is
 * CRC32C over the eight bytes of the word with initial value 0 and no final inversion. 0 in every block that is not
 * SPLIT. Being linear, it is kept by an atomic XOR of the check of what changed. The rotations keep it from agreeing
 * with a shift of the states: no two single-byte damages of a block have the same syndrome, and no two changes of a
 * page's state cancel (both counted over all of them).
 */
#define PM_BLOCK_SHIFT 9u
#define PM_BLOCK_PAGES (UINT64_C(1) << PM_BLOCK_SHIFT)
#define PM_WORDS_PER_BLOCK 16u
enum pm_block_state {
	PM_BLOCK_FREE = 0,
	PM_BLOCK_CONTINUES = 1,
	PM_BLOCK_FENCED = 2,
	PM_BLOCK_HEAD = 3, /* the block's first page is a head, the other 511 continue it */
	PM_BLOCK_SPLIT = 4,
	PM_BLOCK_ZEROED = 0x10, /* a flag on each of the above; always set on SPLIT */
};
#define PM_BLOCK_CODE(state) ((uint64_t)(state)*UINT64_C(0x01010101))
#define PM_BLOCK_CODE_MASK UINT64_C(0xffffffff)

/* A record's life: the state word is the commit point and stands outside the CRC. Eight times the same byte. */
#define PM_RECORD_STATE(n) ((uint64_t)(n)*UINT64_C(0x0101010101010101))
enum pm_record_state {
	PM_RECORD_FREE = 0,
	PM_RECORD_PENDING = 1,
	PM_RECORD_LIVE = 2,
	PM_RECORD_LEAVING = 3,
};

enum pm_record_kind {
	PM_RECORD_ALLOCATION = 0, /* a named allocation */
	PM_RECORD_DIRECTORY = 1, /* its pages hold more slots; stands in slot 0 of the part before it */
	PM_RECORD_QUARANTINE = 2, /* pages never handed out; owner: who, purpose: why, name: empty */
	PM_RECORD_MEMBER = 3, /* region 0 only: another region of the pool; name: empty */
};

struct pm_record {
	uint64_t state; /* PM_RECORD_STATE(enum pm_record_state) */
	uint32_t crc; /* CRC32C of the bytes from `kind` to the end */
	uint16_t kind; /* enum pm_record_kind */
	uint16_t region_index; /* MEMBER: of that region; else 0 */
	uint64_t id; /* never used again in this region */
	uint64_t page; /* page index of the head; MEMBER: its first_pool_page */
	uint64_t pages; /* MEMBER: its page_count */
	uint64_t created_ns;
	uint8_t boot_id[16];
	char name[PM_NAME_BYTES];
	char owner[PM_OWNER_BYTES];
	char purpose[PM_PURPOSE_BYTES];
	union {
		struct {
			uint64_t replaces; /* id of the record of the same page that this one takes over; 0: none */
			uint8_t reserved[24];
		};
		struct {
			uint8_t region_uuid[16];
			uint64_t physical_base;
			uint32_t medium; /* enum pm_medium */
			int32_t numa_node;
		} member;
	};
};
_Static_assert(sizeof(struct pm_record) == 256, "record");
#define PM_RECORDS_PER_PAGE (PM_PAGE_SIZE / sizeof(struct pm_record))

/* Section SHARED: words that hold no facts and stand under no checksum; zero when the pool is made. */
struct pm_shared {
	uint64_t busy; /* PM_BUSY while a process changes the region, else 0: after a crash checks may lag behind */
	uint64_t records_generation; /* grows with every change of a record */
	uint64_t pages_generation; /* grows whenever pages became free */
	uint8_t reserved[4096 - 24];
};
_Static_assert(sizeof(struct pm_shared) == 4096, "shared words fill a page");
#define PM_BUSY UINT64_C(0x5942555359425553)

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
	PM_VERB_RENAME = 11, /* an allocation or the pool (page 0, pages 0) */
	PM_VERB_RELABEL = 12, /* owner or purpose of an allocation */
	PM_VERB_QUARANTINE = 13,
	PM_VERB_RELEASE = 14, /* pages out of quarantine */
	PM_VERB_EXTEND = 15, /* a region joined the pool: its pool pages */
	PM_VERB_REPAIR = 16,
	PM_VERB_RESTORE = 17, /* content of a snapshot came back: of an allocation, or of all (pages 0) */
	PM_VERB_FILL = 18, /* a pattern was written to free pages, or to an allocation */
	PM_VERB_TEST = 19, /* free pages were tested */
	PM_VERB_FAULT = 20, /* a fault was put in on purpose */
	PM_VERB_RESIZE = 21, /* an allocation: its first page and its new length */
	PM_VERB_COUNT,
};

/* Entry n of the log stands at slot (n - 1) % slots; sequence starts at 1, 0 is an empty slot. */
struct pm_log_entry {
	uint32_t crc; /* CRC32C of the bytes after it */
	uint16_t verb; /* enum pm_verb */
	uint16_t flags; /* 0 */
	uint64_t sequence;
	uint64_t time_ns; /* CLOCK_REALTIME */
	uint8_t boot_id[16];
	uint64_t page; /* pool page, or 0 */
	uint64_t pages; /* or 0 */
	char actor[PM_ACTOR_BYTES];
	char detail[48];
};
_Static_assert(sizeof(struct pm_log_entry) == 128, "log entry");

#endif
