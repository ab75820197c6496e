// SPDX-License-Identifier: GPL-2.0-or-later
/* What a verdict shows beside its class: how the host booted, who took the memory, what else is different. */
#include "test_snapshot_fixture.h"
#include "host/facts.h"
#include "pmpool/pattern.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t length(struct json_object *object, const char *path)
{
	return json_object_array_length(lab_get(object, path));
}

/* --- the boot --- */

static const struct {
	const char *cmdline; /* NULL: no boot */
	bool nonce;
	const char *how, *class, *title; /* of the check `nonce` */
	const char *summary; /* a part of it */
} boots[] = {
	{LAB_MEMMAP, true, "kexec", "intact", "It was the planned kexec", "came through unchanged"},
	{LAB_MEMMAP, false, "other-boot", "wrong-boot", "It was not the planned kexec", "not the planned boot"},
	{NULL, false, "same-boot", "wrong-boot", "No kexec took place", "the same kernel still runs"},
	{"quiet", true, "kexec", "became-ram", "It was the planned kexec", "ordinary memory"},
};

static const char *title_of(struct json_object *verdict, const char *id)
{
	struct json_object *checks = lab_get(verdict, "checks");

	for (size_t i = 0; i < json_object_array_length(checks); i++) {
		struct json_object *check = json_object_array_get_idx(checks, i);

		if (strcmp(lab_text(check, "id"), id) == 0)
			return lab_text(check, "title");
	}
	fail_msg("no check %s", id);
	return NULL;
}

static void boots_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(boots) / sizeof(boots[0]); i++) {
		struct json_object *verdict;
		struct lab lab;

		lab_open(&lab);
		lab_expect(&lab);
		if (boots[i].cmdline)
			lab_boot(&lab, boots[i].cmdline, boots[i].nonce);
		else
			lab_detach(&lab);
		verdict = lab_verdict(&lab);
		assert_string_equal(lab_text(verdict, "boot.how"), boots[i].how);
		assert_string_equal(lab_text(verdict, "class"), boots[i].class);
		assert_string_equal(title_of(verdict, "nonce"), boots[i].title);
		if (!strstr(lab_text(verdict, "summary"), boots[i].summary))
			fail_msg("%zu: %s", i, lab_text(verdict, "summary"));
		json_object_put(verdict);
		lab_close(&lab);
	}
}

/* --- regions and addresses --- */

static void regions_are_the_axis_of_a_picture(void **state)
{
	struct json_object *verdict;
	struct lab lab;

	(void)state;
	lab_open(&lab);
	lab_extend(&lab);
	lab_expect(&lab);
	lab_page(&lab, lab.gamma.page + 1)[0] ^= 1;
	lab_page(&lab, lab.beta.page)[0] ^= 1;
	lab_boot(&lab, LAB_MEMMAP " " LAB_OTHER_MEMMAP, true);
	verdict = lab_verdict(&lab);
	assert_int_equal(length(verdict, "regions"), 2);
	for (int i = 0; i < 2; i++) {
		struct json_object *region = json_object_array_get_idx(lab_get(verdict, "regions"), (size_t)i);

		assert_int_equal(lab_number(region, "index"), i);
		assert_int_equal(lab_number(region, "base"), i ? LAB_OTHER : LAB_BASE);
		assert_int_equal(lab_number(region, "size"), LAB_BYTES);
		assert_int_equal(lab_number(region, "firstPage"), i * 1024);
		assert_int_equal(lab_number(region, "pages"), 1024);
	}
	assert_false(json_object_get_boolean(lab_get(verdict, "content")));
	assert_int_equal(length(verdict, "changedRuns"), 2);
	assert_int_equal(lab_number(verdict, "changedRuns.0.address"), LAB_BASE + lab.beta.page * PM_PAGE_SIZE);
	assert_int_equal(lab_number(verdict, "changedRuns.1.address"),
			 LAB_OTHER + (lab.gamma.page + 1 - 1024) * PM_PAGE_SIZE);
	json_object_put(verdict);
	lab_close(&lab);
}

/* --- who has it now --- */

#define TOP "00001000-0009fbff : System RAM\n"

