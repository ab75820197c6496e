/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happened to pages that are not what they should be. Each changed page is handed in as it is now, with what is
 * known of what it should be: always its digest, mostly its syndrome, sometimes its bytes. A hypothesis that explains
 * a page is proven by making the expected page from it and comparing the digest; what cannot be proven says so.
 * Pure: reads no region and no file by itself. docs/diagnosis.md describes the methods and their limits.
 */
#ifndef PMPOOL_DIAGNOSE_H
#define PMPOOL_DIAGNOSE_H

#include "error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

/* Two linear checks of a page that locate small errors without its bytes: any two flipped bits, or any change within
 * one aligned 8-byte word. */
struct pm_syndrome {
	uint32_t crc; /* CRC32C of the page */
	uint32_t crc_strided; /* CRC32C of w ^ w << 32 of its 64-bit words w in the order (k * 197) % 512 */
};
void pm_page_syndrome(const void *page, struct pm_syndrome *syndrome);

/* Names as main/api/diagnosis.ts has them: with - for _, in lower case. */
#define PM_DIAGNOSES(X)                                                                                           \
	X(UNREADABLE, "unreadable") /* reading it failed */                                                       \
	X(ZEROED, "zeroed")                                                                                       \
	X(ONES, "ones") /* every byte 0xff */                                                                     \
	X(FILLED, "filled") /* one byte or one word over the whole page; known poisons are named */               \
	X(BIT_FLIP, "bit-flip") /* one bit of the page */                                                         \
	X(BIT_FLIPS, "bit-flips") /* several, without a pattern: up to 64 of a page */                            \
	X(STUCK_BIT, "stuck-bit") /* the same lane of the data path in one direction, over many words or pages */ \
	X(ALIASED, "aliased") /* holds what is expected at an address that differs in one bit: an address line */ \
	X(DISPLACED, "displaced") /* holds what is expected at another page */                                    \
	X(SHIFTED, "shifted") /* its content stands some bytes further on or back */                              \
	X(TORN, "torn") /* a part is as expected, the rest is not: written partly */                              \
	X(ELF, "elf") /* overwritten with an ELF file */                                                          \
	X(KERNEL, "kernel") /* with a kernel image: bzImage, or its code */                                       \
	X(INITRD, "initrd") /* with an initrd: cpio, or its compressed form */                                    \
	X(PAGE_TABLE, "page-table") /* with an x86-64 page table */                                               \
	X(TEXT, "text") /* with readable text */                                                                  \
	X(PATTERN, "pattern") /* with a pattern of a memory test, of this pmpool's or a known one */              \
	X(POOL, "pool") /* with metadata of a pool */                                                             \
	X(OVERWRITTEN, "overwritten") /* with something not recognised; the evidence tells its entropy */

enum pm_diagnosis_kind {
#define PM_DIAGNOSIS_ENUM(id, name) PM_DIAGNOSIS_##id,
	PM_DIAGNOSES(PM_DIAGNOSIS_ENUM)
#undef PM_DIAGNOSIS_ENUM
		PM_DIAGNOSIS_COUNT,
};

struct pm_suspect { /* one changed page */
	uint64_t page; /* pool page */
	uint64_t address; /* physical, of its first byte */
	const uint8_t *now; /* its 4096 bytes; NULL: unreadable */
	const uint8_t *then; /* the expected 4096 bytes; NULL: not known */
	const uint8_t *digest; /* expected, XXH3-128 in canonical form; never NULL */
	const struct pm_syndrome *syndrome; /* expected; NULL: not known */
};

/* What the engine may ask of its surroundings. Any function may be NULL: then the hypotheses that need it are not
 * tried. `page` are pool pages. */
struct pm_surroundings {
	void *context;
	/* Pages that are expected to have this digest, at most `max` of them; how many were written to `pages`. */
	size_t (*expected_with)(void *context, const uint8_t digest[16], uint64_t *pages, size_t max);
	/* The page as it is now, or as expected, into 4096 bytes; false when it is not known. */
	bool (*now)(void *context, uint64_t page, uint8_t *bytes);
	bool (*then)(void *context, uint64_t page, uint8_t *bytes);
	/* Physical address of a page; UINT64_MAX: none. */
	uint64_t (*address)(void *context, uint64_t page);
	/* Pool pages over which the address histogram is drawn: [first_page, end_page). */
	uint64_t first_page, end_page;
};

struct pm_diagnosis;
struct pm_diagnosis *pm_diagnosis_new(const struct pm_surroundings *surroundings); /* NULL without memory */
/* Pages in any order; all of them before pm_diagnosis_end. Takes bounded time and memory a page. */
enum pm_code pm_diagnosis_add(struct pm_diagnosis *diagnosis, const struct pm_suspect *suspect, struct pm_error *err);
/* Array of Diagnosis (main/api/diagnosis.ts), most pages first; empty when no page was handed in. The counts of all
 * entries sum up to the pages handed in. */
struct json_object *pm_diagnosis_end(struct pm_diagnosis *diagnosis);
void pm_diagnosis_free(struct pm_diagnosis *diagnosis);

#endif
