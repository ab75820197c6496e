/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshots of the fixture's pool, and comparing them. */
#ifndef PMPOOL_TESTS_COMPARE_KIT_H
#define PMPOOL_TESTS_COMPARE_KIT_H

#include "test_snapshot_fixture.h"
#include <sys/mman.h>
#include <unistd.h>

struct shot {
	int fd;
	struct pm_snapshot *snapshot;
};

static inline struct shot take(struct lab *lab, bool all, struct shot *parent)
{
	struct pm_snapshot_request request = {
		.all = all, .parent = parent ? parent->snapshot : NULL, .parent_name = "p"};
	struct json_object *host = json_tokener_parse("{\"bootId\":\"01020304-0506-0708-090a-0b0c0d0e0f10\"}");
	struct pm_snapshot_result result;
	struct pm_error err = {0};
	struct shot shot = {.fd = memfd_create("snapshot", MFD_CLOEXEC)};

	request.host = host;
	if (pm_snapshot_write(&lab->pool, &request, shot.fd, NULL, &result, &err) ||
	    pm_snapshot_open(shot.fd, &shot.snapshot, &err) ||
	    (parent && pm_snapshot_set_parent(shot.snapshot, parent->snapshot, &err)))
		fail_msg("%d %s", err.code, err.message);
	json_object_put(host);
	return shot;
}

static inline void reopen(struct shot *shot)
{
	struct pm_error err = {0};

	pm_snapshot_close(shot->snapshot);
	if (pm_snapshot_open(shot->fd, &shot->snapshot, &err))
		fail_msg("%d %s", err.code, err.message);
}

static inline void drop(struct shot *shot)
{
	pm_snapshot_close(shot->snapshot);
	close(shot->fd);
}

static inline struct json_object *compare(struct pm_snapshot *before, struct pm_snapshot *after,
					  const struct pm_pool *now)
{
	const struct pm_side sides[] = {
		{.snapshot = before, .name = "before"},
		{.snapshot = after, .pool = after ? NULL : now, .name = after ? "after" : NULL},
	};
	struct json_object *comparison;
	struct pm_error err = {0};

	if (pm_compare(&sides[0], &sides[1], NULL, &comparison, &err))
		fail_msg("%d %s", err.code, err.message);
	return comparison;
}

#endif
