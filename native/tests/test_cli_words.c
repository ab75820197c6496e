/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people type at the command line, and what it says when that is wrong or means two things. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"
#include <stdbool.h>
#include <sys/file.h>

/* An allocation named like the page of another. */
static void test_numeric_names(void **state)
{
	struct bench *bench = *state;
	struct json_object *first, *second;
	char line[96];

	expect_run(bench, "pool create lab", 0, NULL, NULL);
	first = ask(bench, "alloc lab --order 9 --json", 0);
	snprintf(line, sizeof(line), "alloc lab --pages 3 --name %s --json", text(first, "page"));
	second = ask(bench, line, 0);
	snprintf(line, sizeof(line), "free lab %s --yes", text(first, "page"));
	expect_run(bench, line, 2, NULL, "say name:512 or page:512");
	expect_run(bench, "alloc lab --pages 1 --name 99999", 0, NULL, NULL);
	expect_run(bench, "free lab 99999 --yes", 0, "99999", NULL); /* no allocation starts there: the name it is */
	expect_run(bench, "free lab page:512 --yes", 0, "2 MiB", NULL);
	expect_run(bench, "list lab", 0, "12 KiB", NULL);
	expect_run(bench, "free lab name:512 --yes", 0, "12 KiB", NULL);
	expect_run(bench, "free lab name:512 --yes", 1, NULL, "no allocation is named \"512\"");
	expect_run(bench, "free lab page:512 --yes", 1, NULL, "no allocation starts at page 512");
	json_object_put(first);
	json_object_put(second);
}

/* Nothing is stored that was not typed. */
static void test_no_text(void **state)
{
	static const char *const lines[] = {
		"pool create l\xff",
		"pool create l\x07",
		"alloc lab --pages 1 --name a\xff",
		"alloc lab --pages 1 --name \xed\xa0\x80",
		"alloc lab --pages 1 --name a --owner \xc3",
		"alloc lab --pages 1 --name a --purpose \x1b[m",
	};
	struct bench *bench = *state;
	char line[96];

	expect_run(bench, "pool create lab", 0, NULL, NULL);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct json_object *error;

		expect_run(bench, lines[i], 1, NULL, "pmpool: ");
		snprintf(line, sizeof(line), "%s --json", lines[i]);
		error = ask(bench, line, 1);
		assert_string_equal(text(error, "error.name"), "name-invalid");
		json_object_put(error);
	}
	expect_run(bench, "alloc lab --pages 1 --name ", 2, NULL, "--name is empty");
	expect_run(bench, "alloc lab --pages 1 --name \xc2\xa0", 1, NULL, "no name for an allocation");
	expect_run(bench, "pool create \xc2\xa0", 1, NULL, "no name for a pool");
	expect_run(bench, "pool create 6f1c0000-0000-4000-8000-00000000000a", 1, NULL, "reads as a UUID");
	expect_run(bench, "pool create 6F1C0000-0000-4000-8000-00000000000A", 1, NULL, "reads as a UUID");
	expect_run(bench, "pool create mem:0x100000000", 1, NULL, "reads as a region");
	expect_run(bench, "pool create dax:dax0.0", 1, NULL, "reads as a region");
	expect_run(bench, "list lab", 0, "No allocation", NULL);
}

/* Not given means as much as there is; 0 must not. */
static void test_zero_sizes(void **state)
{
	static const char *const lines[] = {
		"pool create lab --size 0",
		"pool create lab --size 0x0",
		"pool create lab --size 0K",
		"pool create lab --size ",
		"region recognise mem:0x100000000 --size 0",
	};
	struct bench *bench = *state;
	const char *const region_size[] = {"pmpool", "--simulate", bench->host, "--region-size",
					   "0",	     "host",	   "info",	NULL};
	struct ran ran;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		expect_run(bench, lines[i], 2, NULL, "--size");
	expect_run(bench, "pool list", 0, "No pool", NULL);
	expect_run(bench, "pool create lab", 0, "256 MiB", NULL);
	ran = program_run(region_size, NULL);
	assert_int_equal(ran.exit_code, 2);
	ran_free(&ran);
}

static void expect_order(const struct bench *bench, const char *line, int exit_code, const char *begin,
			 const char *const *marks)
{
	struct ran ran = run_with(bench, NULL, line);
	const char *at = ran.out;

	if (ran.exit_code != exit_code || strncmp(ran.out, begin, strlen(begin)) != 0)
		fail_msg("%s: exit %d\n%s%s", line, ran.exit_code, ran.out, ran.err);
	for (size_t i = 0; marks[i]; i++) {
		const char *next = strstr(at, marks[i]);

		if (!next || (i > 0 && strstr(next, marks[i - 1])))
			fail_msg("%s: \"%.5s\" is not in its place:\n%s", line, marks[i] + 1, ran.out);
		at = next;
	}
	ran_free(&ran);
}

