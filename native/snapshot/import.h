/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that hold physical memory: which bytes of which address stand where. A raw image is one extent. */
#ifndef PMPOOL_IMPORT_H
#define PMPOOL_IMPORT_H

#include "pmpool/core.h"

struct json_object;

struct pm_extent {
	uint64_t address; /* physical; ascending, none over another */
	uint64_t bytes;
	uint64_t offset; /* in the file */
	uint64_t reads; /* bytes, with zeros behind those of the file */
};

struct pm_memory_file {
	int fd;
	uint64_t bytes; /* of the file */
	bool core; /* ELF; else a raw image */
	bool placed; /* addresses are known; else they count from 0 until a superblock tells */
	struct pm_extent *extents; /* malloc'd */
	size_t extent_count;
	struct json_object *meta; /* the description of the snapshot that it was made from; NULL: none */
};

bool pm_elf_is(const uint8_t *head, size_t bytes);
/* Extents and note of an ELF core. FILE_FOREIGN when it is no core with physical addresses, FILE_TRUNCATED when
 * segments lie behind its end. Believes nothing. */
enum pm_code pm_elf_read(struct pm_memory_file *file, struct pm_error *err);

/* All of the file or as much as there is; how much, or -1. */
int64_t pm_read_at(int fd, void *to, size_t bytes, uint64_t offset);

/* A raw image holds the whole region of this superblock: FILE_TRUNCATED, and how long it should be. */
enum pm_code pm_import_covers(const struct pm_memory_file *file, const struct pm_superblock *sb, struct pm_error *err);
/* Every region that the pool has, unless the core's note says that it was missing already, and every allocated page. */
enum pm_code pm_import_whole(const struct pm_memory_file *file, const struct pm_pool *pool, struct pm_error *err);

#endif
