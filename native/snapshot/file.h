/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the metadata of a snapshot or an expectation in order and believes nothing: which chunk may come where, how
 * long sections are, that everything has its place in the pool. What comes behind it is read by verify.c, and by
 * image.c at random.
 */
#ifndef PMPOOL_FILE_H
#define PMPOOL_FILE_H

#include "copy.h"
#include "digest.h"
#include "group.h"
#include "pmpool/snapshot.h"
#include "reader.h"

/* PAGES: the metadata is complete. What comes next is no part of it; the reader has its header, and not its bytes. */
enum pm_part { PM_PART_STATES, PM_PART_RECORDS, PM_PART_LOG, PM_PART_BOOK, PM_PART_PAGES };

struct pm_file {
	struct pm_reader reader;
	struct json_object *meta; /* an object */
	bool expectation;
	struct pm_group_rules rules; /* of its groups */
	uint8_t parent_digest[PM_DIGEST_BYTES]; /* where rules.parent */
	struct pm_file_pool pool;
	struct pm_superblock *regions; /* pool.present of them, by index; each sane by itself, none over another */
	/* the current part */
	enum pm_part part;
	uint64_t part_offset; /* STATES, LOG: reader.data holds reader.chunk.plain bytes from here on */
	struct pm_record_group records;
	const struct pm_superblock *records_of; /* the region of the records; they follow in reader.data */
	struct pm_group_view book;
	/* so far, all of it whole */
	uint32_t regions_read;
	uint64_t state_bytes, record_count, log_bytes;
	uint64_t next_book; /* pool page */
};

/* Header, META, POOL and all SBLK. pm_file_close is due after any result. */
enum pm_code pm_file_open(struct pm_file *file, int fd, struct pm_error *err);
/* The same from the file's start, wherever its position is; it stays there. */
enum pm_code pm_file_open_anywhere(struct pm_file *file, int fd, struct pm_error *err);
/* Header and META only, from the file's start. */
enum pm_code pm_file_open_meta(struct pm_file *file, int fd, struct pm_error *err);
void pm_file_close(struct pm_file *file);

/* A JSON object of a file; NULL when it is none. */
struct json_object *pm_meta_parse(const uint8_t *data, size_t bytes);

/* The region of a pool page; NULL: none of the file's regions has it. */
const struct pm_superblock *pm_file_region(const struct pm_file *file, uint64_t page);

/* The next part, until PAGES. */
enum pm_code pm_file_next(struct pm_file *file, struct pm_error *err);

#endif
