/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A memory test that finds faults: what the answer says of them, and what becomes of the pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "act_memory.h"
#include "call.h"
#include "folder.h"
#include "json_build.h"

#define MIB (UINT64_C(1) << 20)
#define FIRST UINT64_C(1024) /* pages that are tested */
#define END UINT64_C(2048)

static char folder[256];
static struct session session;
static char pool[PM_UUID_TEXT];

/* Runs a method to its end. Takes params, which are JSON with ' for ". NULL after the error *code. */
static struct json_object *run(const char *name, const char *params, enum pm_code *code)
{
	struct call call = {.session = &session};
	struct json_object *result = NULL;
	char text[512];

	snprintf(text, sizeof(text), "%s", params);
	for (char *at = text; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	call.params = json_tokener_parse(text);
	assert_non_null(call.params);
	*code = call_run(method_find(name), &call);
	if (*code == PM_OK)
		result = json_object_get(call.result);
	call_clear(&call);
	return result;
}

static struct json_object *ask(const char *name, const char *params)
{
	enum pm_code code;
	struct json_object *result = run(name, params, &code);

	if (code != PM_OK)
		fail_msg("%s: %s", name, pm_error_name(code));
	return result;
}

static struct json_object *test_pages(const char *more)
{
	char params[256];

	snprintf(params, sizeof(params), "{'pool': '%s', 'from': %d, 'to': %d%s%s}", pool, (int)FIRST, (int)END,
		 more[0] ? ", " : "", more);
	return ask("memory/test", params);
}

static int set_up(void **state)
{
	struct json_object *made;
	char path[300];

	(void)state;
	folder_make(folder);
	snprintf(path, sizeof(path), "%s/host", folder);
	if (session_open(&session, path, 64 * MIB, NULL) != PM_OK)
		return 1;
	made = ask("pool/create", "{'region': 'mem:0x100000000', 'name': 'lab. 1'}");
	snprintf(pool, sizeof(pool), "%s", json_text(made, "uuid"));
	json_object_put(made);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	memory_test_written = NULL;
	session_close(&session);
	folder_remove(folder);
	return 0;
}

static struct json_object *at(struct json_object *object, const char *list, size_t index)
{
	struct json_object *array = json_member(object, list);

	assert_non_null(array);
	assert_true(index < json_object_array_length(array));
	return json_object_array_get_idx(array, index);
}

static size_t length(struct json_object *object, const char *list)
{
	return json_object_array_length(json_member(object, list));
}

/* --- faults of the memory --- */

static uint64_t stuck_page; /* pool page; the pool begins where its region does */
static uint64_t stuck_pages;

static uint8_t *mapped(uint64_t page)
{
	return (uint8_t *)pm_page_bytes(&session.pools->pool, page);
}

/* The worker has mapped the memory elsewhere; it is the same all the same. */
static void bit_5_stuck_at_one(void *context, void *words, size_t bytes)
{
	(void)context, (void)words, (void)bytes;
	for (uint64_t i = 0; i < stuck_pages; i++)
		mapped(stuck_page + i)[8 * 17] |= 1 << 5;
}

static void test_passes_on_good_memory(void **state)
{
	struct json_object *result = test_pages("'passes': 2"), *list;

	(void)state;
	assert_true(json_flag(result, "passed"));
	assert_int_equal(json_count(result, "pages"), END - FIRST);
	assert_int_equal(json_count(result, "skipped"), 0);
	assert_int_equal(length(result, "errors") + length(result, "badPages") + length(result, "diagnoses"), 0);
	/* a name that is none for a file is made into one */
	assert_int_equal(strncmp(json_text(result, "name"), "lab._1-20", 9), 0);
	list = ask("memory/results", "{}");
	assert_true(json_object_equal(at(list, "results", 0), result));
	json_object_put(list);
	json_object_put(result);
}

static void test_finds_a_stuck_bit(void **state)
{
	struct json_object *result, *error, *bad;
	uint64_t expected, found;

	(void)state;
	stuck_page = 1500;
	stuck_pages = 1;
	memory_test_written = bit_5_stuck_at_one;
	result = test_pages("'passes': 2");
	assert_false(json_flag(result, "passed"));
	error = at(result, "errors", 0);
	assert_int_equal(json_count(error, "page"), 1500);
	assert_int_equal(json_count(error, "address"), UINT64_C(0x100000000) + 1500 * 4096 + 8 * 17);
	expected = strtoull(json_text(error, "expected"), NULL, 16);
	found = strtoull(json_text(error, "found"), NULL, 16);
	assert_int_equal(expected ^ found, 1 << 5);
	assert_int_equal(length(result, "badPages"), 1); /* both passes found the same */
	bad = at(result, "badPages", 0);
	assert_int_equal(json_count(bad, "page"), 1500);
	assert_int_equal(json_count(bad, "pages"), 1);
	assert_false(json_flag(bad, "quarantined"));
	assert_int_equal(length(result, "diagnoses"), 1);
	assert_string_equal(json_text(at(result, "diagnoses", 0), "kind"), "bit-flip");
	json_object_put(result);
}

static void test_quarantines_what_fails(void **state)
{
	struct json_object *result, *list;
	char params[128];

	(void)state;
	stuck_page = 1300;
	stuck_pages = 3;
	memory_test_written = bit_5_stuck_at_one;
	result = test_pages("'quarantine': true, 'passes': 2");
	assert_int_equal(length(result, "badPages"), 1);
	assert_int_equal(json_count(at(result, "badPages", 0), "page"), 1300);
	assert_int_equal(json_count(at(result, "badPages", 0), "pages"), 3);
	assert_true(json_flag(at(result, "badPages", 0), "quarantined"));
	json_object_put(result);
	snprintf(params, sizeof(params), "{'pool': '%s'}", pool);
	list = ask("bad/list", params);
	assert_int_equal(length(list, "bad"), 1);
	assert_int_equal(json_count(at(list, "bad", 0), "pages"), 3);
	assert_non_null(strstr(json_text(at(list, "bad", 0), "why"), "memory test: "));
	json_object_put(list);
	/* they are no free pages any more */
	memory_test_written = NULL;
	result = test_pages("");
	assert_true(json_flag(result, "passed"));
	assert_int_equal(json_count(result, "skipped"), 3);
	json_object_put(result);
}

/* --- faults put in on purpose --- */

/* The simulated host taken for a real one: what would be falsified is memory. */
static void test_a_real_host_wants_a_word(void **state)
{
	static const struct {
		const char *confirm;
		enum pm_code code;
	} cases[] = {
		{"", PM_E_CONFIRM_NEEDED},
		{", 'confirm': 'falsify-'", PM_E_CONFIRM_NEEDED},
		{", 'confirm': 'falsify-lab'", PM_E_CONFIRM_NEEDED},
		{", 'confirm': 'falsify-lab. 1'", PM_OK},
	};
	char params[192];

	(void)state;
	snprintf(params, sizeof(params), "{'pool': '%s', 'pages': 4}", pool);
	json_object_put(ask("allocation/create", params));
	session.host.simulated = false;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum pm_code code;

		snprintf(params, sizeof(params), "{'pool': '%s', 'kind': 'ones'%s}", pool, cases[i].confirm);
		json_object_put(run("fault/inject", params, &code));
		assert_int_equal(code, cases[i].code);
	}
	session.host.simulated = true;
	snprintf(params, sizeof(params), "{'pool': '%s', 'kind': 'zeroed'}", pool);
	json_object_put(ask("fault/inject", params));
}

