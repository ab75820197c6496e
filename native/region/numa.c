/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The NUMA node of reserved memory. The kernel names nodes of System RAM only, by blocks (/sys/devices/system/node/
 * nodeN/memoryM); a reserved range has a node when the nearest blocks on both of its sides are of one. That is not
 * proven, but nodes are contiguous on nearly every machine; anything less is "not known".
 */
#include "host/files.h"
#include "internal.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t pm_numa_read(const struct pm_host *host, const char *path)
{
	char text[64], *end;
	long long value;

	if (pm_host_read(host, path, text, sizeof(text), NULL))
		return -1;
	value = strtoll(text, &end, 10);
	return end == text || *end || value < 0 || value > INT32_MAX ? -1 : value;
}

/* The number behind `prefix` in a name of sysfs, -1 when it is another name. */
static int64_t number_of(const char *name, const char *prefix)
{
	size_t length = strlen(prefix);
	char *end;
	long long value;

	if (strncmp(name, prefix, length) != 0 || name[length] < '0' || name[length] > '9')
		return -1;
	value = strtoll(name + length, &end, 10);
	return *end || value > INT32_MAX ? -1 : value;
}

struct sides {
	uint64_t first, last; /* blocks of the range */
	int64_t below, above; /* nearest blocks; one inside the range counts on both sides */
	int32_t below_node, above_node;
};

static void count_block(struct sides *sides, int64_t block, int32_t node)
{
	if ((uint64_t)block <= sides->last && block > sides->below) {
		sides->below = block;
		sides->below_node = node;
	}
	if ((uint64_t)block >= sides->first && (sides->above < 0 || block < sides->above)) {
		sides->above = block;
		sides->above_node = node;
	}
}

static void count_node(const struct pm_host *host, struct sides *sides, int32_t node)
{
	char path[64], full[PM_PATH_MAX];
	struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d", node);
	if (pm_host_path(host, path, full, NULL))
		return;
	folder = opendir(full);
	while (folder && (entry = readdir(folder))) {
		int64_t block = number_of(entry->d_name, "memory");

		if (block >= 0)
			count_block(sides, block, node);
	}
	if (folder)
		closedir(folder);
}

/* Hexadecimal without 0x, as the kernel prints it; 0 when it does not. */
static uint64_t block_bytes(const struct pm_host *host)
{
	char text[64], *end;
	unsigned long long bytes;

	if (pm_host_read(host, "/sys/devices/system/memory/block_size_bytes", text, sizeof(text), NULL))
		return 0;
	bytes = strtoull(text, &end, 16);
	return end == text || *end ? 0 : bytes;
}

int32_t pm_numa_node_of_range(const struct pm_host *host, uint64_t base, uint64_t bytes)
{
	uint64_t block = block_bytes(host);
	struct sides sides = {.below = -1, .above = -1};
	char full[PM_PATH_MAX];
	struct dirent *entry;
	DIR *folder;

	if (!block || !bytes || pm_host_path(host, "/sys/devices/system/node", full, NULL))
		return -1;
	sides.first = base / block;
	sides.last = (base + bytes - 1) / block;
	folder = opendir(full);
	while (folder && (entry = readdir(folder))) {
		int64_t node = number_of(entry->d_name, "node");

		if (node >= 0)
			count_node(host, &sides, (int32_t)node);
	}
	if (folder)
		closedir(folder);
	return sides.below >= 0 && sides.above >= 0 && sides.below_node == sides.above_node ? sides.below_node : -1;
}
