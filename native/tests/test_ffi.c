/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libpmpool as another program sees it: what it answers, what it refuses, many threads at once. */
#include "ffi/pmpool_ffi.h"
#include "test_snapshot_fixture.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct bench {
	struct lab lab;
	char chain[256]; /* of the snapshot of the lab's pool */
	char path[192];
};

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct pm_snapshot_request request = {.host = json_object_new_object()};
	struct pm_snapshot_result result;
	struct pm_task task = {0};
	struct pm_error err = {0};
	FILE *file;

	lab_open(&bench->lab);
	json_object_object_add(request.host, "hostname", json_object_new_string("bench"));
	snprintf(bench->path, sizeof(bench->path), "%s/monday.pmsnap", bench->lab.folder);
	snprintf(bench->chain, sizeof(bench->chain), "[\"%s\"]", bench->path);
	file = fopen(bench->path, "w+");
	assert_non_null(file);
	assert_int_equal(pm_snapshot_write(&bench->lab.pool, &request, fileno(file), &task, &result, &err), PM_OK);
	fclose(file);
	json_object_put(request.host);
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	lab_close(&bench->lab);
	free(bench);
	return 0;
}

/* Takes the answer. */
static struct json_object *parsed(char *answer)
{
	struct json_object *object = json_tokener_parse(answer);

	assert_non_null(object);
	pm_ffi_free(answer);
	return object;
}

static void assert_refused(char *answer, const char *name)
{
	struct json_object *object = parsed(answer);

	assert_string_equal(lab_text(object, "error.name"), name);
	assert_true(strlen(lab_text(object, "error.message")) > 0);
	assert_true(strlen(lab_text(object, "error.reason")) > 0);
	assert_true(strlen(lab_text(object, "error.remedy")) > 0);
	json_object_put(object);
}

static void a_file_is_described(void **state)
{
	struct bench *bench = *state;
	struct json_object *file = parsed(pm_ffi_describe(bench->chain));

	assert_string_equal(lab_text(file, "ok.hostname"), "bench");
	assert_int_equal(lab_number(file, "ok.pages"), LAB_PAGES);
	assert_int_equal(lab_number(file, "ok.regions.0.base"), LAB_BASE);
	assert_int_equal(lab_number(file, "ok.usage.allocations"), 3);
	assert_null(lab_get(file, "ok.damage"));
	json_object_put(file);
}

static void what_is_verified_says_the_same(void **state)
{
	struct bench *bench = *state;
	struct pm_ffi_task *task = pm_ffi_task_new();
	struct json_object *described = parsed(pm_ffi_describe(bench->chain));
	struct json_object *verified = parsed(pm_ffi_verify(bench->chain, task));
	uint64_t bytes[2];

	assert_true(json_object_equal(described, verified));
	pm_ffi_task_progress(task, bytes);
	assert_in_range(bytes[0], 1, bytes[1]);
	pm_ffi_task_free(task);
	json_object_put(described);
	json_object_put(verified);
}

static void pages_and_states_come_into_the_callers_memory(void **state)
{
	struct bench *bench = *state;
	uint64_t page = bench->lab.alpha.page, states[LAB_BYTES / 4096 / 32 + 1] = {0};
	struct json_object *answer;
	uint8_t bytes[4096];
	char text[33];

	answer = parsed(pm_ffi_page(bench->chain, page, bytes));
	assert_memory_equal(bytes, lab_page(&bench->lab, page), sizeof(bytes));
	snprintf(text, sizeof(text), "%s", lab_text(answer, "ok.digest"));
	assert_int_equal(strlen(text), 32);
	json_object_put(answer);

	states[LAB_BYTES / 4096 / 32] = 7; /* one word behind those it may write */
	answer = parsed(pm_ffi_map(bench->chain, 0, UINT64_MAX, states, LAB_BYTES / 4096 / 32));
	assert_int_equal(lab_number(answer, "ok.count"), LAB_BYTES / 4096);
	assert_int_equal(states[page / 32] >> page % 32 * 2 & 3, PM_PAGE_HEAD);
	assert_int_equal(states[LAB_BYTES / 4096 / 32], 7);
	json_object_put(answer);

	answer = parsed(pm_ffi_map(bench->chain, 32, 1000, states, 2));
	assert_int_equal(lab_number(answer, "ok.count"), 64);
	json_object_put(answer);
	assert_refused(pm_ffi_map(bench->chain, 1, 32, states, 1), "invalid-params");
	assert_refused(pm_ffi_map(bench->chain, UINT64_MAX - 31, 32, states, 1), "invalid-params");
}

