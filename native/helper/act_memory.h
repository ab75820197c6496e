/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a memory test found: wrong words, failing pages, and what can be said of them. */
#ifndef PMPOOL_HELPER_ACT_MEMORY_H
#define PMPOOL_HELPER_ACT_MEMORY_H

#include <pmpool/memory.h>

struct json_object;

/* NULL. Tests of the test put their faults into what was written here: no file has a stuck bit. On any thread. */
extern void (*memory_test_written)(void *context, void *words, size_t bytes);

#define TEST_ERRORS_MAX 1024u /* of an answer */
#define TEST_RUNS_MAX 1024u
#define TEST_PAGES_MAX 1024u /* that are diagnosed */

/* The words of a page that failed, as they should have been and as they were the first time each failed. */
struct failed_page {
	uint64_t page, address;
	uint64_t wrong[8]; /* bit n: word n failed */
	uint64_t expected[512], found[512];
};

struct bad_run {
	uint64_t page, pages;
	bool quarantined;
};

struct test_findings {
	struct json_object *errors; /* of the answer */
	struct failed_page *pages[TEST_PAGES_MAX]; /* by pool page */
	size_t page_count;
	struct bad_run runs[TEST_RUNS_MAX]; /* by pool page, none beside another of its kind */
	size_t run_count;
};

bool test_findings_begin(struct test_findings *findings); /* false without memory */
void test_findings_free(struct test_findings *findings);
void test_findings_word(struct test_findings *findings, uint64_t page, const struct pm_memory_error *error);
void test_findings_run(struct test_findings *findings, uint64_t page, uint64_t pages, bool quarantined);

/* badPages of MemoryTest. */
struct json_object *test_bad_pages(const struct test_findings *findings);
/* Diagnosis[], or NULL: no memory. */
struct json_object *test_diagnoses(const struct test_findings *findings, const struct pm_free_range *range,
				   struct pm_error *err);

#endif
