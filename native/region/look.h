/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_REGION_LOOK_H
#define PMPOOL_REGION_LOOK_H

#include "internal.h"

struct pm_look {
	const struct pm_region_info *info;
	int fd;
	bool file; /* a regular file stands in for the memory */
	uint64_t at; /* of the region's first byte in what fd opened */
};

/* Borrows both; nothing to end. DEVMEM_REFUSED when the file is shorter than the region. */
enum pm_code pm_look_begin(struct pm_look *look, const struct pm_region_info *info, int fd, struct pm_error *err);
/* Bytes of the region. OUT_OF_RANGE, REGION_LOST, IO_FAILED. */
enum pm_code pm_look_read(const struct pm_look *look, uint64_t offset, void *to, size_t bytes, struct pm_error *err);
/* The first byte at or after `offset` that may be other than zero, at least the region's size when there is none. */
uint64_t pm_look_next(const struct pm_look *look, uint64_t offset);
/* One past the bytes from `offset` on, which is data, that are no hole: the region's size when none follows. */
uint64_t pm_look_end(const struct pm_look *look, uint64_t offset);

#endif