static void allocations_come_in_parts(void **state)
{
	struct bench *bench = *state;
	uint64_t from = 0, seen = 0;

	for (unsigned part = 0; part < 3; part++) {
		struct json_object *answer = parsed(pm_ffi_allocations(bench->chain, from, 1));
		struct pm_run run;

		assert_true(pm_run_next(&bench->lab.pool, from, &run));
		assert_int_equal(lab_number(answer, "ok.allocations.0.page"), run.page);
		assert_int_equal(lab_number(answer, "ok.allocations.0.pages"), run.pages);
		if (run.record)
			assert_string_equal(lab_text(answer, "ok.allocations.0.record.name"), run.record->name);
		else
			assert_null(lab_get(answer, "ok.allocations.0.record"));
		assert_int_equal(json_object_array_length(lab_get(answer, "ok.allocations")), 1);
		assert_int_equal(lab_get(answer, "ok.next") == NULL, part == 2);
		from = part < 2 ? (uint64_t)lab_number(answer, "ok.next") : from;
		seen += run.pages;
		json_object_put(answer);
	}
	assert_int_equal(seen, LAB_PAGES);
}

static void what_was_cancelled_ends_so_and_leaves_no_file(void **state)
{
	struct bench *bench = *state;
	struct pm_ffi_task *task = pm_ffi_task_new();
	char to[192];

	pm_ffi_task_cancel(task);
	snprintf(to, sizeof(to), "%s/image.raw", bench->lab.folder);
	assert_refused(pm_ffi_verify(bench->chain, task), "cancelled");
	assert_refused(pm_ffi_compare(bench->chain, bench->chain, task), "cancelled");
	assert_refused(pm_ffi_export(bench->chain, to, "raw", task), "cancelled");
	assert_int_equal(access(to, F_OK), -1);
	pm_ffi_task_free(task);
}

static void an_export_replaces_nothing(void **state)
{
	struct bench *bench = *state;
	char to[192];
	struct json_object *answer;
	struct stat status;

	snprintf(to, sizeof(to), "%s/image.core", bench->lab.folder);
	answer = parsed(pm_ffi_export(bench->chain, to, "elf", NULL));
	assert_int_equal(stat(to, &status), 0);
	assert_int_equal(lab_number(answer, "ok.bytes"), status.st_size);
	json_object_put(answer);
	assert_refused(pm_ffi_export(bench->chain, to, "elf", NULL), "file-exists");
	assert_refused(pm_ffi_export(bench->chain, "/nowhere/image", "elf", NULL), "io-failed");
	assert_refused(pm_ffi_export(bench->chain, to, "lime", NULL), "invalid-params");
}

