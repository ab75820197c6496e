/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pool in private memory whose content is known, files of it, and chunks of those files. */
#ifndef PMPOOL_TEST_SNAPSHOT_KIT_H
#define PMPOOL_TEST_SNAPSHOT_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pmpool/core.h"
#include "pmpool/snapshot.h"
#include "snapshot/container.h"

enum { KIT_REGIONS = 3 };
#define KIT_MIB (UINT64_C(1) << 20)

struct kit {
	struct pm_pool pool;
	struct pm_mapping mappings[KIT_REGIONS];
	size_t count;
};

extern const struct pm_act kit_act;

/* A pool of this many regions of these bytes each. */
void kit_open(struct kit *kit, size_t count, uint64_t bytes);
void kit_close(struct kit *kit);
void kit_extend(struct kit *kit, uint64_t bytes);

uint64_t kit_take(struct kit *kit, const char *name, uint64_t pages); /* the pool page; NULL: unnamed */
uint64_t kit_take_in(struct kit *kit, const char *name, uint64_t pages, int32_t region);
void kit_free(struct kit *kit, uint64_t page);
uint8_t *kit_page(const struct kit *kit, uint64_t page);

/* What pages are filled with. */
enum kit_fill { KIT_ZERO, KIT_TEXT, KIT_NOISE, KIT_ONES };
void kit_fill(const struct kit *kit, uint64_t page, uint64_t pages, enum kit_fill fill, uint64_t seed);

/* A file in memory. */
struct kit_file {
	int fd;
	uint8_t *data;
	size_t bytes;
	struct pm_snapshot_result result;
};
void kit_snapshot(const struct kit *kit, const struct pm_snapshot_request *request, struct kit_file *file);
void kit_expectation(const struct kit *kit, bool content, struct kit_file *file);
void kit_file_of(const uint8_t *data, size_t bytes, struct kit_file *file);
void kit_file_close(struct kit_file *file);
/* Write its data into the file anew. */
void kit_file_put(struct kit_file *file);
enum pm_code kit_verify(const struct kit_file *file, struct pm_snapshot *parent, struct pm_snapshot_result *result);
struct pm_snapshot *kit_image(const struct kit_file *file);

/* Offset of the n-th chunk of this type, its header included; fails when there is none. */
size_t kit_chunk(const struct kit_file *file, uint32_t type, unsigned n);
unsigned kit_chunks(const struct kit_file *file, uint32_t type);
/* Give the chunk at this offset the sums of what it holds. */
void kit_mend(struct kit_file *file, size_t offset);

/* Every window that can be read holds what the pool holds; the pages so read, and the windows that could not be. */
struct kit_read {
	uint64_t pages, lost_windows;
	enum pm_code code; /* why the last one was lost */
};
void kit_read(const struct kit *kit, struct pm_snapshot *snapshot, struct kit_read *read);

#endif
