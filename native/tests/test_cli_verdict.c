/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expectation and verdict on the command line, the verdicts that are kept, and documents made of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"
#include <stdbool.h>

/* A pool with an allocation of 100 pages that hold what no other page holds, and a loaded plan. */
static void make_pool(const struct bench *bench)
{
	char path[320], line[400];
	FILE *file;

	snprintf(path, sizeof(path), "%s/content", bench->folder);
	file = fopen(path, "w");
	assert_non_null(file);
	for (unsigned i = 0; i < 100000; i++)
		fprintf(file, "%04x", (i * 2654435761u) >> 16);
	fclose(file);
	expect_run(bench, "pool create lab --size 64M", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 100 --name db --owner tests", 0, NULL, NULL);
	snprintf(line, sizeof(line), "write lab db %s", path);
	expect_run(bench, line, 0, NULL, NULL);
	expect_run(bench, "kexec load lab", 0, NULL, NULL);
}

static void jump(const struct bench *bench)
{
	expect_run(bench, "kexec jump lab --yes", 0, NULL, NULL);
}

static bool exists(const struct bench *bench, const char *name)
{
	char path[320];

	snprintf(path, sizeof(path), "%s/%s", bench->folder, name);
	return access(path, F_OK) == 0;
}

static void test_what_an_expectation_keeps(void **state)
{
	static const struct {
		const char *options, *says;
		bool content, pattern;
	} cases[] = {
		{"", "the bytes of the pages", true, false}, /* 400 KiB are less than 1 GiB */
		{" --content auto", "the bytes of the pages", true, false},
		{" --content always", "the bytes of the pages", true, false},
		{" --content never", "a digest of each page", false, false},
		{" --content never --pattern random --seed 7", "hold a pattern", false, true},
	};
	struct bench *bench = *state;

	make_pool(bench);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *result;
		char line[128];

		snprintf(line, sizeof(line), "expect lab --nonce n%zu%s --json", i, cases[i].options);
		result = ask(bench, line, 0);
		assert_int_equal(json_object_get_boolean(member(result, "content")), cases[i].content);
		assert_int_equal(json_object_get_boolean(member(result, "pattern")), cases[i].pattern);
		assert_int_equal(number(result, "pages"), 100);
		assert_true(number(result, "bytes") > 0);
		json_object_put(result);
		snprintf(line, sizeof(line), "expect lab --nonce m%zu%s", i, cases[i].options);
		expect_run(bench, line, 0, cases[i].says, NULL);
		expect_run(bench, line, 1, NULL, "already there");
	}
	expect_run(bench, "expect lab --nonce x --content maybe", 2, NULL, "--content");
	expect_run(bench, "expect lab --nonce x --seed 7", 2, NULL, "belong to --pattern");
	expect_run(bench, "expect lab --nonce x --pattern stripes", 2, NULL, "no pattern \"stripes\"");
}

static void test_intact(void **state)
{
	struct bench *bench = *state;
	struct json_object *verdict, *list;

	make_pool(bench);
	expect_run(bench, "verdict list", 0, "No verdict", NULL);
	expect_run(bench, "expect lab --pattern address", 0, NULL, NULL);
	jump(bench);
	verdict = ask(bench, "verdict --json", 0);
	assert_true(json_object_get_boolean(member(verdict, "intact")));
	assert_string_equal(text(verdict, "boot.how"), "kexec");
	assert_string_equal(text(verdict, "freePages.pattern"), "address");
	assert_int_equal(number(verdict, "freePages.changed"), 0);
	list = ask(bench, "verdict list --json", 0);
	assert_true(json_object_equal(member(list, "verdicts.0"), verdict));
	json_object_put(list);
	json_object_put(verdict);
	expect_run(bench, "verdict", 0, "lab", NULL);
	expect_run(bench, "verdict list", 0, "intact", NULL);
}

static void test_explained(void **state)
{
	struct bench *bench = *state;
	struct json_object *verdict;

	make_pool(bench);
	expect_run(bench, "expect lab", 0, NULL, NULL);
	jump(bench);
	expect_run(bench, "fault inject lab bit-flip --seed 4", 0, NULL, NULL);
	verdict = ask(bench, "verdict --json", 3);
	assert_string_equal(text(verdict, "class"), "content-changed");
	assert_int_equal(number(verdict, "pages.changed"), 1);
	assert_string_equal(text(verdict, "diagnoses.0.kind"), "bit-flip");
	assert_int_equal(number(verdict, "diagnoses.0.confidence"), 100);
	expect_run(bench, "verdict", 3, text(verdict, "diagnoses.0.title"), NULL);
	expect_run(bench, "verdict list", 0, "content-changed", NULL);
	json_object_put(verdict);
}

