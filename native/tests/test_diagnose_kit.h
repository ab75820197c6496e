/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pool of pages as they should be and as they are, faults for it, and what the diagnosis says of each page. */
#ifndef PMPOOL_TEST_DIAGNOSE_KIT_H
#define PMPOOL_TEST_DIAGNOSE_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pmpool/diagnose.h"
#include "pmpool/format.h"
#include <json-c/json.h>

#define KIT_PAGES 512u
#define KIT_BASE UINT64_C(0x240000000)

/* What is known of the expected pages: all of it, digest and syndrome, or the digest alone. */
enum knowledge { KNOWS_BYTES, KNOWS_SYNDROME, KNOWS_DIGEST, KNOWLEDGE_COUNT };
extern const char *const knowledge_names[KNOWLEDGE_COUNT];

#define CONTENTS(X) \
	X(RANDOM, random) X(TEXT, text) X(CODE, code) X(SPARSE, sparse) X(POINTERS, pointers) X(ZEROS, zeros)
enum content {
#define CONTENT_ENUM(id, name) CONTENT_##id,
	CONTENTS(CONTENT_ENUM)
#undef CONTENT_ENUM
		CONTENT_COUNT,
	CONTENT_MIXED = CONTENT_COUNT, /* one or the other from page to page */
};
extern const char *const content_names[CONTENT_COUNT + 1];

struct kit {
	uint64_t random;
	uint8_t (*then)[PM_PAGE_SIZE], (*now)[PM_PAGE_SIZE];
	uint8_t digests[KIT_PAGES][16];
	bool unreadable[KIT_PAGES];
	bool backwards; /* hand the pages in from the last to the first */
	struct json_object *entries;
	struct json_object *of[KIT_PAGES]; /* the entry of each page; NULL: in none */
};

void kit_open(struct kit *kit, uint64_t seed);
void kit_close(struct kit *kit);
uint64_t kit_random(struct kit *kit);
uint64_t kit_below(struct kit *kit, uint64_t bound);
void kit_content(struct kit *kit, enum content content); /* fills all pages, now as then */
void kit_content_page(struct kit *kit, enum content content, uint8_t *page);
void kit_restore(struct kit *kit); /* now as then */
void kit_digest(struct kit *kit); /* after a change of then */
uint64_t kit_address(uint64_t page);

/* Hands in the pages that changed; checks that the entries add up and are as the contract has them. */
void kit_diagnose(struct kit *kit, enum knowledge knowledge);
const char *kit_kind(const struct kit *kit, uint64_t page); /* "" when the page is in no entry */
struct json_object *kit_get(struct json_object *object, const char *key);
int64_t kit_number(const struct kit *kit, uint64_t page, const char *key); /* of the page's entry; INT64_MIN: null */
int64_t kit_inner(const struct kit *kit, uint64_t page, const char *object, const char *key);
const char *kit_text(const struct kit *kit, uint64_t page, const char *key);

#endif
