/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines about snapshots: @NAME in them is a file in the bench's folder. */
#ifndef PMPOOL_TESTS_SNAPSHOT_LINES_H
#define PMPOOL_TESTS_SNAPSHOT_LINES_H

#include "bench.h"
#include <signal.h>
#include <stdbool.h>
#include <time.h>

static inline const char *in_folder(const struct bench *bench, const char *line, char full[512])
{
	size_t at = 0;

	for (; *line && at < 400; line++) {
		if (*line == '@')
			at += (size_t)snprintf(full + at, 512 - at, "%s/", bench->folder);
		else
			full[at++] = *line;
	}
	full[at] = '\0';
	return full;
}

static inline void run_in(const struct bench *bench, const char *line, int exit_code, const char *out, const char *err)
{
	char full[512];

	expect_run(bench, in_folder(bench, line, full), exit_code, out, err);
}

static inline struct json_object *ask_in(const struct bench *bench, const char *line, int exit_code)
{
	char full[512];

	return ask(bench, in_folder(bench, line, full), exit_code);
}

static inline void put_bytes(const char *path, const void *data, size_t bytes)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, bytes, file), bytes);
	fclose(file);
}

/* pool lab with "data", 300 pages of which the first 200 are written, and 8 unnamed ones */
static inline void fill_pool(const struct bench *bench)
{
	static uint8_t content[200 * 4096];
	char path[300], line[400];

	for (size_t i = 0; i < sizeof(content); i++)
		content[i] = (uint8_t)((i * 2654435761u) >> 13 ^ i / 4096);
	snprintf(path, sizeof(path), "%s/content", bench->folder);
	put_bytes(path, content, sizeof(content));
	expect_run(bench, "pool create lab", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 300 --name data", 0, NULL, NULL);
	expect_run(bench, "alloc lab --order 3", 0, NULL, NULL);
	snprintf(line, sizeof(line), "write lab data %s", path);
	expect_run(bench, line, 0, NULL, NULL);
}

/* Another content in one page of an allocation. */
static inline void spoil(const struct bench *bench, const char *allocation, unsigned page)
{
	static unsigned times;
	char path[300], line[400], content[64];

	snprintf(path, sizeof(path), "%s/spoiler", bench->folder);
	snprintf(content, sizeof(content), "spoilt, number %u", ++times);
	put_bytes(path, content, strlen(content));
	snprintf(line, sizeof(line), "write lab %s %s --offset %u", allocation, path, page * 4096);
	expect_run(bench, line, 0, NULL, NULL);
}

/* As after a cold boot. */
static inline void empty_region(const struct bench *bench)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/dev/mem", bench->host);
	assert_int_equal(truncate(path, (off_t)REGION_BASE), 0);
	assert_int_equal(truncate(path, (off_t)(REGION_BASE + (UINT64_C(256) << 20))), 0);
}

static inline bool exists(const struct bench *bench, const char *name)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/%s", bench->folder, name);
	return access(path, F_OK) == 0;
}

static inline void move(const struct bench *bench, const char *from, const char *to)
{
	char old[400], new[400];

	snprintf(old, sizeof(old), "%s/%s", bench->folder, from);
	snprintf(new, sizeof(new), "%s/%s", bench->folder, to);
	assert_int_equal(rename(old, new), 0);
}

static inline void assert_same_digest(const struct bench *bench, const char *one, const char *two)
{
	char line[128];
	struct json_object *a, *b;

	snprintf(line, sizeof(line), "snapshot info @%s --json", one);
	a = ask_in(bench, line, 0);
	snprintf(line, sizeof(line), "snapshot info @%s --json", two);
	b = ask_in(bench, line, 0);
	assert_string_equal(text(a, "snapshot.digest"), text(b, "snapshot.digest"));
	json_object_put(a);
	json_object_put(b);
}

/* The program as run_with starts it, of which standard input is `in` when that is no -1. */
static inline pid_t start_line(const struct bench *bench, const char *line, int in, int out)
{
	const char *words[24] = {"pmpool", "--simulate", bench->host, "--region-size", "256M"};
	char full[512], *rest = full;
	size_t count = 5;
	pid_t child;

	in_folder(bench, line, full);
	for (char *word = strsep(&rest, " "); word && count < 23; word = strsep(&rest, " "))
		words[count++] = word;
	child = fork();
	assert_true(child >= 0);
	if (child > 0)
		return child;
	if (in >= 0)
		dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execv(program_path, (char **)(uintptr_t)words);
	_exit(127);
}

/* Standard input is a pipe that gets the file. */
static inline void expect_piped(const struct bench *bench, const char *path, const char *line, const char *says)
{
	int in[2], status;
	FILE *out = tmpfile();
	size_t bytes, left;
	char *data = program_slurp(fopen(path, "rb"), &left), *said;
	pid_t child;

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	child = start_line(bench, line, in[0], fileno(out));
	close(in[0]);
	for (const char *at = data; left > 0;) {
		ssize_t wrote = write(in[1], at, left);

		assert_true(wrote > 0);
		at += wrote;
		left -= (size_t)wrote;
	}
	close(in[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	said = program_slurp(out, &bytes);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || !strstr(said, says))
		fail_msg("%s: status %d\n%s", line, status, said);
	free(said);
	free(data);
}

static inline void run_and_kill(const struct bench *bench, const char *line, int number, unsigned microseconds)
{
	const struct timespec wait = {0, (long)microseconds * 1000};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), status;
	pid_t child = start_line(bench, line, null, null);

	nanosleep(&wait, NULL);
	kill(child, number);
	assert_int_equal(waitpid(child, &status, 0), child);
	close(null);
}

/* The first allocation of the pool, of so many pages, gets content that no compressor shrinks. */
static inline void fill_random(const struct bench *bench, uint64_t pages)
{
	struct json_object *list = ask(bench, "list lab --json", 0);
	uint64_t address = number(list, "allocations.0.address"), seed = 88172645463325252u;
	static uint64_t buffer[1 << 17];
	char path[400];
	int memory;

	json_object_put(list);
	snprintf(path, sizeof(path), "%s/dev/mem", bench->host);
	memory = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(memory >= 0);
	for (uint64_t done = 0; done < pages * 4096; done += sizeof(buffer)) {
		for (size_t i = 0; i < sizeof(buffer) / 8; i++) {
			seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
			buffer[i] = seed;
		}
		assert_true(pwrite(memory, buffer, sizeof(buffer), (off_t)(address + done)) == (ssize_t)sizeof(buffer));
	}
	close(memory);
}

#endif
