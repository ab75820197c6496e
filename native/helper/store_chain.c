/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store_chain.h"
#include "call.h"
#include "store.h"
#include <sys/stat.h>
#include <unistd.h>

enum pm_code chain_in_store(void *where, const char *name, int *fd, struct pm_error *err)
{
	if (!file_name_valid(name))
		return pm_fail(err, PM_E_FILE_NOT_FOUND, "the name of the parent is no name of the state directory");
	return store_open(where, &store_snapshots, name, fd, err);
}

static enum pm_code push(struct chain *chain, int fd, struct pm_error *err)
{
	struct pm_snapshot *snapshot = NULL;
	enum pm_code code = chain->count < CHAIN_MAX ? pm_snapshot_open(fd, &snapshot, err)
						     : pm_fail(err, PM_E_SNAPSHOT_PARENT,
							       "more than %d snapshots build on each other", CHAIN_MAX);

	if (code != PM_OK) {
		close(fd);
		return code;
	}
	chain->fds[chain->count] = fd;
	chain->snapshots[chain->count++] = snapshot;
	return PM_OK;
}

/* Files of equal content have equal digests, so names can lead in a circle. */
static bool in_chain(const struct chain *chain, int fd)
{
	struct stat one, other;

	if (fstat(fd, &one) != 0)
		return false;
	for (size_t i = 0; i < chain->count; i++)
		if (fstat(chain->fds[i], &other) == 0 && other.st_dev == one.st_dev && other.st_ino == one.st_ino)
			return true;
	return false;
}

static enum pm_code push_parent(struct chain *chain, const char *name, chain_opener opener, void *where,
				struct pm_error *err)
{
	struct pm_snapshot *child = chain->snapshots[chain->count - 1];
	struct pm_error why = {0};
	int fd;
	enum pm_code code = opener(where, name, &fd, &why);

	if (code != PM_OK)
		return pm_fail(err, PM_E_SNAPSHOT_PARENT, "it builds on %.127s: %.200s", name, why.message);
	if (in_chain(chain, fd)) {
		close(fd);
		return pm_fail(err, PM_E_SNAPSHOT_PARENT,
			       "the files build on each other in a circle: %.127s is its own ancestor", name);
	}
	code = push(chain, fd, &why);
	if (code != PM_OK)
		return pm_fail(err, code == PM_E_FILE_FOREIGN ? PM_E_SNAPSHOT_PARENT : code,
			       "its parent %.127s: %.200s", name, why.message);
	code = pm_snapshot_set_parent(child, chain->snapshots[chain->count - 1], &why);
	if (code != PM_OK)
		return pm_fail(err, code, "it builds on %.127s, and that one is not what it was: %.250s", name,
			       why.message);
	return PM_OK;
}

enum pm_code chain_open(struct chain *chain, int fd, chain_opener opener, void *where, struct pm_error *err)
{
	uint8_t digest[16];
	char name[128];
	enum pm_code code;

	chain->count = 0;
	code = push(chain, fd, err);
	while (code == PM_OK && pm_snapshot_parent(chain->snapshots[chain->count - 1], digest, name))
		code = push_parent(chain, name, opener, where, err);
	return code;
}

enum pm_code chain_open_stored(struct chain *chain, const struct pm_host *host, const char *name, struct pm_error *err)
{
	int fd;
	enum pm_code code = store_open(host, &store_snapshots, name, &fd, err);

	chain->count = 0;
	return code == PM_OK ? chain_open(chain, fd, chain_in_store, (void *)(uintptr_t)host, err) : code;
}

void chain_close(struct chain *chain)
{
	for (size_t i = 0; i < chain->count; i++) {
		pm_snapshot_close(chain->snapshots[i]);
		close(chain->fds[i]);
	}
	chain->count = 0;
}
