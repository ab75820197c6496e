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

static bool add_block(struct pm_numa *numa, size_t *capacity, uint64_t block, int32_t node)
{
	if (numa->count == *capacity) {
		size_t grown = *capacity ? 2 * *capacity : 256;
		struct pm_numa_block *larger = realloc(numa->blocks, grown * sizeof(*larger));

		if (!larger)
			return false;
		numa->blocks = larger;
		*capacity = grown;
	}
	numa->blocks[numa->count++] = (struct pm_numa_block){block, node};
	return true;
}

static bool add_node(const struct pm_host *host, struct pm_numa *numa, size_t *capacity, int32_t node)
{
	char path[64], full[PM_PATH_MAX];
	struct dirent *entry;
	bool enough = true;
	DIR *folder;

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d", node);
	if (pm_host_path(host, path, full, NULL))
		return true;
	folder = opendir(full);
	while (folder && enough && (entry = readdir(folder))) {
		int64_t block = number_of(entry->d_name, "memory");

		if (block >= 0)
			enough = add_block(numa, capacity, (uint64_t)block, node);
	}
	if (folder)
		closedir(folder);
	return enough;
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

static int by_block(const void *a, const void *b)
{
	const struct pm_numa_block *left = a, *right = b;

	return (left->block > right->block) - (left->block < right->block);
}

void pm_numa_begin(const struct pm_host *host, struct pm_numa *numa)
{
	char full[PM_PATH_MAX];
	struct dirent *entry;
	size_t capacity = 0;
	bool enough = true;
	DIR *folder;

	memset(numa, 0, sizeof(*numa));
	numa->block_bytes = block_bytes(host);
	if (!numa->block_bytes || pm_host_path(host, "/sys/devices/system/node", full, NULL))
		return;
	folder = opendir(full);
	while (folder && enough && (entry = readdir(folder))) {
		int64_t node = number_of(entry->d_name, "node");

		if (node >= 0)
			enough = add_node(host, numa, &capacity, (int32_t)node);
	}
	if (folder)
		closedir(folder);
	if (!enough) /* half of the truth would name wrong neighbours */
		numa->count = 0;
	if (numa->count)
		qsort(numa->blocks, numa->count, sizeof(*numa->blocks), by_block);
}

void pm_numa_end(struct pm_numa *numa)
{
	free(numa->blocks);
	memset(numa, 0, sizeof(*numa));
}

/* Index of the first block at or above this one. */
static size_t first_from(const struct pm_numa *numa, uint64_t block)
{
	size_t low = 0, high = numa->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (numa->blocks[middle].block < block)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int32_t pm_numa_node(const struct pm_numa *numa, uint64_t base, uint64_t bytes)
{
	size_t above, behind;

	if (!numa->count || !bytes)
		return -1;
	/* A block that the range shares counts on both sides. */
	above = first_from(numa, base / numa->block_bytes);
	behind = first_from(numa, (base + bytes - 1) / numa->block_bytes + 1);
	if (above == numa->count || behind == 0 || numa->blocks[above].node != numa->blocks[behind - 1].node)
		return -1;
	return numa->blocks[above].node;
}
