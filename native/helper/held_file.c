/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "held_file.h"
#include "call.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IDLE_MS 10000u

struct held_file {
	const struct store_kind *kind;
	char name[128];
	struct chain chain;
	struct stat files[CHAIN_MAX]; /* as they were opened */
	struct pm_window *window;
	uint64_t used_ms;
};

void held_file_drop(struct session *session)
{
	struct held_file *held = session->held;

	if (!held)
		return;
	session->held = NULL;
	chain_close(&held->chain);
	pm_window_free(held->window);
	free(held);
}

void held_file_idle(struct session *session)
{
	if (session->held && monotonic_ms() - session->held->used_ms > IDLE_MS)
		held_file_drop(session);
}

static bool is_file(const struct stat *then, int fd)
{
	struct stat now;

	return fstat(fd, &now) == 0 && now.st_dev == then->st_dev && now.st_ino == then->st_ino &&
	       now.st_size == then->st_size && now.st_mtim.tv_sec == then->st_mtim.tv_sec &&
	       now.st_mtim.tv_nsec == then->st_mtim.tv_nsec;
}

/* Each name of the chain still leads to the file that was opened by it, and that one is as it was. */
static bool is_still(const struct pm_host *host, const struct held_file *held)
{
	const struct store_kind *kind = held->kind;
	char name[128];

	memcpy(name, held->name, sizeof(name));
	for (size_t i = 0; i < held->chain.count; i++) {
		uint8_t digest[16];
		bool same;
		int fd;

		if (!file_name_valid(name) || store_open(host, kind, name, &fd, NULL) != PM_OK)
			return false;
		same = is_file(&held->files[i], fd);
		close(fd);
		if (!same)
			return false;
		kind = &store_snapshots;
		if (!pm_snapshot_parent(held->chain.snapshots[i], digest, name))
			break;
	}
	return true;
}

static enum pm_code open_anew(struct session *session, const struct store_kind *kind, const char *name,
			      struct held_file *held, struct pm_error *err)
{
	int fd;
	enum pm_code code = store_open(&session->host, kind, name, &fd, err);

	if (code == PM_OK)
		code = chain_open(&held->chain, fd, chain_in_store, &session->host, err);
	if (code != PM_OK)
		return code;
	for (size_t i = 0; i < held->chain.count; i++)
		if (fstat(held->chain.fds[i], &held->files[i]) != 0)
			return pm_fail(err, PM_E_IO_FAILED, "cannot examine %s", name);
	held->window = pm_window_new();
	return held->window ? PM_OK : pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to read %s", name);
}

enum pm_code held_file_open(struct session *session, const struct store_kind *kind, const char *name,
			    struct pm_snapshot **snapshot, struct pm_window **window, struct pm_error *err)
{
	struct held_file *held = session->held;
	enum pm_code code = PM_OK;

	if (!held || held->kind != kind || strcmp(held->name, name) != 0 || !is_still(&session->host, held)) {
		held_file_drop(session);
		held = calloc(1, sizeof(*held));
		if (!held)
			return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to read %s", name);
		held->kind = kind;
		snprintf(held->name, sizeof(held->name), "%s", name);
		session->held = held;
		code = open_anew(session, kind, name, held, err);
	}
	if (code != PM_OK) {
		held_file_drop(session);
		return code;
	}
	held->used_ms = monotonic_ms();
	*snapshot = chain_first(&held->chain);
	*window = held->window;
	return PM_OK;
}
