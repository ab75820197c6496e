/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line, end to end: the real program on a simulated host of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"
#include <pty.h>
#include <signal.h>

static void test_allocations(void **state)
{
	static const unsigned orders[] = {0, 9, 12, 14};
	struct bench *bench = *state;
	struct json_object *result;

	expect_run(bench, "pool create lab", 0, "lab", NULL);
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		char line[64];

		snprintf(line, sizeof(line), "alloc lab --order %u --json", orders[i]);
		result = ask(bench, line, 0);
		assert_int_equal(number(result, "pages"), UINT64_C(1) << orders[i]);
		assert_int_equal(number(result, "pfn") % (UINT64_C(1) << orders[i]), 0);
		assert_int_equal(number(result, "address"), REGION_BASE + number(result, "page") * 4096);
		json_object_put(result);
	}
	result = ask(bench, "alloc lab --pages 0x21 --name db --owner me --purpose test --json", 0);
	assert_int_equal(number(result, "pages"), 33);
	assert_string_equal(text(result, "record.owner"), "me");
	json_object_put(result);
	result = ask(bench, "list lab --json", 0);
	assert_int_equal(json_object_array_length(member(result, "allocations")), 5);
	json_object_put(result);
	expect_run(bench, "list lab", 0, "db", NULL);
	expect_run(bench, "pool map lab", 0, "pages a cell", NULL);
	expect_run(bench, "free lab db --yes", 0, "33", NULL);
	expect_run(bench, "free lab db --yes", 1, NULL, "no allocation is named \"db\"");
	expect_run(bench, "free lab 513 --yes", 1, NULL, "no allocation starts at page 513");
	expect_run(bench, "free lab 0x100200000 --yes", 0, "512", NULL);
	expect_run(bench, "free lab 0x100200001 --yes", 1, NULL, "no address of a page");
	expect_run(bench, "alloc lab --order 16", 1, NULL, "the pool has");
	expect_run(bench, "log lab --limit 1", 0, "free", NULL);
}

static void put_file(const char *path, size_t bytes)
{
	FILE *file = fopen(path, "wb");

	for (size_t i = 0; i < bytes; i++)
		fputc((int)((i * 2654435761u) >> 13 & 0xff), file);
	fclose(file);
}

static void expect_same(const char *path, const char *other)
{
	size_t bytes, other_bytes;
	char *data = program_slurp(fopen(path, "rb"), &bytes);
	char *other_data = program_slurp(fopen(other, "rb"), &other_bytes);

	assert_int_equal(bytes, other_bytes);
	assert_memory_equal(data, other_data, bytes);
	free(data);
	free(other_data);
}