static void chains_that_are_none_are_refused(void **state)
{
	struct bench *bench = *state;
	char link_chain[256], fifo_chain[256], folder_chain[256], text_chain[256], path[192],
		long_chain[1024] = "[\"\"";
	FILE *text;

	for (int i = 0; i < 64; i++)
		strcat(long_chain, ",\"\"");
	strcat(long_chain, "]");
	snprintf(path, sizeof(path), "%s/link.pmsnap", bench->lab.folder);
	assert_int_equal(symlink(bench->path, path), 0);
	snprintf(link_chain, sizeof(link_chain), "[\"%s\"]", path);
	snprintf(path, sizeof(path), "%s/fifo", bench->lab.folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	snprintf(fifo_chain, sizeof(fifo_chain), "[\"%s\"]", path);
	snprintf(folder_chain, sizeof(folder_chain), "[\"%s\"]", bench->lab.folder);
	snprintf(path, sizeof(path), "%s/text", bench->lab.folder);
	text = fopen(path, "w");
	fputs("this is no snapshot, but a text that is longer than the header of one would be", text);
	fclose(text);
	snprintf(text_chain, sizeof(text_chain), "[\"%s\"]", path);

	const struct {
		const char *chain, *name;
	} table[] = {
		{"", "invalid-params"},		{"no json", "invalid-params"},
		{"{}", "invalid-params"},	{"[]", "invalid-params"},
		{"[7]", "invalid-params"},	{"[[]]", "invalid-params"},
		{long_chain, "invalid-params"}, {"[\"/nowhere/x.pmsnap\"]", "file-not-found"},
		{"[\"\"]", "file-not-found"},	{link_chain, "io-failed"},
		{folder_chain, "file-foreign"}, {fifo_chain, "file-foreign"},
		{text_chain, "file-foreign"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		uint8_t bytes[4096];

		assert_refused(pm_ffi_describe(table[i].chain), table[i].name);
		assert_refused(pm_ffi_verify(table[i].chain, NULL), table[i].name);
		assert_refused(pm_ffi_page(table[i].chain, 0, bytes), table[i].name);
		assert_refused(pm_ffi_compare(bench->chain, table[i].chain, NULL), table[i].name);
	}
}

static void an_expectation_is_no_snapshot(void **state)
{
	struct bench *bench = *state;
	struct pm_snapshot_result result;
	struct json_object *facts = lab_facts(&bench->lab);
	struct pm_task task = {0};
	struct pm_error err = {0};
	FILE *file = fopen(bench->path, "w+");

	assert_int_equal(pm_expectation_write(&bench->lab.pool, facts, false, fileno(file), &task, &result, &err),
			 PM_OK);
	fclose(file);
	assert_refused(pm_ffi_describe(bench->chain), "file-foreign");
	json_object_put(facts);
}

static void reports_are_made_and_refused(void **state)
{
	struct json_object *answer =
		parsed(pm_ffi_report("{\"intact\":true,\"class\":\"intact\",\"summary\":\"All well.\"}", "text"));

	(void)state;
	assert_non_null(strstr(lab_text(answer, "ok.text"), "Intact: All well.\n"));
	json_object_put(answer);
	assert_refused(pm_ffi_report("{}", "html"), "invalid-params");
	assert_refused(pm_ffi_report("no json", "html"), "invalid-params");
	assert_refused(pm_ffi_report("{\"intact\":true,\"class\":\"intact\"}", "pdf"), "invalid-params");
}

enum { THREADS = 8, TURNS = 10 };

static void *one_of_many(void *argument)
{
	struct bench *bench = argument;
	char *first = pm_ffi_describe(bench->chain);
	uintptr_t differing = 0;

	for (int i = 0; i < TURNS; i++) {
		char *again = i % 2 ? pm_ffi_verify(bench->chain, NULL) : pm_ffi_describe(bench->chain);
		char *same = pm_ffi_compare(bench->chain, bench->chain, NULL);

		differing += strcmp(first, again) != 0;
		differing += strstr(same, "\"same\":true") == NULL;
		pm_ffi_free(again);
		pm_ffi_free(same);
	}
	pm_ffi_free(first);
	return (void *)differing;
}

static void many_threads_get_the_same_answers(void **state)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, one_of_many, *state), 0);
	for (int i = 0; i < THREADS; i++) {
		void *differing;

		assert_int_equal(pthread_join(threads[i], &differing), 0);
		assert_null(differing);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_is_described, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_verified_says_the_same, setup, teardown),
		cmocka_unit_test_setup_teardown(pages_and_states_come_into_the_callers_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(allocations_come_in_parts, setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_cancelled_ends_so_and_leaves_no_file, setup, teardown),
		cmocka_unit_test_setup_teardown(an_export_replaces_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(chains_that_are_none_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(an_expectation_is_no_snapshot, setup, teardown),
		cmocka_unit_test(reports_are_made_and_refused),
		cmocka_unit_test_setup_teardown(many_threads_get_the_same_answers, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
