/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshots on the command line: files of the user's own and names of the state directory, chains, forms, damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"
#include "snapshot_lines.h"
#include <dirent.h>
#include <signal.h>

static void test_info_and_pipes(void **state)
{
	struct bench *bench = *state;
	struct json_object *info;
	struct ran ran;
	char piped[400];

	fill_pool(bench);
	run_in(bench, "snapshot create lab @own.pmsnap", 0, "Digest", NULL);
	info = ask_in(bench, "snapshot info @own.pmsnap --json", 0);
	assert_string_equal(text(info, "snapshot.name"), "own.pmsnap");
	assert_int_equal(number(info, "snapshot.pages"), 300 + 8);
	assert_int_equal(number(info, "usage.allocations"), 2);
	assert_int_equal(number(info, "regions.0.base"), REGION_BASE);
	assert_non_null(member(info, "host.kernel"));
	assert_null(member(info, "snapshot.damage"));
	json_object_put(info);
	run_in(bench, "snapshot info @own.pmsnap", 0, "2 allocations", NULL);
	run_in(bench, "snapshot info @nothing", 1, NULL, "No such file");
	run_in(bench, "snapshot info", 2, NULL, "either a file, or --name");
	/* through pipes: written to one, verified and described from one */
	ran = run_with(bench, NULL, "snapshot create lab -");
	assert_int_equal(ran.exit_code, 0);
	snprintf(piped, sizeof(piped), "%s/piped.pmsnap", bench->folder);
	put_bytes(piped, ran.out, ran.out_bytes);
	ran_free(&ran);
	expect_piped(bench, piped, "snapshot verify -", "Every checksum matches");
	expect_piped(bench, piped, "snapshot info -", "308, of them 108 all zero");
	assert_same_digest(bench, "own.pmsnap", "piped.pmsnap");
}

static void test_forms(void **state)
{
	struct bench *bench = *state;
	struct json_object *made;

	fill_pool(bench);
	run_in(bench, "snapshot create lab @own.pmsnap", 0, NULL, NULL);
	made = ask_in(bench, "snapshot export @own.pmsnap @own.img --format raw --json", 0);
	assert_int_equal(number(made, "bytes"), UINT64_C(256) << 20);
	assert_true(number(made, "diskBytes") < UINT64_C(16) << 20);
	json_object_put(made);
	run_in(bench, "snapshot export @own.pmsnap @own.core --format elf", 0, "as elf", NULL);
	run_in(bench, "snapshot import @own.img @from-image.pmsnap", 0, "Digest", NULL);
	run_in(bench, "snapshot import @own.core @from-core.pmsnap", 0, "Digest", NULL);
	assert_same_digest(bench, "own.pmsnap", "from-image.pmsnap");
	assert_same_digest(bench, "own.pmsnap", "from-core.pmsnap");
	run_in(bench, "snapshot compare @own.pmsnap @from-core.pmsnap", 0, "Nothing differs", NULL);
	/* refusals leave no file and take nobody else's place */
	run_in(bench, "snapshot export @own.pmsnap @own.img --format raw", 1, NULL, "File exists");
	run_in(bench, "snapshot export @own.pmsnap @x --format tar", 2, NULL, "--format is raw or elf");
	run_in(bench, "snapshot export @own.img @x --format raw", 1, NULL, "way out");
	run_in(bench, "snapshot import @own.pmsnap @x", 1, NULL, "No pool stands in this file");
	run_in(bench, "snapshot import @own.img @x --base 8K", 1, NULL, "No pool stands in this file");
	assert_false(exists(bench, "x"));
}