/* A second kernel without the reservation: the text says who took the range. */
static void test_taken(void **state)
{
	struct bench *bench = *state;
	struct json_object *verdict;

	make_pool(bench);
	expect_run(bench, "kexec load lab --drop-reservation", 0, NULL, NULL);
	expect_run(bench, "expect lab", 0, NULL, NULL);
	jump(bench);
	verdict = ask(bench, "verdict --json", 3);
	assert_true(json_object_array_length(member(verdict, "taken")) > 0);
	json_object_put(verdict);
	expect_run(bench, "verdict", 3, "Taken by the new kernel", NULL);
}

static void test_documents(void **state)
{
	static const struct {
		const char *name, *options, *begins;
	} cases[] = {
		{"v.html", "", "<!"},
		{"v.json", "", "{"},
		{"v.junit", "", "<?xml"},
		{"v.xml", "", "<?xml"},
		{"v.ktap", "", "KTAP version 1"},
		{"v.txt", "", ""},
		{"v", " --format html", "<!"},
	};
	struct bench *bench = *state;
	char line[512];

	make_pool(bench);
	expect_run(bench, "expect lab", 0, NULL, NULL);
	jump(bench);
	expect_run(bench, "fault inject lab zeroed --seed 4", 0, NULL, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char path[320], start[16] = "";
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s", bench->folder, cases[i].name);
		snprintf(line, sizeof(line), "verdict --output %s%s", path, cases[i].options);
		expect_run(bench, line, 3, "lab", NULL);
		file = fopen(path, "r");
		assert_non_null(file);
		assert_non_null(fgets(start, sizeof(start), file));
		assert_int_equal(strncmp(start, cases[i].begins, strlen(cases[i].begins)), 0);
		fclose(file);
		expect_run(bench, line, 1, NULL, "already there");
	}
	expect_run(bench, "verdict --format ktap", 3, "not ok", NULL);
	expect_run(bench, "verdict --format pdf", 2, NULL, "none of html");
	expect_run(bench, "verdict --format html --json", 2, "room for one", NULL);
	snprintf(line, sizeof(line), "verdict --output %s/none/v.html", bench->folder);
	expect_run(bench, line, 1, "lab", "No such file"); /* the verdict is told all the same */
	assert_false(exists(bench, "none"));
}

static void test_report_of_a_file(void **state)
{
	struct bench *bench = *state;
	char line[800], path[400];
	struct ran ran;

	make_pool(bench);
	expect_run(bench, "expect lab --nonce n", 0, NULL, NULL);
	snprintf(path, sizeof(path), "%s/var/lib/pmpool/verdicts/n.json", bench->host);
	expect_run(bench, "verdict n", 3, NULL, NULL);
	snprintf(line, sizeof(line), "report %s --format junit", path);
	expect_run(bench, line, 0, "<testsuite", NULL);
	ran = run_with(bench, path, "report - --format ktap");
	assert_int_equal(ran.exit_code, 0);
	assert_non_null(strstr(ran.out, "KTAP version 1"));
	ran_free(&ran);
	snprintf(line, sizeof(line), "report %s --output %s/r.html", path, bench->folder);
	expect_run(bench, line, 0, "", NULL);
	assert_true(exists(bench, "r.html"));
	expect_run(bench, line, 1, NULL, "already there");
	snprintf(line, sizeof(line), "report %s", path);
	expect_run(bench, line, 2, NULL, "--format or --output");
	folder_put(bench->folder, "/other", "{\"a\": 1}");
	snprintf(line, sizeof(line), "report %s/other --format html", bench->folder);
	expect_run(bench, line, 2, NULL, NULL);
	folder_put(bench->folder, "/other", "{\"a\": 1");
	expect_run(bench, line, 1, NULL, "no JSON object");
	folder_put(bench->folder, "/other", "{} {}");
	expect_run(bench, line, 1, NULL, "no JSON object");
	expect_run(bench, "report /nowhere/at/all --format html", 1, NULL, "No such file");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(what_an_expectation_keeps), TEST(intact), TEST(explained), TEST(taken), TEST(documents),
		TEST(report_of_a_file),
	};

	program_path = argc > 1 ? argv[1] : "pmpool";
	return cmocka_run_group_tests_name("cli_verdict", tests, NULL, NULL);
}
