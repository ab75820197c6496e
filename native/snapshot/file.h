/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a snapshot or an expectation in order and believes nothing: which chunk may come where, how long sections
 * are, that groups ascend inside the pool, that digests are those of the bytes, that the trailer sums it up.
 */
#ifndef PMPOOL_FILE_H
#define PMPOOL_FILE_H

#include "copy.h"
#include "digest.h"
#include "pmpool/snapshot.h"
#include "reader.h"

enum pm_part { PM_PART_SECTION, PM_PART_GROUP, PM_PART_DONE };

struct pm_file {
	struct pm_reader reader;
	struct json_object *meta; /* an object */
	bool expectation;
	struct pm_superblock sb; /* sane by itself */
	/* the current part */
	enum pm_part part;
	int section; /* PM_COPY_STATES ...: reader.data holds reader.chunk.plain bytes of it ... */
	uint64_t section_offset; /* ... from here on */
	struct pm_group group;
	const uint8_t *digests; /* group.count of them */
	/* so far, all of it whole */
	uint64_t section_bytes[PM_COPY_SECTIONS];
	uint64_t next_page, groups;
	struct pm_total *total;
	struct pm_snapshot_result result;
};

/* Header, META and SBLK. pm_file_close is due after any result. */
enum pm_code pm_file_open(struct pm_file *file, int fd, struct pm_error *err);
/* Header and META only. */
enum pm_code pm_file_open_meta(struct pm_file *file, int fd, struct pm_error *err);
void pm_file_close(struct pm_file *file);

/* The next part; after PM_PART_DONE nothing follows. result holds what was whole so far, also after an error. */
enum pm_code pm_file_next(struct pm_file *file, struct pm_error *err);

#endif