static const struct {
	const char *iomem;
	const char *names[6]; /* of the parts, in order */
	uint64_t bases[6], sizes[6];
} takers[] = {
	{"100000000-1003fffff : Reserved\n", {NULL}, {0}, {0}},
	{"100000000-1003fffff : Persistent Memory (legacy)\n  100000000-1003fffff : namespace0.0\n", {NULL}, {0}, {0}},
	{"100000000-1403fffff : System RAM\n", {"System RAM"}, {LAB_BASE}, {LAB_BYTES}},
	/* fragments that a kexec leaves, and children */
	{"0c0000000-1000fffff : System RAM\n100100000-1001fffff : System RAM\n100200000-1403fffff : System RAM\n"
	 "  100200000-1002fffff : Kernel code\n  100300000-1003fffff : Crash kernel\n",
	 {"System RAM", "Kernel code", "Crash kernel"},
	 {LAB_BASE, LAB_BASE + 0x200000, LAB_BASE + 0x300000},
	 {0x200000, 0x100000, 0x100000}},
	/* a hole stays one, and what is nobody's is not listed */
	{"100100000-1001fffff : ACPI Tables\n100300000-1003fffff : Reserved\n  100380000-10038ffff : pnp 00:01\n",
	 {"ACPI Tables", "pnp 00:01"},
	 {LAB_BASE + 0x100000, LAB_BASE + 0x380000},
	 {0x100000, 0x10000}},
};

static void taken_parts_have_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++) {
		struct json_object *verdict;
		char iomem[1024];
		struct lab lab;
		size_t count = 0;

		lab_open(&lab);
		lab_expect(&lab);
		lab_boot(&lab, LAB_MEMMAP, true);
		snprintf(iomem, sizeof(iomem), TOP "%s", takers[i].iomem);
		lab_put(&lab, "/proc/iomem", iomem);
		verdict = lab_verdict(&lab);
		for (; takers[i].names[count]; count++) {
			struct json_object *part;

			if (count >= length(verdict, "taken"))
				fail_msg("%zu: %s", i, json_object_to_json_string(lab_get(verdict, "taken")));
			part = json_object_array_get_idx(lab_get(verdict, "taken"), count);
			assert_string_equal(lab_text(part, "name"), takers[i].names[count]);
			assert_int_equal(lab_number(part, "base"), takers[i].bases[count]);
			assert_int_equal(lab_number(part, "size"), takers[i].sizes[count]);
		}
		assert_int_equal(length(verdict, "taken"), count);
		json_object_put(verdict);
		lab_close(&lab);
	}
}

static void a_second_kernel_takes_one_of_two_regions(void **state)
{
	struct json_object *verdict;
	struct lab lab;

	(void)state;
	lab_open(&lab);
	lab_extend(&lab);
	lab_expect(&lab);
	lab_boot(&lab, LAB_MEMMAP, true);
	verdict = lab_verdict(&lab);
	assert_string_equal(lab_text(verdict, "class"), "became-ram");
	assert_int_equal(length(verdict, "taken"), 1);
	assert_int_equal(lab_number(verdict, "taken.0.base"), LAB_OTHER);
	/* RAM of the simulated host ends before this region does, or covers it */
	assert_true(lab_number(verdict, "taken.0.size") > 0);
	assert_string_equal(lab_text(verdict, "taken.0.name"), "System RAM");
	json_object_put(verdict);
	lab_close(&lab);
}

/* --- the machine --- */

static void changes_of_the_host_are_told(void **state)
{
	struct json_object *facts, *host, *verdict;
	struct lab lab;

	(void)state;
	lab_open(&lab);
	facts = lab_facts(&lab);
	assert_int_equal(pm_host_facts(&lab.host, &host, NULL), PM_OK);
	json_object_object_add(facts, "hostFacts", host);
	lab_expect_with(&lab, facts, false);
	lab_boot(&lab, "ro quiet " LAB_MEMMAP, true);
	verdict = lab_verdict(&lab);
	assert_string_equal(lab_text(verdict, "class"), "intact");
	assert_int_equal(length(verdict, "host.changes"), 0);
	json_object_put(verdict);
	lab_put(&lab, "/proc/cpuinfo", "model name\t: Simulated CPU\nmicrocode\t: 0x7\n");
	lab_put(&lab, "/sys/bus/pci/devices/0000:00:03.0/power_state", "D3hot\n");
	verdict = lab_verdict(&lab);
	assert_int_equal(length(verdict, "host.changes"), 2);
	assert_string_equal(lab_text(verdict, "host.changes.0.what"), "microcode revision");
	assert_string_equal(lab_text(verdict, "host.changes.0.before"), "0x1");
	assert_string_equal(lab_text(verdict, "host.changes.0.after"), "0x7");
	assert_string_equal(lab_text(verdict, "host.changes.1.what"), "power state of PCI device 0000:00:03.0");
	assert_string_equal(lab_text(verdict, "class"), "intact"); /* they are evidence, not damage */
	json_object_put(verdict);
	lab_close(&lab);
}