static void test_content(void **state)
{
	struct bench *bench = *state;
	char content[300], copy[300], line[1024];
	struct ran ran;

	snprintf(content, sizeof(content), "%s/content", bench->folder);
	snprintf(copy, sizeof(copy), "%s/copy", bench->folder);
	put_file(content, 3000000); /* more than one part */
	expect_run(bench, "pool create lab", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 733 --name data", 0, NULL, NULL);
	snprintf(line, sizeof(line), "write lab data %s --offset 2000", content);
	expect_run(bench, line, 0, "3000000 bytes", NULL);
	snprintf(line, sizeof(line), "read lab data %s --offset 2000 --length 3000000", copy);
	expect_run(bench, line, 0, NULL, NULL);
	expect_same(content, copy);
	expect_run(bench, line, 1, NULL, "File exists");
	snprintf(line, sizeof(line), "write lab data %s --offset 2369", content);
	expect_run(bench, line, 1, NULL, "the allocation has 2999999");
	expect_run(bench, "read lab data - --offset 3002369", 1, NULL, "the allocation has");
	expect_run(bench, "read lab data - --length 3002369", 1, NULL, "the allocation has");
	ran = run_with(bench, content, "write lab data --offset 1 --json");
	assert_int_equal(ran.exit_code, 0);
	assert_non_null(strstr(ran.out, "\"written\": 3000000"));
	ran_free(&ran);
	ran = run_with(bench, NULL, "read lab data --offset 1 --length 3000000");
	assert_int_equal(ran.out_bytes, 3000000);
	ran_free(&ran);
}

static void test_snapshots(void **state)
{
	struct bench *bench = *state;
	char path[300], line[512];
	struct json_object *named, *file;
	struct ran ran;
	FILE *damaged;

	snprintf(path, sizeof(path), "%s/own.pmsnap", bench->folder);
	expect_run(bench, "pool create lab", 0, NULL, NULL);
	expect_run(bench, "alloc lab --order 5", 0, NULL, NULL);
	named = ask(bench, "snapshot create lab --name before --json", 0);
	expect_run(bench, "snapshot create lab --name before", 1, NULL, "already there");
	expect_run(bench, "snapshot create lab --name ../before", 2, NULL, "--name: must be");
	snprintf(line, sizeof(line), "snapshot create lab %s --json", path);
	file = ask(bench, line, 0);
	assert_string_equal(text(named, "digest"), text(file, "digest"));
	json_object_put(named);
	json_object_put(file);
	expect_run(bench, line, 1, "file-exists", NULL);
	ran = run_with(bench, NULL, "snapshot create lab -");
	assert_int_equal(ran.exit_code, 0);
	assert_memory_equal(ran.out, "PMSNAP", 6);
	ran_free(&ran);
	expect_run(bench, "snapshot list", 0, "before", NULL);
	expect_run(bench, "snapshot verify --name before", 0, "Every checksum matches", NULL);
	snprintf(line, sizeof(line), "snapshot verify %s", path);
	expect_run(bench, line, 0, "Every checksum matches", NULL);
	damaged = fopen(path, "r+b");
	fseek(damaged, 200, SEEK_SET);
	fputc('!', damaged);
	fclose(damaged);
	expect_run(bench, line, 1, NULL, "way out");
	expect_run(bench, "snapshot delete before", 2, NULL, "give --yes");
	expect_run(bench, "snapshot delete before --yes", 0, NULL, NULL);
	expect_run(bench, "snapshot delete before --yes", 1, NULL, "no snapshot before");
}

static void through_kexec(const struct bench *bench, uint64_t *page)
{
	struct json_object *result;

	expect_run(bench, "pool create lab", 0, NULL, NULL);
	expect_run(bench, "alloc lab --order 9", 0, NULL, NULL);
	result = ask(bench, "alloc lab --pages 4 --name db --owner me --json", 0);
	*page = number(result, "page");
	json_object_put(result);
	expect_run(bench, "kexec plan lab", 0, "simulated", NULL);
	expect_run(bench, "kexec jump lab --yes", 1, NULL, "no kernel is loaded");
	expect_run(bench, "expect lab", 1, NULL, "no plan");
	expect_run(bench, "kexec load lab", 0, "Nonce", NULL);
	expect_run(bench, "expect lab", 0, "Digest", NULL);
	expect_run(bench, "verdict", 3, "Wrong boot: ", NULL); /* it did not happen yet */
	expect_run(bench, "kexec jump lab", 2, NULL, "--yes");
	expect_run(bench, "kexec jump lab --yes --nonce other", 1, NULL, "another plan is loaded");
	expect_run(bench, "kexec jump lab --yes", 0, "Simulated", NULL);
}

static void test_intact(void **state)
{
	struct bench *bench = *state;
	struct json_object *before, *verdict;
	uint64_t page;

	before = ask(bench, "host info --json", 0);
	through_kexec(bench, &page);
	expect_run(bench, "verdict", 0, "Intact: ", NULL);
	verdict = ask(bench, "verdict --json", 0);
	assert_true(json_object_get_boolean(member(verdict, "simulated")));
	assert_string_equal(text(verdict, "boot.before"), text(before, "bootId"));
	assert_string_not_equal(text(verdict, "boot.after"), text(before, "bootId"));
	json_object_put(before);
	json_object_put(verdict);
}

static void test_content_changed(void **state)
{
	struct bench *bench = *state;
	struct json_object *verdict;
	char memory[320];
	uint64_t page;
	FILE *file;

	through_kexec(bench, &page);
	snprintf(memory, sizeof(memory), "%s/dev/mem", bench->host);
	file = fopen(memory, "r+b");
	fseeko(file, (off_t)(REGION_BASE + (page + 2) * 4096 + 17), SEEK_SET);
	fputc(1, file);
	fclose(file);
	expect_run(bench, "verdict", 3, "Content changed: ", NULL);
	verdict = ask(bench, "verdict --json", 3);
	assert_int_equal(number(verdict, "pages.changed"), 1);
	assert_int_equal(number(verdict, "changedRuns.0.page"), page + 2);
	assert_string_equal(text(verdict, "records.0.name"), "db");
	assert_string_equal(text(verdict, "records.0.state"), "content-changed");
	json_object_put(verdict);
}

static void test_plans(void **state)
{
	struct bench *bench = *state;
	char path[300], line[512];
	struct ran ran;
	FILE *file;

	expect_run(bench, "pool create lab", 0, NULL, NULL);
	expect_run(bench, "kexec plan lab --cmdline quiet --drop-reservation --json", 0, "\"dropReservation\": true",
		   NULL);
	expect_run(bench, "kexec plan lab --kernel /absent", 3, "fail", NULL);
	ran = run_with(bench, NULL, "kexec plan lab --json");
	snprintf(path, sizeof(path), "%s/plan.json", bench->folder);
	file = fopen(path, "w");
	fputs(ran.out, file);
	fclose(file);
	ran_free(&ran);
	snprintf(line, sizeof(line), "kexec load --plan %s", path);
	expect_run(bench, line, 0, "The kernel is loaded", NULL);
	expect_run(bench, "host info", 0, "a kernel is loaded", NULL);
	expect_run(bench, "kexec unload", 0, NULL, NULL);
	expect_run(bench, "host info", 0, "nothing loaded", NULL);
	snprintf(line, sizeof(line), "kexec load lab --plan %s", path);
	expect_run(bench, line, 2, NULL, "either a pool or --plan");
}

static void test_usage(void **state)
{
	static const char *const lines[] = {
		"colour",
		"pool",
		"pool paint",
		"pool info",
		"pool info a b",
		"alloc",
		"alloc lab --order",
		"alloc lab --order -1",
		"host info extra",
		"pool create lab --size 64MB",
		"serve here",
		"snapshot create lab",
		"kexec load",
	};
	struct bench *bench = *state;

	expect_run(bench, "pool create lab", 0, NULL, NULL);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		expect_run(bench, lines[i], 2, NULL, "pmpool: ");
	expect_run(bench, "alloc lab", 2, NULL, "either --order or --pages");
	expect_run(bench, "help", 0, "Usage", NULL);
	expect_run(bench, "help kexec jump", 0, "Usage: pmpool kexec jump POOL", NULL);
	expect_run(bench, "--version", 0, PMPOOL_VERSION, NULL);
}

/* A pool with an allocation that no compressor makes fit a pipe. */
static void fill(const struct bench *bench)
{
	char content[300], line[400];

	snprintf(content, sizeof(content), "%s/content", bench->folder);
	put_file(content, 4 << 20);
	expect_run(bench, "pool create lab", 0, NULL, NULL);
	expect_run(bench, "alloc lab --order 10 --name db", 0, NULL, NULL);
	snprintf(line, sizeof(line), "write lab db %s", content);
	expect_run(bench, line, 0, NULL, NULL);
}

static void test_interrupted(void **state)
{
	struct bench *bench = *state;
	const char *words[] = {"pmpool", "--simulate", bench->host, "snapshot", "create", "lab", "-", NULL};
	char buffer[4096];
	int ends[2], status;
	pid_t child;

	fill(bench);
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execv(program_path, (char **)(uintptr_t)words);
		_exit(127);
	}
	close(ends[1]);
	/* the first byte has come, and the last cannot have: the pipe is full and nobody reads on */
	assert_int_equal(read(ends[0], buffer, 1), 1);
	kill(child, SIGINT);
	while (read(ends[0], buffer, sizeof(buffer)) > 0)
		;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 130);
	close(ends[0]);
}

