/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store_snapshots.h"
#include "json_build.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum pm_code snapshot_stored(int fd, const char *name, bool present, struct json_object **snapshot,
			     struct pm_error *err)
{
	struct pm_snapshot_result result;
	struct json_object *description = NULL;
	struct pm_error damage = {0};
	struct snapshot_facts facts = {.name = name, .result = &result, .damage = &damage, .present = present};
	struct stat status;
	enum pm_code code;

	if (fstat(fd, &status) != 0)
		return fail_errno(err, errno, name);
	memset(&result, 0, sizeof(result));
	code = pm_snapshot_summary(fd, &result, &description, &damage);
	damage.code = code;
	if (code == PM_OK || code == PM_E_FILE_CORRUPT || code == PM_E_FILE_TRUNCATED || code == PM_E_FILE_FOREIGN) {
		facts.bytes = (uint64_t)status.st_size;
		facts.created_ms = (uint64_t)status.st_mtim.tv_sec * 1000;
		facts.description = description;
		code = json_snapshot(&facts, snapshot, err);
	} else {
		pm_fail(err, code, "%s", damage.message);
	}
	json_object_put(description);
	return code;
}

static struct json_object *named(struct json_object *snapshots, const char *name)
{
	for (size_t i = 0; i < json_object_array_length(snapshots); i++) {
		struct json_object *snapshot = json_object_array_get_idx(snapshots, i);

		if (strcmp(json_text(snapshot, "name"), name) == 0)
			return snapshot;
	}
	return NULL;
}

/* A parent is there when the file of its name has its digest. */
static void find_parents(struct json_object *snapshots)
{
	for (size_t i = 0; i < json_object_array_length(snapshots); i++) {
		struct json_object *parent = json_member(json_object_array_get_idx(snapshots, i), "parent");
		struct json_object *found = parent ? named(snapshots, json_text(parent, "name")) : NULL;

		if (found)
			json_set_bool(parent, "present",
				      strcmp(json_text(found, "digest"), json_text(parent, "digest")) == 0);
	}
}

enum pm_code snapshots_stored(const struct pm_host *host, struct json_object **snapshots, struct pm_error *err)
{
	struct json_object *files = NULL;
	enum pm_code code = store_list(host, &store_snapshots, &files, err);

	if (code != PM_OK)
		return code;
	*snapshots = json_object_new_array();
	for (size_t i = 0; i < json_object_array_length(files); i++) {
		const char *name = json_text(json_object_array_get_idx(files, i), "name");
		struct json_object *snapshot = NULL;
		int fd;

		if (store_open(host, &store_snapshots, name, &fd, NULL) != PM_OK)
			continue;
		if (snapshot_stored(fd, name, false, &snapshot, NULL) == PM_OK)
			json_object_array_add(*snapshots, snapshot);
		close(fd);
	}
	json_object_put(files);
	find_parents(*snapshots);
	return PM_OK;
}
