/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A simulated host of its own for each test of the command line, and what pmpool says of it. */
#ifndef PMPOOL_TESTS_BENCH_H
#define PMPOOL_TESTS_BENCH_H

#include "folder.h"
#include "program.h"

#define REGION_BASE UINT64_C(0x100000000)

struct bench {
	char folder[256], host[300];
};

static inline int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	folder_make(bench->folder);
	snprintf(bench->host, sizeof(bench->host), "%s/host", bench->folder);
	*state = bench;
	return 0;
}

static inline int teardown(void **state)
{
	struct bench *bench = *state;

	folder_remove(bench->folder);
	free(bench);
	return 0;
}

/* pmpool --simulate HOST --region-size 256M LINE...; the line is split at blanks. */
static inline struct ran run_with(const struct bench *bench, const char *input, const char *line)
{
	const char *words[24] = {"pmpool", "--simulate", bench->host, "--region-size", "256M"};
	char copy[512], *rest = copy;
	size_t count = 5;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strsep(&rest, " "); word && count < 23; word = strsep(&rest, " "))
		words[count++] = word;
	return program_run(words, input);
}

static inline void expect_run(const struct bench *bench, const char *line, int exit_code, const char *out,
			      const char *err)
{
	struct ran ran = run_with(bench, NULL, line);

	if (ran.exit_code != exit_code || (out && !strstr(ran.out, out)) || (err && !strstr(ran.err, err)))
		fail_msg("%s: exit %d\n%s%s", line, ran.exit_code, ran.out, ran.err);
	ran_free(&ran);
}

static inline struct json_object *ask(const struct bench *bench, const char *line, int exit_code)
{
	struct ran ran = run_with(bench, NULL, line);
	struct json_object *result = json_tokener_parse(ran.out);

	if (ran.exit_code != exit_code || !result || ran.err[0])
		fail_msg("%s: exit %d\n%s%s", line, ran.exit_code, ran.out, ran.err);
	ran_free(&ran);
	return result;
}

static inline struct json_object *member(struct json_object *object, const char *path)
{
	char copy[128], *rest = copy;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *name = strsep(&rest, "."); name; name = strsep(&rest, ".")) {
		if (json_object_is_type(object, json_type_array))
			object = json_object_array_get_idx(object, (size_t)atoi(name));
		else if (!json_object_object_get_ex(object, name, &object))
			fail_msg("no %s of %s", name, path);
	}
	return object;
}

static inline uint64_t number(struct json_object *object, const char *path)
{
	return json_object_get_uint64(member(object, path));
}

static inline const char *text(struct json_object *object, const char *path)
{
	return json_object_get_string(member(object, path));
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

#endif
