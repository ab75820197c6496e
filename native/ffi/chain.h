/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot file and what it builds on, opened. */
#ifndef PMPOOL_FFI_CHAIN_H
#define PMPOOL_FFI_CHAIN_H

#include <pmpool/snapshot.h>

enum { CHAIN_MAX = 64 };

struct chain {
	int fds[CHAIN_MAX];
	struct pm_snapshot *snapshots[CHAIN_MAX]; /* the file itself first */
	size_t count;
	uint64_t bytes; /* of the file itself */
	char name[128]; /* of the file itself, without its folder and ".pmsnap" */
};

/* `paths` is a JSON array. On an error nothing stays open. */
enum pm_code chain_open(const char *paths, struct chain *chain, struct pm_error *err);
void chain_close(struct chain *chain);

#endif
