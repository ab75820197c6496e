/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Regions: which physical ranges this host gives away, and the one way to map them. The guard (safety rule 1) is
 * in pm_region_list and is asked again by pm_region_open; there is no other call to mmap on /dev/mem.
 */
#ifndef PMPOOL_REGION_H
#define PMPOOL_REGION_H

#include "format.h"
#include "host.h"

enum pm_region_kind { PM_REGION_MEMMAP, PM_REGION_PMEM, PM_REGION_DEVDAX, PM_REGION_SIMULATED };
const char *pm_region_kind_name(enum pm_region_kind kind); /* "memmap", "pmem", "devdax", "simulated" */
enum pm_medium pm_region_medium(enum pm_region_kind kind); /* as a pool writes it down; "simulated" is a file */
bool pm_region_flush(enum pm_region_kind kind); /* persistent memory: order alone does not outlive a power cut */

struct pm_region_info {
	char id[64]; /* stable for a command line: "mem:0x10000000" or "dax:dax0.0" */
	enum pm_region_kind kind;
	uint64_t base, bytes; /* physical */
	uint64_t grain; /* offsets and sizes of pools inside are multiples of it (bytes) */
	int32_t numa_node; /* -1: not known; the kernel says it of devdax, else RAM of one node stands on both sides */
	char source[96]; /* what gives it away: the option of the command line, or the device */
	char lock[64]; /* the region whose lock guards this one: regions that share memory share a lock */
	struct pm_error refused; /* code PM_OK when it may be opened; else why not */
};

/* All ranges that the command line names plus devdax devices, refused ones included: memmap= first, so that a range
 * stands before the pmpool= ones inside it. *list is malloc'd. */
enum pm_code pm_region_list(const struct pm_host *host, struct pm_region_info **list, size_t *count,
			    struct pm_error *err);

/* The guard by itself, for any range: PM_OK or the code and message of the refusal. */
enum pm_code pm_region_guard(const struct pm_host *host, uint64_t base, uint64_t bytes, struct pm_error *err);

/* System RAM by NUMA nodes, out of the memory blocks; neighbours of one node merged. *list is malloc'd, count 0 where the
 * kernel does not say. */
struct pm_node_range {
	int32_t node;
	uint64_t base, bytes;
};
enum pm_code pm_node_ranges(const struct pm_host *host, struct pm_node_range **list, size_t *count);

struct pm_region { /* an open mapping */
	struct pm_region_info info; /* of the whole region; the mapping may be a part */
	uint64_t offset, bytes; /* the part that is mapped */
	uint8_t *map;
	int fd, lock_fd;
	bool writable;
	bool abandoned; /* set by pm_region_lock: the holder before died while it held the lock. A hint, for whichever
			 * pool of the region; the word `busy` of each pool's section SHARED decides */
};

/* Map a part of a region (bytes 0: to its end). Checks the guard again on what the host says now. */
enum pm_code pm_region_open(const struct pm_host *host, const char *id, uint64_t offset, uint64_t bytes, bool writable,
			    struct pm_region *region, struct pm_error *err);
/* The same for pm_region_recognise alone: no lock, and nothing is mapped, which costs page tables for the whole part. */
enum pm_code pm_region_open_to_look(const struct pm_host *host, const char *id, uint64_t offset, uint64_t bytes,
				    struct pm_region *region, struct pm_error *err);
void pm_region_close(struct pm_region *region);
/* The next bytes of the mapped part, at or after `from`, that may be other than zero: [*first, *end), both its size at
 * the end. Memory is one stretch; of a file that stands in for it the holes are left out. Touches none of them. */
void pm_region_next_data(const struct pm_region *region, uint64_t from, uint64_t *first, uint64_t *end);

/* Exclusive between processes and threads (open-file-description lock on a file of the state directory named after
 * the region); a dead holder frees it. Waits up to 5 s, then REGION_BUSY. */
enum pm_code pm_region_lock(struct pm_region *region, struct pm_error *err);
void pm_region_unlock(struct pm_region *region);

/* Touching a revoked mapping raises SIGBUS. Run body(argument) so that this comes back as REGION_LOST instead of
 * killing the process; per thread, nests not. body must hold nothing that needs unwinding. */
enum pm_code pm_region_guarded(void (*body)(void *argument), void *argument, struct pm_error *err);

/* memcpy from or to a mapping that may be revoked meanwhile. */
enum pm_code pm_region_copy(void *to, const void *from, size_t bytes, struct pm_error *err);

/*
 * What stands in the mapped part, for the overwrite confirmation (rule 2): pools of any format, from whatever region
 * of this host they were made and wherever they start; a file system, LUKS or partition table by libblkid, a
 * devdax/BTT info block, or nothing ("blank": all zero) or unknown data.
 */
struct pm_found {
	bool blank;
	char kind[32]; /* "blank" "pool" "pool-newer" "pool-older" "pool-damaged" "pools" "filesystem" "crypto" ...,
			* "several" of different kinds */
	char label
		[160]; /* e.g. `pool "lab" 6f1c...`, `region 2 of pool "lab" 6f1c...`, `ext4 "root"`; empty for blank */
	uint32_t
		sum; /* over every pool and superblock that is seen, or else over the bytes that are looked at and their
		       * place: changes when one of them does, also where the label has no room */
};
enum pm_code pm_region_recognise(const struct pm_host *host, const struct pm_region *region, struct pm_found *found,
				 struct pm_error *err);

/* Make the pools that share memory with the mapped part none, before another one is made there: left as they are they
 * would go on handing out its pages. POOL_FORMAT_NEWER, and nothing is changed, when one of a newer format reaches
 * out of the part. The caller holds the region's lock. */
enum pm_code pm_region_unmake_pools(const struct pm_host *host, const struct pm_region *region, struct pm_error *err);

/* A pool's part in a region, or what is left of it. */
struct pm_pool_at {
	uint64_t offset; /* inside the region */
	uint64_t bytes; /* as a superblock says, within the region; a page when none can be believed */
	enum pm_code code; /* of A and B together: PM_OK, POOL_FORMAT_NEWER, POOL_FORMAT_OLDER or POOL_CORRUPT */
	struct pm_superblock sb; /* the copy that counts; when code is not PM_OK good for a name and UUID at most */
};
/* Pools inside a region, found at multiples of grain; at most 4097 places are looked at. */
enum pm_code pm_region_pools(const struct pm_host *host, const struct pm_region_info *info, struct pm_pool_at *pools,
			     size_t capacity, size_t *count, struct pm_error *err);

#endif