static void test_chain_of_files(void **state)
{
	struct bench *bench = *state;
	struct json_object *child;

	fill_pool(bench);
	run_in(bench, "snapshot create lab @one.pmsnap", 0, NULL, NULL);
	spoil(bench, "data", 5);
	run_in(bench, "snapshot create lab @two.pmsnap --parent @one.pmsnap", 0, "Builds on", NULL);
	spoil(bench, "data", 6);
	child = ask_in(bench, "snapshot create lab @three.pmsnap --parent @two.pmsnap --json", 0);
	assert_string_equal(text(child, "parent.name"), "two.pmsnap");
	assert_int_equal(number(child, "pages"), 308);
	assert_int_equal(number(child, "parentPages"), 307);
	json_object_put(child);
	run_in(bench, "snapshot verify @three.pmsnap", 0, "Every checksum matches", NULL);
	run_in(bench, "snapshot compare @one.pmsnap @three.pmsnap", 3, "2 changed", NULL);
	run_in(bench, "snapshot export @three.pmsnap @three.img --format raw", 0, NULL, NULL);
	run_in(bench, "snapshot import @three.img @three-again.pmsnap", 0, NULL, NULL);
	assert_same_digest(bench, "three.pmsnap", "three-again.pmsnap");
	/* the parent elsewhere, another one in its place, none */
	move(bench, "two.pmsnap", "elsewhere");
	run_in(bench, "snapshot verify @three.pmsnap", 1, NULL, "two.pmsnap");
	run_in(bench, "snapshot info @three.pmsnap", 0, "which is not here", NULL);
	run_in(bench, "snapshot compare @three.pmsnap @one.pmsnap", 1, NULL, "two.pmsnap");
	run_in(bench, "snapshot verify @three.pmsnap --parent @elsewhere", 0, "Every checksum matches", NULL);
	run_in(bench, "snapshot verify @three.pmsnap --parent @one.pmsnap", 1, NULL, "way out");
	run_in(bench, "snapshot create lab @x --parent @nothing", 1, NULL, "No such file");
	assert_false(exists(bench, "x"));
}

static void test_chain_of_names(void **state)
{
	struct bench *bench = *state;
	struct json_object *list;

	fill_pool(bench);
	run_in(bench, "snapshot create lab --name one", 0, NULL, NULL);
	run_in(bench, "snapshot create lab --name two --parent-name one", 0, "Builds on", NULL);
	run_in(bench, "snapshot create lab --name x --parent @one.pmsnap", 2, NULL, "--parent-name");
	run_in(bench, "snapshot create lab --name x --parent-name zero", 1, NULL, "no snapshot zero");
	run_in(bench, "snapshot verify --name two", 0, "Every checksum matches", NULL);
	run_in(bench, "snapshot list", 0, "one", NULL);
	run_in(bench, "snapshot delete one --yes", 1, NULL, "the word to delete it all the same is one");
	run_in(bench, "snapshot delete one --yes --confirm two", 1, NULL, "the word to delete it all the same is one");
	run_in(bench, "snapshot delete two --yes", 0, NULL, NULL);
	run_in(bench, "snapshot create lab --name two --parent-name one", 0, NULL, NULL);
	run_in(bench, "snapshot delete one --confirm one", 0, "is deleted", NULL);
	run_in(bench, "snapshot verify --name two", 1, NULL, "no snapshot one");
	list = ask_in(bench, "snapshot list --json", 0);
	assert_int_equal(json_object_array_length(member(list, "snapshots")), 1);
	assert_false(json_object_get_boolean(member(list, "snapshots.0.parent.present")));
	json_object_put(list);
	/* a whole one of the same name is another parent, unless it holds the same */
	run_in(bench, "snapshot create lab --name one", 0, NULL, NULL);
	run_in(bench, "snapshot verify --name two", 0, NULL, NULL);
	run_in(bench, "snapshot delete one --yes --confirm one", 0, NULL, NULL);
	spoil(bench, "data", 7);
	run_in(bench, "snapshot create lab --name one", 0, NULL, NULL);
	run_in(bench, "snapshot verify --name two", 1, NULL, "one");
	run_in(bench, "snapshot delete one --yes", 0, NULL, NULL); /* nothing builds on this one */
}

static void test_damaged_ones(void **state)
{
	struct bench *bench = *state;
	struct json_object *list;
	char path[400];

	fill_pool(bench);
	run_in(bench, "snapshot create lab --name cut", 0, NULL, NULL);
	run_in(bench, "snapshot create lab --name whole", 0, NULL, NULL);
	snprintf(path, sizeof(path), "%s/var/lib/pmpool/snapshots/cut.pmsnap", bench->host);
	assert_int_equal(truncate(path, 70000), 0);
	snprintf(path, sizeof(path), "%s/var/lib/pmpool/snapshots/text.pmsnap", bench->host);
	put_bytes(path, "nothing of the kind", 19);
	list = ask_in(bench, "snapshot list --json", 0);
	assert_int_equal(json_object_array_length(member(list, "snapshots")), 3);
	for (size_t i = 0; i < 3; i++) {
		struct json_object *snapshot = json_object_array_get_idx(member(list, "snapshots"), i);
		const char *name = text(snapshot, "name");

		assert_true(!member(snapshot, "damage") == (strcmp(name, "whole") == 0));
		if (strcmp(name, "cut") == 0)
			assert_string_equal(text(snapshot, "poolName"), "lab");
	}
	json_object_put(list);
	run_in(bench, "snapshot list", 0, "damaged: file-truncated", NULL);
	run_in(bench, "snapshot verify --name cut", 1, NULL, "ends before its trailer");
	run_in(bench, "snapshot info --name cut", 0, "Damage", NULL);
	run_in(bench, "snapshot export --name cut @cut.img --format raw", 1, NULL, "way out");
	assert_true(exists(bench, "cut.img")); /* what could be read */
	run_in(bench, "snapshot export --name text @x --format raw", 1, NULL, "not a file of pmpool");
	assert_false(exists(bench, "x"));
}

