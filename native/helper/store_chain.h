/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot with all that it builds on, opened. */
#ifndef PMPOOL_HELPER_STORE_CHAIN_H
#define PMPOOL_HELPER_STORE_CHAIN_H

#include <pmpool/host.h>
#include <pmpool/snapshot.h>

enum { CHAIN_MAX = 64 };

struct chain {
	size_t count;
	int fds[CHAIN_MAX];
	struct pm_snapshot *snapshots[CHAIN_MAX]; /* the snapshot itself, its parent, the parent's parent ... */
};

/* Opens a parent by the name that its child knows; the name is a file's word and may be anything. FILE_NOT_FOUND. */
typedef enum pm_code (*chain_opener)(void *where, const char *name, int *fd, struct pm_error *err);
/* In the state directory; `where`: the host. */
enum pm_code chain_in_store(void *where, const char *name, int *fd, struct pm_error *err);

/* Takes fd, whatever it answers; chain_close is due after any result. SNAPSHOT_PARENT when one of the parents is not
 * there or another file; what was opened until then stays. */
enum pm_code chain_open(struct chain *chain, int fd, chain_opener opener, void *where, struct pm_error *err);
void chain_close(struct chain *chain);

/* By name in the state directory. */
enum pm_code chain_open_stored(struct chain *chain, const struct pm_host *host, const char *name, struct pm_error *err);

static inline struct pm_snapshot *chain_first(const struct chain *chain)
{
	return chain->count ? chain->snapshots[0] : NULL;
}

#endif