/* What has to be mended is read first. */
static void test_bad_news_first(void **state)
{
	static const char *const order[] = {"\nfail  ", "\npass  ", NULL};
	struct bench *bench = *state;

	expect_run(bench, "pool create lab", 0, NULL, NULL);
	expect_run(bench, "alloc lab --order 5 --name db", 0, NULL, NULL);
	expect_order(bench, "kexec plan lab --kernel /absent", 3, "This host is simulated", order);
	expect_run(bench, "kexec load lab --drop-reservation", 0, NULL, NULL);
	expect_run(bench, "expect lab", 0, NULL, NULL);
	expect_run(bench, "kexec jump lab --yes", 0, NULL, NULL);
	expect_order(bench, "verdict", 3, "Became System RAM: ", order);
}

/* Why and the way out are about what was asked for. */
static void test_refusals(void **state)
{
	static const struct {
		const char *line;
		const char *says[3];
	} cases[] = {
		{"pool create new --size 1G",
		 {"1073741824 bytes at offset 0 run past the 268435456", "allocation or region"}},
		{"pool create new --offset 1G --size 16M", {"offset 1073741824 lies behind", "allocation or region"}},
		{"pool create new --size 3", {"3 bytes at offset 0", "the grain is 2097152 bytes"}},
		{"alloc lab --pages 9999999", {"no more than the pool has"}},
		{"alloc lab --pages 1 --name a/b", {"\"a/b\" is no name", "not only blanks"}},
		{"free lab absent --yes", {"named \"absent\"", "No allocation has this name"}},
		{"read lab db /absent/out --offset 1K --length 9M",
		 {"9437184 bytes at offset 1024; the allocation has 16384"}},
		{"read lab db /absent/out --offset 17K", {"offset 17408; the allocation has 16384"}},
		{"write lab db /absent/file", {"/absent/file: No such file", "Check the name and the path"}},
	};
	struct bench *bench = *state;

	expect_run(bench, "pool create lab", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 4 --name db", 0, NULL, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t j = 0; j < 3 && cases[i].says[j]; j++)
			expect_run(bench, cases[i].line, 1, NULL, cases[i].says[j]);
}

static void test_other_folders(void **state)
{
	struct bench *bench = *state;
	const char *const lines[] = {"neither empty nor a simulated host", "Choose another name."};
	struct bench other;

	folder_put(bench->folder, "/file", "kept");
	memcpy(&other, bench, sizeof(other));
	snprintf(other.host, sizeof(other.host), "%s", bench->folder);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		expect_run(&other, "host info", 1, NULL, lines[i]);
}

/* Without --region there has to be one; where there is none, each says why. */
static void test_no_region(void **state)
{
	struct bench *bench = *state;

	expect_run(bench, "host info", 0, NULL, NULL);
	folder_put(bench->host, "/proc/cmdline", "ro quiet\n");
	expect_run(bench, "pool create lab", 1, NULL, "gives no memory away");
	folder_put(bench->host, "/proc/cmdline", "ro memmap=64MG memmap=1M$0x100000\n");
	expect_run(bench, "pool create lab", 1, NULL, "none of the regions (2) can be used; eaten:");
	expect_run(bench, "pool create lab", 1, NULL, "ate its `$`");
	expect_run(bench, "pool create lab", 1, NULL, "mem:0x100000");
	expect_run(bench, "pool create lab --json", 1, "region-cmdline-mismatch", NULL);
	folder_put(bench->host, "/proc/cmdline", "ro memmap=64M$0x100000000 memmap=64M$0x104000000\n");
	expect_run(bench, "pool create lab", 2, NULL, "2 regions can be used; say which with --region");
}

/* A SIGBUS of a region in a file is no driver's doing. In a mount namespace of its own, where that is allowed. */
static void test_full_file_system(void **state)
{
	struct bench *bench = *state;
	const char *const format =
		"unshare -rm sh -c 'mount -t tmpfs -o size=16m pmpool-test %s || exit 77; p=\"%s --simulate %s/h\"\n"
		"$p pool create lab >/dev/null && $p alloc lab --pages 8192 --name db >/dev/null || exit 1\n"
		"head -c 32M /dev/zero | $p write lab db 2>%s/said' || exit 77";
	char line[2048], path[300], *said;
	size_t bytes;
	int status;

	snprintf(path, sizeof(path), "%s/tmpfs", bench->folder);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(line, sizeof(line), format, path, program_path, path, bench->folder);
	status = system(line);
	assert_true(WIFEXITED(status));
	snprintf(path, sizeof(path), "%s/said", bench->folder);
	if (access(path, F_OK) != 0)
		skip();
	said = program_slurp(fopen(path, "r"), &bytes);
	if (!strstr(said, "no room for the pages") || !strstr(said, "The file system is full"))
		fail_msg("%s", said);
	free(said);
}

/* What a killed process left half-written goes when serve starts, and what a live one writes stays. */
static void test_left_behind(void **state)
{
	static const struct {
		const char *path;
		bool held, stays;
	} files[] = {
		{"/var/lib/pmpool/snapshots/.tmp-dead", false, false},
		{"/var/lib/pmpool/expectations/.tmp-dead", false, false},
		{"/var/lib/pmpool/snapshots/.tmp-live", true, true},
		{"/var/lib/pmpool/snapshots/whole.pmsnap", false, true},
	};
	enum { COUNT = sizeof(files) / sizeof(files[0]) };
	struct bench *bench = *state;
	char paths[COUNT][600];
	int fds[COUNT];

	expect_run(bench, "host info", 0, NULL, NULL);
	for (size_t i = 0; i < COUNT; i++) {
		folder_put(bench->host, files[i].path, "half");
		snprintf(paths[i], sizeof(paths[i]), "%s%s", bench->host, files[i].path);
		fds[i] = open(paths[i], O_RDWR | O_CLOEXEC);
		if (files[i].held)
			assert_int_equal(flock(fds[i], LOCK_EX | LOCK_NB), 0);
	}
	expect_run(bench, "serve", 0, NULL, NULL);
	for (size_t i = 0; i < COUNT; i++) {
		if ((access(paths[i], F_OK) == 0) != files[i].stays)
			fail_msg("%s is %s", files[i].path, files[i].stays ? "gone" : "still there");
		close(fds[i]);
	}
}

/* A group of verbs says what there is in it. */
static void test_groups(void **state)
{
	static const struct {
		const char *words[5];
		int exit_code;
		const char *says, *says_not;
	} cases[] = {
		{{"pmpool", "kexec", "--help"}, 0, "kexec unload", "pool create"},
		{{"pmpool", "kexec", "-h"}, 0, "kexec jump", "pool create"},
		{{"pmpool", "pool", "help"}, 0, "pool create", "kexec"},
		{{"pmpool", "help", "snapshot"}, 0, "snapshot verify", "pool create"},
		{{"pmpool", "region", "--help"}, 0, "region recognise", "pool create"},
		{{"pmpool", "host", "--help"}, 0, "host info", "pool create"},
		{{"pmpool", "kexec", "paint", "--help"}, 2, NULL, NULL},
		{{"pmpool", "help", "kexec", "paint"}, 2, NULL, NULL},
		{{"pmpool", "help", "paint"}, 2, NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ran ran = program_run(cases[i].words, NULL);

		if (ran.exit_code != cases[i].exit_code || (cases[i].says && !strstr(ran.out, cases[i].says)) ||
		    (cases[i].says_not && strstr(ran.out, cases[i].says_not)))
			fail_msg("case %zu: exit %d\n%s%s", i, ran.exit_code, ran.out, ran.err);
		ran_free(&ran);
	}
}

/* The way back after a kexec that lost the reservation. */
static void test_reset(void **state)
{
	static const char mark[] = "what stood at the end";
	const char *const real[] = {"pmpool", "host", "reset", "--json", NULL};
	struct bench *bench = *state;
	struct json_object *made, *reset;
	char memory[320], found[sizeof(mark)];
	struct ran ran;
	int fd;

	made = ask(bench, "host info --json", 0);
	expect_run(bench, "pool create lab", 0, NULL, NULL);
	snprintf(memory, sizeof(memory), "%s/dev/mem", bench->host);
	fd = open(memory, O_RDWR | O_CLOEXEC);
	assert_int_equal(pwrite(fd, mark, sizeof(mark), (off_t)(REGION_BASE + (128 << 20))), sizeof(mark));
	expect_run(bench, "kexec load lab --drop-reservation", 0, NULL, NULL);
	expect_run(bench, "kexec jump lab --yes", 0, NULL, NULL);
	expect_run(bench, "region list", 0, "No region", NULL);
	reset = ask(bench, "host reset --json", 0);
	assert_string_equal(text(reset, "cmdline"), text(made, "cmdline"));
	assert_string_not_equal(text(reset, "bootId"), text(made, "bootId"));
	expect_run(bench, "region list", 0, "usable", NULL);
	assert_int_equal(pread(fd, found, sizeof(found), (off_t)(REGION_BASE + (128 << 20))), sizeof(found));
	assert_string_equal(found, mark);
	close(fd);
	/* from here on it is a host like any other: what is left of the old pool is named, and a new one can be made */
	json_object_put(made);
	made = ask(bench, "region recognise mem:0x100000000 --json", 0);
	snprintf(memory, sizeof(memory), "pool create new --overwrite %s", text(made, "confirm"));
	expect_run(bench, memory, 0, "new", NULL);
	expect_run(bench, "kexec load new", 0, NULL, NULL);
	expect_run(bench, "host reset", 0, "nothing loaded", NULL);
	expect_run(bench, "pool info new", 0, "256 MiB", NULL);
	ran = program_run(real, NULL);
	if (ran.exit_code != 1 || !strstr(ran.out, "\"unsupported\""))
		fail_msg("exit %d\n%s%s", ran.exit_code, ran.out, ran.err);
	ran_free(&ran);
	json_object_put(made);
	json_object_put(reset);
}

/* It speaks of what was typed, and says a thing once. */
static void test_wording(void **state)
{
	static const struct {
		const char *line;
		int exit_code;
		const char *says, *says_not;
	} cases[] = {
		{"pool list extra", 2, "unexpected operand \"extra\": it takes none", NULL},
		{"pool info lab extra", 2, "unexpected operand \"extra\"", NULL},
		{"pool info", 2, "an operand is missing: it takes POOL", NULL},
		{"alloc lab --order 41", 2, "--order: must be", "parameter"},
		{"alloc lab --pages 0", 2, "--pages: must be", "parameter"},
		{"alloc lab --order 1 --pages 1", 2, "either --order or --pages", "parameter"},
		{"alloc lab --order 99999999999999999999", 2, "too large", "no number"},
		{"alloc lab --pages 65000", 1, "cannot allocate", "why:"},
		{"snapshot create lab --name ../x", 2, "--name: must be", "parameter"},
		{"snapshot verify -", 0, "stdin", "stdout"},
		{"kexec plan lab --cmdline quiet", 3, "\n               root=", "\n:"},
		{"kexec plan lab --kernel /absent", 3, "      /absent: No such file", NULL},
		{"kexec unload", 0, "Nothing was loaded.", "Unloaded"},
		{"kexec load lab", 0, "The kernel is loaded", NULL},
		{"kexec unload", 0, "Unloaded.", "Nothing"},
	};
	struct bench *bench = *state;
	char snapshot[300], line[400];

	snprintf(snapshot, sizeof(snapshot), "%s/lab.pmsnap", bench->folder);
	snprintf(line, sizeof(line), "snapshot create lab %s", snapshot);
	expect_run(bench, "pool create lab", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 600", 0, NULL, NULL);
	expect_run(bench, line, 0, NULL, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ran ran = run_with(bench, snapshot, cases[i].line);
		bool said = strstr(ran.out, cases[i].says) || strstr(ran.err, cases[i].says);

		if (ran.exit_code != cases[i].exit_code || !said ||
		    (cases[i].says_not && (strstr(ran.out, cases[i].says_not) || strstr(ran.err, cases[i].says_not))))
			fail_msg("%s: exit %d\n%s%s", cases[i].line, ran.exit_code, ran.out, ran.err);
		ran_free(&ran);
	}
}

/* The metadata of a pool is a part of a cell at most, and still shows where nothing is allocated beside it. */
static void test_map_shows_metadata(void **state)
{
	struct bench *bench = *state;
	struct ran ran;

	expect_run(bench, "pool create lab", 0, NULL, NULL);
	ran = run_with(bench, NULL, "pool map lab");
	assert_int_equal(ran.exit_code, 0);
	assert_non_null(strstr(ran.out, "0x100000000  M"));
	assert_non_null(strstr(ran.out, "M\n\n"));
	ran_free(&ran);
	expect_run(bench, "alloc lab --pages 1", 0, NULL, NULL);
	ran = run_with(bench, NULL, "pool map lab");
	assert_null(strstr(ran.out, "0x100000000  M"));
	ran_free(&ran);
}

/* What could not be printed was not said. */
static void test_full_output(void **state)
{
	static const char *const lines[] = {"list lab", "pool list --json", "help"};
	struct bench *bench = *state;
	char line[1024];

	expect_run(bench, "pool create lab", 0, NULL, NULL);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		int status;

		snprintf(line, sizeof(line), "%s --simulate %s %s >/dev/full 2>%s/said", program_path, bench->host,
			 lines[i], bench->folder);
		status = system(line);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 1)
			fail_msg("%s: status %x", lines[i], (unsigned)status);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(numeric_names),	       TEST(no_text),	  TEST(zero_sizes),
		TEST(bad_news_first),	       TEST(refusals),	  TEST(wording),
		TEST(map_shows_metadata),      TEST(full_output), TEST(reset),
		cmocka_unit_test(test_groups), TEST(left_behind), TEST(full_file_system),
		TEST(other_folders),	       TEST(no_region),
	};

	program_path = argc > 1 ? argv[1] : "pmpool";
	return cmocka_run_group_tests_name("cli_words", tests, NULL, NULL);
}