/* --- what is kept of the findings --- */

static void test_runs_join(void **state)
{
	static const struct {
		struct bad_run put[4];
		struct bad_run kept[4]; /* to the first of no pages */
	} cases[] = {
		{{{5, 1, false}, {5, 1, false}}, {{5, 1, false}}},
		{{{5, 1, false}, {6, 2, false}, {3, 2, false}}, {{3, 5, false}}},
		{{{9, 1, false}, {5, 1, false}, {7, 1, false}}, {{5, 1, false}, {7, 1, false}, {9, 1, false}}},
		{{{9, 1, false}, {5, 1, false}, {6, 3, false}}, {{5, 5, false}}},
		{{{5, 1, true}, {6, 1, false}, {4, 1, false}}, {{4, 1, false}, {5, 1, true}, {6, 1, false}}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct test_findings *findings = calloc(1, sizeof(*findings));
		size_t kept = 0;

		assert_true(findings && test_findings_begin(findings));
		for (size_t j = 0; j < 4 && cases[i].put[j].pages; j++)
			test_findings_run(findings, cases[i].put[j].page, cases[i].put[j].pages,
					  cases[i].put[j].quarantined);
		for (; kept < 4 && cases[i].kept[kept].pages; kept++) {
			const struct bad_run *run_kept = &findings->runs[kept];

			assert_int_equal(run_kept->page, cases[i].kept[kept].page);
			assert_int_equal(run_kept->pages, cases[i].kept[kept].pages);
			assert_int_equal(run_kept->quarantined, cases[i].kept[kept].quarantined);
		}
		assert_int_equal(findings->run_count, kept);
		test_findings_free(findings);
		free(findings);
	}
}

static void test_lists_have_an_end(void **state)
{
	struct test_findings *findings = calloc(1, sizeof(*findings));
	struct json_object *runs;

	(void)state;
	assert_true(findings && test_findings_begin(findings));
	for (uint64_t page = 5000; page > 0; page--) {
		struct pm_memory_error error = {page * 4096 + 8, 1, 0, PM_MEMORY_TEST_RANDOM, 1};

		test_findings_word(findings, page, &error);
		test_findings_run(findings, page * 2, 1, false);
	}
	assert_int_equal(json_object_array_length(findings->errors), TEST_ERRORS_MAX);
	assert_int_equal(findings->page_count, TEST_PAGES_MAX);
	runs = test_bad_pages(findings);
	assert_int_equal(json_object_array_length(runs), TEST_RUNS_MAX);
	json_object_put(runs);
	test_findings_free(findings);
	free(findings);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(passes_on_good_memory),	  TEST(finds_a_stuck_bit),
		TEST(quarantines_what_fails),	  TEST(a_real_host_wants_a_word),
		cmocka_unit_test(test_runs_join), cmocka_unit_test(test_lists_have_an_end),
	};

	return cmocka_run_group_tests_name("helper_memory", tests, NULL, NULL);
}
