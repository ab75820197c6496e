// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Blind: each fault at random places of pages of random content, and the diagnosis has to name it, with what there is
 * to tell of it. The table says how often it must, by how much is known of the expected pages; it is the one of
 * docs/diagnosis.md.
 *
 *   test_diagnose_blind [ROUNDS [SEED [FAULT]]]
 */
#include "sanitized.h"
#include "test_diagnose_faults.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned rounds = ROUNDS(2, 1);
static uint64_t seed = 20261122;
static unsigned only = FAULT_COUNT;

/* Pages named rightly, in per cent at least. What is less is not proven there: it comes out as overwritten or as what it
 * looks like, with a confidence that says so. */
static const unsigned wanted[FAULT_COUNT][KNOWLEDGE_COUNT] = {
	[FAULT_BIT_FLIP] = {100, 100, 100},  [FAULT_TWO_FLIPS] = {100, 100, 0},	 [FAULT_BIT_FLIPS] = {100, 0, 0},
	[FAULT_WORD] = {100, 100, 0},	     [FAULT_STUCK] = {100, 0, 0},	 [FAULT_ZEROED] = {100, 100, 100},
	[FAULT_ONES] = {100, 100, 100},	     [FAULT_FILLED] = {100, 100, 100},	 [FAULT_ALIASED] = {100, 100, 100},
	[FAULT_DISPLACED] = {100, 100, 100}, [FAULT_MOVED] = {100, 100, 100},	 [FAULT_SHIFTED] = {100, 100, 100},
	[FAULT_TORN] = {100, 0, 0},	     [FAULT_OVER_ZEROS] = {100, 100, 0}, [FAULT_ELF] = {100, 100, 100},
	[FAULT_KERNEL] = {100, 100, 100},    [FAULT_INITRD] = {100, 100, 100},	 [FAULT_PAGE_TABLE] = {100, 100, 100},
	[FAULT_TEXT] = {100, 100, 100},	     [FAULT_PATTERN] = {100, 100, 100},	 [FAULT_OVERWRITTEN] = {100, 100, 100},
};

#define CONTENTS_A_ROUND ROUNDS(3u, 1u) /* another one for each fault */

struct score {
	unsigned pages, right, wrong_lanes;
	char miss[128];
};

static struct score scores[FAULT_COUNT][KNOWLEDGE_COUNT][CONTENT_COUNT + 1];

static void count(const struct kit *kit, const struct injected *injected, struct score *score)
{
	for (unsigned i = 0; i < injected->count; i++) {
		const char *wrong = wrong_about(kit, injected, injected->pages[i]);

		score->pages++;
		score->right += !wrong;
		score->wrong_lanes += wrong && strcmp(wrong, "another lane") == 0;
		if (wrong)
			snprintf(score->miss, sizeof(score->miss), "%s: %.90s", wrong,
				 kit_text(kit, injected->pages[i], "title"));
	}
}

static void try(unsigned fault, enum content content, unsigned round)
{
	static struct injected injected;
	struct kit kit;

	kit_open(&kit, seed + 1000003 * round + 10007 * fault + 101 * (unsigned)content);
	kit_content(&kit, content);
	if (faults[fault].inject(&kit, 0, KIT_PAGES, 1 + (unsigned)kit_below(&kit, 8), &injected))
		for (unsigned knowledge = 0; knowledge < KNOWLEDGE_COUNT; knowledge++) {
			kit_diagnose(&kit, (enum knowledge)knowledge);
			count(&kit, &injected, &scores[fault][knowledge][content]);
		}
	kit_close(&kit);
}

static void print_row(unsigned fault)
{
	printf("%-16s", faults[fault].name);
	for (unsigned knowledge = 0; knowledge < KNOWLEDGE_COUNT; knowledge++) {
		unsigned pages = 0, right = 0;

		for (unsigned content = 0; content <= CONTENT_COUNT; content++) {
			pages += scores[fault][knowledge][content].pages;
			right += scores[fault][knowledge][content].right;
		}
		printf("  %5u/%5u", right, pages);
	}
	printf("\n");
	fflush(stdout);
}

static bool row_holds(unsigned fault)
{
	bool holds = true;

	for (unsigned knowledge = 0; knowledge < KNOWLEDGE_COUNT; knowledge++)
		for (unsigned content = 0; content <= CONTENT_COUNT; content++) {
			const struct score *score = &scores[fault][knowledge][content];

			/* what is not known may be missed, but no other line be named for it */
			if (score->wrong_lanes) {
				printf("  %s, %s, %s: another lane on %u pages\n", faults[fault].name,
				       knowledge_names[knowledge], content_names[content], score->wrong_lanes);
				holds = false;
			}
			if (score->right * 100 >= score->pages * wanted[fault][knowledge])
				continue;
			printf("  %s, %s, %s: only %u of %u, not %u%%; %s\n", faults[fault].name,
			       knowledge_names[knowledge], content_names[content], score->right, score->pages,
			       wanted[fault][knowledge], score->miss);
			holds = false;
		}
	return holds;
}

static void each_fault_is_named(void **state)
{
	bool holds = true;

	(void)state;
	printf("%u rounds, seed %llu\n%-16s  %11s  %11s  %11s\n", rounds, (unsigned long long)seed, "",
	       knowledge_names[0], knowledge_names[1], knowledge_names[2]);
	for (unsigned fault = 0; fault < FAULT_COUNT; fault++) {
		for (unsigned round = 0; round < rounds && (only == FAULT_COUNT || only == fault); round++)
			for (unsigned i = 0; i < CONTENTS_A_ROUND; i++)
				try(fault, (enum content)((CONTENTS_A_ROUND * round + fault + i) % (CONTENT_COUNT + 1)),
				    round);
		print_row(fault);
		holds = row_holds(fault) && holds;
	}
	assert_true(holds);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_fault_is_named)};

	rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : rounds;
	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : seed;
	only = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 0) : only;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
