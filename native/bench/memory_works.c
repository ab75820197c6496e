/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory.h"
#include "host/uuid.h"
#include "snapshot/digest.h"
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct pm_snapshot *parent; /* of the content; opened by the first who needs it */

static uint64_t refused(enum pm_code code, const struct pm_error *err, const char **why)
{
	static char text[400];

	snprintf(text, sizeof(text), "%s: %s", pm_error_name(code), err->message);
	*why = text;
	return 0;
}

static uint64_t bytes_of(int fd)
{
	struct stat stat;

	return fstat(fd, &stat) ? 0 : (uint64_t)stat.st_size;
}

static int file_again(struct bench *bench, int *fd, const char *name)
{
	if (*fd < 0)
		*fd = content_file(bench, name);
	if (ftruncate(*fd, 0) || lseek(*fd, 0, SEEK_SET))
		must(PM_E_IO_FAILED, name, NULL);
	return *fd;
}

/* --- the digest by itself --- */

static _Atomic uint8_t sink;

/* A window at a time, as verdicts and comparisons do. */
static void digest_body(void *context, uint64_t from, uint64_t bytes)
{
	uint8_t *pages = context, digests[PM_WINDOW_PAGES][PM_DIGEST_BYTES], all = 0;
	struct pm_page_due due[PM_WINDOW_PAGES];
	unsigned count = 0;

	for (uint64_t at = from; at < from + bytes; at += PM_PAGE_SIZE) {
		due[count] = (struct pm_page_due){pages + at, digests[count]};
		if (++count < PM_WINDOW_PAGES && at + PM_PAGE_SIZE < from + bytes)
			continue;
		pm_pages_digest(due, count);
		for (; count; count--)
			all ^= digests[count - 1][0];
	}
	sink ^= all;
}

uint64_t work_digest1(struct bench *bench, const char **why)
{
	in_threads(1, digest_body, bench->content, bench->content_bytes);
	return bench->content_bytes;
}

uint64_t work_digest2(struct bench *bench, const char **why)
{
	in_threads(2, digest_body, bench->content, bench->content_bytes);
	return bench->content_bytes;
}

/* --- expectation and verdict --- */

static struct json_object *facts_of(const struct bench *bench)
{
	struct json_object *facts = json_object_new_object();
	char cmdline[4096], boot[PM_UUID_TEXT];
	struct pm_error err = {0};
	uint8_t boot_id[16];

	must(pm_host_boot_id(&bench->host, boot_id, &err), "boot id", &err);
	must(pm_host_read(&bench->host, "/proc/cmdline", cmdline, sizeof(cmdline), &err), "cmdline", &err);
	pm_uuid_format(boot_id, boot);
	json_object_object_add(facts, "id", json_object_new_string("bench"));
	json_object_object_add(facts, "bootId", json_object_new_string(boot));
	json_object_object_add(facts, "cmdline", json_object_new_string(cmdline));
	return facts;
}

uint64_t work_expect(struct bench *bench, const char **why)
{
	struct json_object *facts = facts_of(bench);
	struct pm_snapshot_result result = {0};
	struct pm_error err = {0};
	int fd = file_again(bench, &bench->expectation_fd, "expectation");
	enum pm_code code = pm_expectation_write(&bench->pool, facts, false, fd, NULL, &result, &err);

	json_object_put(facts);
	return code ? refused(code, &err, why) : result.pages * PM_PAGE_SIZE;
}

/* The whole way, with opening and mapping the region anew. */
uint64_t work_verdict(struct bench *bench, const char **why)
{
	struct json_object *verdict = NULL, *pages = NULL, *compared = NULL, *changed = NULL;
	struct pm_error err = {0};
	uint64_t bytes = 0;
	enum pm_code code;

	if (bench->expectation_fd < 0 && !work_expect(bench, why))
		return 0;
	lseek(bench->expectation_fd, 0, SEEK_SET);
	code = pm_verdict_reach(&bench->host, bench->expectation_fd, NULL, &verdict, &err);
	if (code)
		return refused(code, &err, why);
	json_object_object_get_ex(verdict, "pages", &pages);
	json_object_object_get_ex(pages, "compared", &compared);
	json_object_object_get_ex(pages, "changed", &changed);
	*why = "the verdict compared no page, or found one changed";
	if (!json_object_get_int64(changed))
		bytes = (uint64_t)json_object_get_int64(compared) * PM_PAGE_SIZE;
	json_object_put(verdict);
	return bytes;
}

/* --- snapshots --- */

/* Giving the old file's memory back is no part of writing the new one. */
void snapshot_before(struct bench *bench)
{
	pm_snapshot_close(parent);
	parent = NULL;
	file_again(bench, &bench->snapshot_fd, "snapshot");
}

uint64_t work_snapshot(struct bench *bench, const char **why)
{
	struct pm_snapshot_request request = {0};
	struct pm_snapshot_result result = {0};
	struct pm_error err = {0};
	int fd = bench->snapshot_fd;
	enum pm_code code = pm_snapshot_write(&bench->pool, &request, fd, NULL, &result, &err);
	bench->snapshot_bytes = bytes_of(fd);
	return code ? refused(code, &err, why) : result.pages * PM_PAGE_SIZE;
}

static bool parent_open(struct bench *bench, const char **why)
{
	struct pm_error err = {0};
	enum pm_code code;

	if (parent)
		return true;
	if (bench->snapshot_fd < 0) {
		snapshot_before(bench);
		if (!work_snapshot(bench, why))
			return false;
	}
	code = pm_snapshot_open(bench->snapshot_fd, &parent, &err);
	if (code)
		refused(code, &err, why);
	return !code;
}

uint64_t work_verify(struct bench *bench, const char **why)
{
	struct pm_snapshot_result result = {0};
	struct pm_error err = {0};
	enum pm_code code;

	if (!parent_open(bench, why))
		return 0;
	lseek(bench->snapshot_fd, 0, SEEK_SET);
	code = pm_snapshot_verify(bench->snapshot_fd, NULL, NULL, &result, NULL, &err);
	return code ? refused(code, &err, why) : result.pages * PM_PAGE_SIZE;
}

uint64_t work_compare(struct bench *bench, const char **why)
{
	struct json_object *comparison = NULL;
	struct pm_error err = {0};
	struct pm_side before = {.name = "snapshot"}, now = {.pool = &bench->pool};
	enum pm_code code;

	if (!parent_open(bench, why))
		return 0;
	before.snapshot = parent;
	code = pm_compare(&before, &now, NULL, &comparison, &err);
	json_object_put(comparison);
	return code ? refused(code, &err, why) : bench->content_bytes;
}

/* The parent is of the content as it was before. */
void increment_before(struct bench *bench)
{
	const char *why;

	if (parent_open(bench, &why))
		content_change(bench);
	file_again(bench, &bench->increment_fd, "increment");
}

void increment_after(struct bench *bench)
{
	content_change(bench);
}

uint64_t work_increment(struct bench *bench, const char **why)
{
	struct pm_snapshot_request request = {.parent_name = "snapshot"};
	struct pm_snapshot_result result = {0};
	struct pm_error err = {0};
	int fd = bench->increment_fd;
	enum pm_code code;

	if (!parent_open(bench, why))
		return 0;
	request.parent = parent;
	code = pm_snapshot_write(&bench->pool, &request, fd, NULL, &result, &err);
	bench->increment_bytes = bytes_of(fd);
	return code ? refused(code, &err, why) : result.pages * PM_PAGE_SIZE;
}

void works_end(struct bench *bench)
{
	pm_snapshot_close(parent);
}
