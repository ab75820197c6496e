/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "chain.h"
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Regular files only: no link, no pipe that would wait for a writer. */
static enum pm_code open_file(const char *path, int *fd, uint64_t *bytes, struct pm_error *err)
{
	struct stat status;

	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (*fd < 0)
		return pm_fail(err, errno == ENOENT ? PM_E_FILE_NOT_FOUND : PM_E_IO_FAILED, "%s: %s", base_of(path),
			       errno == ELOOP ? "is a link" : strerror(errno));
	if (fstat(*fd, &status) == 0 && S_ISREG(status.st_mode)) {
		*bytes = (uint64_t)status.st_size;
		return PM_OK;
	}
	close(*fd);
	return pm_fail(err, PM_E_FILE_FOREIGN, "%s is no regular file", base_of(path));
}

static enum pm_code chain_add(struct chain *chain, const char *path, struct pm_error *err)
{
	size_t at = chain->count;
	uint64_t bytes = 0;
	enum pm_code code = open_file(path, &chain->fds[at], &bytes, err);

	if (code != PM_OK)
		return code;
	code = pm_snapshot_open(chain->fds[at], &chain->snapshots[at], err);
	if (code != PM_OK) {
		close(chain->fds[at]);
		return code;
	}
	chain->count++;
	if (at == 0) {
		const char *name = base_of(path), *ending = strstr(name, ".pmsnap");

		chain->bytes = bytes;
		snprintf(chain->name, sizeof(chain->name), "%.*s",
			 ending && !ending[7] ? (int)(ending - name) : (int)strlen(name), name);
		return PM_OK;
	}
	return pm_snapshot_set_parent(chain->snapshots[at - 1], chain->snapshots[at], err);
}

enum pm_code chain_open(const char *paths, struct chain *chain, struct pm_error *err)
{
	struct json_object *array = json_tokener_parse(paths);
	size_t count = json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
	enum pm_code code = PM_OK;

	memset(chain, 0, sizeof(*chain));
	if (count == 0 || count > CHAIN_MAX)
		code = pm_fail(err, PM_E_INVALID_PARAMS, "the chain is no array of 1 to %d paths", CHAIN_MAX);
	for (size_t i = 0; code == PM_OK && i < count; i++) {
		struct json_object *path = json_object_array_get_idx(array, i);

		code = json_object_is_type(path, json_type_string)
			       ? chain_add(chain, json_object_get_string(path), err)
			       : pm_fail(err, PM_E_INVALID_PARAMS, "a path of the chain is no string");
	}
	if (code != PM_OK)
		chain_close(chain);
	json_object_put(array);
	return code;
}

/* A child before what it builds on. */
void chain_close(struct chain *chain)
{
	for (size_t i = 0; i < chain->count; i++) {
		pm_snapshot_close(chain->snapshots[i]);
		close(chain->fds[i]);
	}
	chain->count = 0;
}