/* --- a pattern on free pages --- */

static uint64_t fill_free(struct lab *lab, const struct pm_pattern *pattern)
{
	uint64_t filled = 0;

	for (uint64_t page = 0; page < lab->pool.page_end; page++) {
		if (pm_page_state_get(&lab->pool, page) != PM_PAGE_FREE)
			continue;
		pm_pattern_fill(pattern, pm_page_address(&lab->pool, page), lab_page(lab, page), PM_PAGE_SIZE);
		filled++;
	}
	return filled;
}

static uint64_t free_page(const struct lab *lab, uint64_t from)
{
	while (pm_page_state_get(&lab->pool, from) != PM_PAGE_FREE)
		from++;
	return from;
}

static void expect_pattern(struct lab *lab, const char *text)
{
	struct json_object *facts = lab_facts(lab);

	json_object_object_add(facts, "pattern", json_tokener_parse(text));
	lab_expect_with(lab, facts, false);
}

static const struct {
	const char *json;
	struct pm_pattern pattern;
} patterns[] = {
	{"{\"kind\":\"address\"}", {.kind = PM_PATTERN_ADDRESS}},
	{"{\"kind\":\"random\",\"seed\":77}", {.kind = PM_PATTERN_RANDOM, .seed = 77}},
	{"{\"kind\":\"walking-ones\",\"seed\":3}", {.kind = PM_PATTERN_WALKING_ONES, .seed = 3}},
	{"{\"kind\":\"zeros\"}", {.kind = PM_PATTERN_ZEROS}},
	{"{\"kind\":\"data\",\"data\":\"YWJjZGVmZw==\"}",
	 {.kind = PM_PATTERN_DATA, .data = (const uint8_t *)"abcdefg", .data_bytes = 7}},
};

static void a_pattern_on_free_pages_is_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct json_object *verdict;
		uint64_t filled, spoilt;
		struct lab lab;

		lab_open(&lab);
		lab_extend(&lab);
		filled = fill_free(&lab, &patterns[i].pattern);
		expect_pattern(&lab, patterns[i].json);
		lab_boot(&lab, LAB_MEMMAP " " LAB_OTHER_MEMMAP, true);
		verdict = lab_verdict(&lab);
		assert_string_equal(lab_text(verdict, "class"), "intact");
		assert_string_equal(lab_level(verdict, "free-pages"), "pass");
		assert_int_equal(lab_number(verdict, "freePages.checked"), filled);
		assert_int_equal(lab_number(verdict, "freePages.changed"), 0);
		assert_int_equal(lab_number(verdict, "freePages.skipped"), 0);
		assert_int_equal(length(verdict, "diagnoses"), 0);
		json_object_put(verdict);
		/* one is taken, two others are written to, one of them in the second region */
		lab_attach(&lab);
		lab_take(&lab, i);
		spoilt = free_page(&lab, 1024 + 300);
		lab_page(&lab, spoilt)[1000] ^= 0x10;
		lab_page(&lab, free_page(&lab, 600))[8] ^= 0x10;
		lab_detach(&lab);
		verdict = lab_verdict(&lab);
		assert_string_equal(lab_text(verdict, "class"), "content-changed");
		assert_string_equal(lab_level(verdict, "content"), "pass");
		assert_string_equal(lab_level(verdict, "free-pages"), "fail");
		assert_int_equal(lab_number(verdict, "freePages.checked"), filled - 1);
		assert_int_equal(lab_number(verdict, "freePages.changed"), 2);
		assert_int_equal(lab_number(verdict, "freePages.skipped"), 1);
		assert_int_equal(lab_number(verdict, "pages.changed"), 0);
		assert_int_equal(length(verdict, "changedRuns"), 2);
		assert_int_equal(lab_number(verdict, "changedRuns.1.page"), spoilt);
		assert_string_equal(lab_text(verdict, "diagnoses.0.kind"), "bit-flip");
		assert_int_equal(lab_number(verdict, "diagnoses.0.pages"), 2);
		json_object_put(verdict);
		lab_close(&lab);
	}
}