static void append(const struct bench *bench, const char *name)
{
	char path[400];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", bench->folder, name);
	file = fopen(path, "ab");
	assert_non_null(file);
	assert_int_equal(fputc('x', file), 'x');
	fclose(file);
}

/* Damage is said wherever the file is used, and nothing is restored from it. */
static void test_damage_is_said(void **state)
{
	struct bench *bench = *state;
	char path[400];

	fill_pool(bench);
	run_in(bench, "snapshot create lab @whole.pmsnap", 0, NULL, NULL);
	run_in(bench, "snapshot create lab @more.pmsnap", 0, NULL, NULL);
	append(bench, "more.pmsnap");
	run_in(bench, "snapshot verify @more.pmsnap", 1, NULL, "trailer");
	run_in(bench, "snapshot compare @whole.pmsnap @more.pmsnap", 1, "Nothing differs in what can be read",
	       "more.pmsnap is damaged");
	run_in(bench, "snapshot restore @more.pmsnap --content --yes", 1, NULL, "trailer");
	run_in(bench, "snapshot restore @more.pmsnap --pool", 1, NULL, "trailer");
	run_in(bench, "snapshot export @more.pmsnap @more.core --format elf", 1, NULL, "was kept");
	spoil(bench, "data", 3);
	run_in(bench, "snapshot compare @more.pmsnap", 3, "1 changed", "more.pmsnap is damaged");
	/* a name that leads back to the file itself */
	run_in(bench, "snapshot create lab @parent.pmsnap", 0, NULL, NULL);
	run_in(bench, "snapshot create lab @circle --parent @parent.pmsnap", 0, NULL, NULL);
	move(bench, "circle", "parent.pmsnap");
	run_in(bench, "snapshot verify @parent.pmsnap", 1, NULL, "in a circle");
	/* what is no snapshot at all */
	snprintf(path, sizeof(path), "%s/text", bench->folder);
	put_bytes(path, "nothing of the kind", 19);
	run_in(bench, "snapshot info @text", 1, NULL, "way out");
	put_bytes(path, "", 0);
	run_in(bench, "snapshot info @text", 1, NULL, "way out");
}

static size_t files_in(const char *folder, const char *part)
{
	DIR *dir = opendir(folder);
	size_t count = 0;

	assert_non_null(dir);
	for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
		count += strstr(entry->d_name, part) != NULL;
	closedir(dir);
	return count;
}

/* Killed wherever it was: a whole file or none, and nothing half-written beside it. */
static void test_killed(void **state)
{
	static const int signals[] = {SIGKILL, SIGINT, SIGTERM};
	struct bench *bench = *state;

	run_in(bench, "pool create lab", 0, NULL, NULL);
	run_in(bench, "alloc lab --pages 40000 --name data", 0, NULL, NULL);
	fill_random(bench, 40000);
	for (unsigned i = 0; i < 9; i++) {
		char name[32], line[64];

		snprintf(name, sizeof(name), "killed-%u.pmsnap", i);
		snprintf(line, sizeof(line), "snapshot create lab @%s", name);
		run_and_kill(bench, line, signals[i % 3], 1000 + i * i * 4000);
		if (exists(bench, name)) {
			snprintf(line, sizeof(line), "snapshot verify @%s", name);
			run_in(bench, line, 0, "Every checksum matches", NULL);
		}
	}
	assert_int_equal(files_in(bench->folder, "partial"), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(info_and_pipes), TEST(forms),  TEST(chain_of_files), TEST(chain_of_names),
		TEST(damaged_ones),   TEST(killed), TEST(damage_is_said),
	};

	program_path = argc > 1 ? argv[1] : "pmpool";
	return cmocka_run_group_tests_name("snapshots on the command line", tests, NULL, NULL);
}
