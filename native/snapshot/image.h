/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An opened file, inside. Nothing changes once it is open but its parent and its pool, so any number of threads read it.
 *
 *   image.c         open, close, what it says of itself
 *   index.c         where its groups stand, from INDX
 *   index_walk.c    the same of a damaged file
 *   window.c        a window's kinds and digests
 *   window_bytes.c  and its bytes
 *   image_pool.c    the pool as it was
 */
#ifndef PMPOOL_IMAGE_H
#define PMPOOL_IMAGE_H

#include "file.h"
#include "pmpool/snapshot.h"
#include <pthread.h>

struct pm_snapshot {
	struct pm_file file; /* META, POOL, SBLK */
	uint64_t body; /* offset of the chunk behind SBLK */
	uint64_t size; /* of the file */
	struct pm_index_entry *entries; /* ascending by page and by offset */
	size_t count, capacity;
	struct pm_snapshot_result totals;
	struct pm_error damage; /* code PM_OK: none is known */
	char parent_name[128];
	struct pm_snapshot *parent; /* the caller's; NULL until it is set */
	pthread_mutex_t mutex; /* of what follows */
	bool attached;
	struct pm_pool pool;
	struct pm_mapping *mappings; /* by region that is there; base NULL: none */
};

/* Files in the chain from this one on, as far as it is linked: 1 without a parent. */
unsigned pm_snapshot_depth(const struct pm_snapshot *snapshot);

/* Undoes pm_snapshot_pool. */
void pm_snapshot_pool_close(struct pm_snapshot *snapshot);

/* DONE at the end of the file. FILE_TRUNCATED, FILE_CORRUPT. */
enum pm_code pm_done_read(int fd, struct pm_done *done, uint64_t *size, struct pm_error *err);
/* What DONE says, as a result. */
void pm_done_totals(const struct pm_done *done, uint64_t size, struct pm_snapshot_result *totals);

/* Fills entries and totals from DONE and INDX; FILE_TRUNCATED, FILE_CORRUPT. */
enum pm_code pm_index_read(struct pm_snapshot *snapshot, struct pm_error *err);
/* The same from the groups themselves, as far as they are whole. */
enum pm_code pm_index_walk(struct pm_snapshot *snapshot, struct pm_error *err);
/* An entry behind those there are. FILE_CORRUPT when it has no place there. */
enum pm_code pm_index_add(struct pm_snapshot *snapshot, const struct pm_index_entry *entry, struct pm_error *err);
/* The entry of a pool page, NULL when it has none. */
const struct pm_index_entry *pm_index_find(const struct pm_snapshot *snapshot, uint64_t page);

/* A group's chunk DIGS as it stands in the file. */
struct pm_group_chunk {
	uint8_t data[sizeof(struct pm_chunk) + PM_GROUP_BYTES];
	struct pm_chunk head;
	struct pm_group_view view; /* into data */
	uint64_t end; /* offset of the chunk behind it */
};
/* FILE_CORRUPT, FILE_TRUNCATED when it is not whole or not of this file. */
enum pm_code pm_group_read(const struct pm_snapshot *snapshot, uint64_t offset, struct pm_group_chunk *chunk,
			   struct pm_error *err);

/* What a struct pm_window keeps behind it: taken when it is needed. */
struct pm_window_buffers {
	struct pm_group_chunk group, other; /* `other`: of a page that is the same */
	uint64_t other_offset; /* 0: none was read */
	bool other_packed; /* other_pack holds its pages */
	struct pm_grow stored, pack, page, other_pack, same;
	void *zstd;
	struct pm_window *parent;
};
/* Bytes of the group in buffers->group, into window->bytes; each is held against its digest. */
enum pm_code pm_window_bytes(const struct pm_snapshot *snapshot, struct pm_window *window, struct pm_error *err);

#endif
