/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of this folder, and by its tests. */
#ifndef PMPOOL_REGION_INTERNAL_H
#define PMPOOL_REGION_INTERNAL_H

#include "pmpool/region.h"

#define PM_RESERVATIONS_MAX 512 /* more do not fit a kernel command line of 2048 bytes */
#define PM_GRAIN_LEAST (UINT64_C(2) << 20)

struct pm_devdax {
	char name[32]; /* "dax0.0" */
	uint64_t base, bytes, align;
	bool bound; /* to device_dax: /dev/NAME can be mapped */
	bool is_ram; /* to kmem: the kernel uses it as memory */
	int32_t numa_node; /* -1: not known */
};

enum { PM_DEVDAX_MAX = 64 };
size_t pm_devdax_list(const struct pm_host *host, struct pm_devdax list[PM_DEVDAX_MAX]);

/* What the guard decides on, read once. */
struct pm_guard_facts {
	struct pm_iomem iomem;
	struct pm_reservation reservations[PM_RESERVATIONS_MAX];
	size_t reservation_count;
	struct pm_devdax devdax[PM_DEVDAX_MAX];
	size_t devdax_count;
	bool devmem_missing;
	char lockdown[32];
};

enum pm_code pm_guard_facts_read(const struct pm_host *host, struct pm_guard_facts **facts, struct pm_error *err);
void pm_guard_facts_free(struct pm_guard_facts *facts);

/* The decision by itself: no I/O, only these facts. */
enum pm_code pm_guard_decide(const struct pm_guard_facts *facts, uint64_t base, uint64_t bytes, struct pm_error *err);

/* As pm_region_unlock, but the mark that says "held" stays: the next holder finds the region abandoned. */
void pm_region_unlock_marked(struct pm_region *region);

uint64_t pm_region_grain(uint64_t bytes, uint64_t least);
bool pm_region_is_dax(const struct pm_region_info *info);

/* Map pages of a region for a look, read-only. */
enum pm_code pm_region_find(const struct pm_host *host, const char *id, struct pm_region_info *info,
			    struct pm_error *err);
enum pm_code pm_region_open_fd(const struct pm_host *host, const struct pm_region_info *info, bool writable, int *fd,
			       struct pm_error *err);
enum pm_code pm_region_map(const struct pm_region_info *info, int fd, uint64_t offset, uint64_t bytes, bool writable,
			   uint8_t **map, struct pm_error *err);

/* The file behind the regions of a simulated host: a SIGBUS means that there is no room for its next page when its
 * file system is full. */
void pm_region_backed_by(const char *path);

/* pm_region_pools on what was opened, without the guard. */
enum { PM_PLACES_MAX = 4097 };
enum pm_code pm_region_search(const struct pm_region_info *info, int fd, struct pm_pool_at *pools, size_t capacity,
			      size_t *count, struct pm_error *err);

/* A pool that shares memory with a part of a region, as the region that it was found in has it. */
struct pm_overlap {
	struct pm_region_info info;
	struct pm_pool_at at;
};
/* In the order of addresses; *list is malloc'd. */
enum pm_code pm_region_overlaps(const struct pm_host *host, const struct pm_region *region, struct pm_overlap **list,
				size_t *count, struct pm_error *err);

/* The pools' part of pm_region_recognise: found->kind stays empty when there are none. */
enum pm_code pm_recognise_pools(const struct pm_host *host, const struct pm_region *region, struct pm_found *found,
				struct pm_error *err);

/* What else has a superblock at a multiple of 1 MiB of a region around the part, in the part or reaching into it: added
 * to the kind, label and sum of what is known so far. */
enum pm_code pm_recognise_signatures(const struct pm_host *host, const struct pm_region *region, struct pm_found *found,
				     struct pm_error *err);

/* The regions that share memory with this one, itself included: its lock's. *list is malloc'd. */
enum pm_code pm_region_neighbours(const struct pm_host *host, const struct pm_region_info *info,
				  struct pm_region_info **list, size_t *count, struct pm_error *err);

/* Which node System RAM is of, read once. */
struct pm_numa {
	uint64_t block_bytes;
	size_t count;
	struct pm_numa_block {
		uint64_t block;
		int32_t node;
	} * blocks; /* ascending */
};
void pm_numa_begin(const struct pm_host *host, struct pm_numa *numa);
/* The node that a reserved range stands in, -1 when the kernel does not say. */
int32_t pm_numa_node(const struct pm_numa *numa, uint64_t base, uint64_t bytes);
void pm_numa_end(struct pm_numa *numa);
/* A number in a file of sysfs, -1 when there is none. */
int64_t pm_numa_read(const struct pm_host *host, const char *path);

/* Opens the lock file into region->lock_fd; -1 when that fails. */
enum pm_code pm_region_lock_open(const struct pm_host *host, struct pm_region *region, struct pm_error *err);

#endif