/* The log tells which free pages were used since: they need not hold the pattern any more. */
static void what_was_used_meanwhile_is_not_missed(void **state)
{
	static const struct pm_pattern pattern = {.kind = PM_PATTERN_RANDOM, .seed = 5};
	struct json_object *verdict;
	uint64_t filled, last;
	struct lab lab;

	(void)state;
	lab_open(&lab);
	filled = fill_free(&lab, &pattern);
	expect_pattern(&lab, "{\"kind\":\"random\",\"seed\":5}");
	lab_boot(&lab, LAB_MEMMAP, true);
	lab_attach(&lab);
	last = lab.beta.page + 370;
	/* longer, written to, and as long as before */
	lab_resize(&lab, lab.beta.page, 370);
	for (uint64_t page = lab.beta.page + 300; page < last; page++)
		memset(lab_page(&lab, page), 0x77, PM_PAGE_SIZE);
	lab_resize(&lab, lab.beta.page, 300);
	lab_detach(&lab);
	verdict = lab_verdict(&lab);
	assert_string_equal(lab_text(verdict, "class"), "records-changed"); /* another record of the same length */
	assert_string_equal(lab_level(verdict, "free-pages"), "pass");
	assert_int_equal(lab_number(verdict, "freePages.checked"), filled - 70);
	assert_int_equal(lab_number(verdict, "freePages.skipped"), 70);
	json_object_put(verdict);
	/* longer for good: used pages are not looked at; the one behind is */
	lab_attach(&lab);
	lab_resize(&lab, lab.beta.page, 340);
	lab_page(&lab, last + 2)[9] ^= 1;
	lab_detach(&lab);
	verdict = lab_verdict(&lab);
	assert_string_equal(lab_level(verdict, "free-pages"), "fail");
	assert_int_equal(lab_number(verdict, "freePages.changed"), 1);
	assert_int_equal(lab_number(verdict, "changedRuns.0.page"), last + 2);
	json_object_put(verdict);
	lab_close(&lab);
}

static void without_a_pattern_free_pages_may_hold_anything(void **state)
{
	struct json_object *verdict;
	struct lab lab;

	(void)state;
	lab_open(&lab);
	lab_expect(&lab);
	memset(lab_page(&lab, free_page(&lab, 600)), 0x5a, PM_PAGE_SIZE);
	lab_boot(&lab, LAB_MEMMAP, true);
	verdict = lab_verdict(&lab);
	assert_string_equal(lab_text(verdict, "class"), "intact");
	assert_null(lab_get(verdict, "freePages"));
	assert_null(lab_level(verdict, "free-pages"));
	json_object_put(verdict);
	lab_close(&lab);
}

static void a_pattern_that_is_none_is_an_error(void **state)
{
	static const char *const odd[] = {
		"7",
		"{}",
		"{\"kind\":\"nothing\"}",
		"{\"kind\":\"data\"}",
		"{\"kind\":\"data\",\"data\":\"\"}",
		"{\"kind\":\"data\",\"data\":\"a\"}",
	};
	struct json_object *verdict;
	struct lab lab;

	(void)state;
	lab_open(&lab);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		expect_pattern(&lab, odd[i]);
		lab_rewind(&lab);
		assert_int_equal(pm_verdict_reach(&lab.host, lab.file, NULL, &verdict, NULL), PM_E_FILE_CORRUPT);
		assert_null(verdict);
	}
	lab_close(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boots_are_told_apart),
		cmocka_unit_test(regions_are_the_axis_of_a_picture),
		cmocka_unit_test(taken_parts_have_names),
		cmocka_unit_test(a_second_kernel_takes_one_of_two_regions),
		cmocka_unit_test(changes_of_the_host_are_told),
		cmocka_unit_test(a_pattern_on_free_pages_is_checked),
		cmocka_unit_test(what_was_used_meanwhile_is_not_missed),
		cmocka_unit_test(without_a_pattern_free_pages_may_hold_anything),
		cmocka_unit_test(a_pattern_that_is_none_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
