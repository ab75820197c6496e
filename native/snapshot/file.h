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

enum pm_part { PM_PART_STATES, PM_PART_RECORDS, PM_PART_LOG, PM_PART_GROUP, PM_PART_DONE };

struct pm_file {
	struct pm_reader reader;
	struct json_object *meta; /* an object */
	bool expectation;
	struct pm_file_pool pool;
	struct pm_superblock *regions; /* pool.present of them, by index; each sane by itself, none over another */
	/* the current part */
	enum pm_part part;
	uint64_t part_offset; /* STATES, LOG: reader.data holds reader.chunk.plain bytes from here on */
	struct pm_record_group records;
	const struct pm_superblock *records_of; /* the region of the records; they follow in reader.data */
	struct pm_group group;
	const uint8_t *digests; /* group.count of them */
	/* so far, all of it whole */
	uint32_t regions_read;
	uint64_t state_bytes, record_count, log_bytes;
	uint64_t next_page, groups;
	struct pm_total *total;
	struct pm_snapshot_result result;
};

/* Header, META, POOL and all SBLK. pm_file_close is due after any result. */
enum pm_code pm_file_open(struct pm_file *file, int fd, struct pm_error *err);
/* Header and META only. */
enum pm_code pm_file_open_meta(struct pm_file *file, int fd, struct pm_error *err);
void pm_file_close(struct pm_file *file);

/* The region of a pool page that may be in a group; NULL: none of the file's regions has it among its data. */
const struct pm_superblock *pm_file_region(const struct pm_file *file, uint64_t page);

/* The next part; after PM_PART_DONE nothing follows. result holds what was whole so far, also after an error. */
enum pm_code pm_file_next(struct pm_file *file, struct pm_error *err);

#endif