/* pmpool on a terminal of its own, where `answer` is typed; its exit code. */
static int answered(const struct bench *bench, const char *const *tail, const char *answer)
{
	const char *words[16] = {"pmpool", "--simulate", bench->host};
	char buffer[4096];
	int terminal, status;
	pid_t child;

	for (size_t i = 0; tail[i]; i++)
		words[3 + i] = tail[i];
	child = forkpty(&terminal, NULL, NULL, NULL);
	if (child == 0) {
		execv(program_path, (char **)(uintptr_t)words);
		_exit(127);
	}
	assert_true(child > 0);
	assert_int_equal(write(terminal, answer, strlen(answer)), (int)strlen(answer));
	while (read(terminal, buffer, sizeof(buffer)) > 0)
		;
	assert_int_equal(waitpid(child, &status, 0), child);
	close(terminal);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_confirmed(void **state)
{
	static const char *const free_db[] = {"free", "lab", "db", NULL};
	static const char *const jump[] = {"kexec", "jump", "lab", NULL};
	static const char *const release[] = {"bad", "remove", "lab", "700", NULL};
	static const char *const delete_pool[] = {"pool", "delete", "lab", NULL};
	struct bench *bench = *state;

	expect_run(bench, "pool create lab", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 3 --name db", 0, NULL, NULL);
	expect_run(bench, "free lab db", 2, NULL, "give --yes");
	assert_int_equal(answered(bench, free_db, "no\n"), 1);
	assert_int_equal(answered(bench, free_db, "\n"), 1);
	expect_run(bench, "list lab", 0, "db", NULL);
	assert_int_equal(answered(bench, free_db, "yes\n"), 0);
	expect_run(bench, "list lab", 0, "No allocation", NULL);
	expect_run(bench, "kexec load lab", 0, NULL, NULL);
	assert_int_equal(answered(bench, jump, "yes\n"), 1); /* it wants the host's name */
	expect_run(bench, "host info", 0, "a kernel is loaded", NULL);
	assert_int_equal(answered(bench, jump, "simulated\n"), 0);
	expect_run(bench, "host info", 0, "nothing loaded", NULL);
	expect_run(bench, "bad add lab 700 --why test", 0, NULL, NULL);
	assert_int_equal(answered(bench, release, "no\n"), 1);
	expect_run(bench, "bad list lab", 0, "test", NULL);
	assert_int_equal(answered(bench, release, "yes\n"), 0);
	expect_run(bench, "bad list lab", 0, "No bad page", NULL);
	assert_int_equal(answered(bench, delete_pool, "yes\n"), 1); /* it wants the pool's name */
	expect_run(bench, "pool info lab", 0, NULL, NULL);
	assert_int_equal(answered(bench, delete_pool, "lab\n"), 0);
	expect_run(bench, "pool info lab", 1, NULL, NULL);
}

static void test_refused_json(void **state)
{
	struct bench *bench = *state;
	struct json_object *error = ask(bench, "pool info absent --json", 1);

	assert_int_equal(number(error, "error.code"), 1101);
	assert_string_equal(text(error, "error.name"), "pool-not-found");
	assert_true(strlen(text(error, "error.reason")) > 0 && strlen(text(error, "error.remedy")) > 0);
	json_object_put(error);
	error = ask(bench, "pool info --colour --json", 2);
	assert_int_equal(json_object_get_int(member(error, "error.code")), -32602);
	json_object_put(error);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(allocations), TEST(content), TEST(snapshots),    TEST(intact),	 TEST(content_changed),
		TEST(plans),	   TEST(usage),	  TEST(refused_json), TEST(interrupted), TEST(confirmed),
	};

	program_path = argc > 1 ? argv[1] : "pmpool";
	return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}
