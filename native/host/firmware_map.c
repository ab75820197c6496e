/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /sys/firmware/memmap/N/{start,end,type}: the memory map as the boot loader gave it, before memmap= was parsed. */
#include "files.h"
#include "grow.h"
#include "memory_map.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ENTRIES_MAX 4096u
#define FOLDER "/sys/firmware/memmap"

/* "0x100000", as the kernel prints it. */
static bool read_address(const char *text, uint64_t *address)
{
	const char *at = text + 2;

	*address = 0;
	if (strncmp(text, "0x", 2) != 0 || !*at || strlen(at) > 16)
		return false;
	for (; *at; at++) {
		int digit = *at >= '0' && *at <= '9' ? *at - '0' : *at >= 'a' && *at <= 'f' ? *at - 'a' + 10 : -1;

		if (digit < 0)
			return false;
		*address = *address << 4 | (uint64_t)digit;
	}
	return true;
}

bool pm_firmware_entry_parse(const char *start, const char *end, const char *type, struct pm_firmware_entry *entry)
{
	if (!read_address(start, &entry->first) || !read_address(end, &entry->last) || entry->first > entry->last)
		return false;
	if (entry->first >= PM_ADDRESS_END)
		return false;
	if (entry->last >= PM_ADDRESS_END)
		entry->last = PM_ADDRESS_END - 1;
	snprintf(entry->type, sizeof(entry->type), "%s", *type ? type : "unknown");
	return true;
}

static bool read_file(const struct pm_host *host, const char *number, const char *name, char text[64])
{
	char path[320];

	snprintf(path, sizeof(path), FOLDER "/%s/%s", number, name);
	return pm_host_read(host, path, text, 64, NULL) == PM_OK;
}

static bool read_entry(const struct pm_host *host, const char *number, struct pm_firmware_entry *entry)
{
	char start[64], end[64], type[64];

	return read_file(host, number, "start", start) && read_file(host, number, "end", end) &&
	       read_file(host, number, "type", type) && pm_firmware_entry_parse(start, end, type, entry);
}

static int by_address(const void *a, const void *b)
{
	const struct pm_firmware_entry *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->last > y->last) - (x->last < y->last);
}

static enum pm_code read_entries(const struct pm_host *host, DIR *folder, struct pm_firmware_map *map)
{
	for (const struct dirent *file = readdir(folder); file; file = readdir(folder)) {
		struct pm_firmware_entry entry;

		if (file->d_name[0] < '0' || file->d_name[0] > '9' || !read_entry(host, file->d_name, &entry))
			continue;
		if (map->count == ENTRIES_MAX)
			return PM_E_FILE_CORRUPT;
		if (!pm_grow((void **)&map->entries, map->count, sizeof(entry)))
			return PM_E_OUT_OF_MEMORY;
		map->entries[map->count++] = entry;
	}
	return PM_OK;
}

enum pm_code pm_firmware_map_read(const struct pm_host *host, struct pm_firmware_map *map, struct pm_error *err)
{
	char full[PM_PATH_MAX];
	enum pm_code code = pm_host_path(host, FOLDER, full, err);
	DIR *folder;

	memset(map, 0, sizeof(*map));
	if (code)
		return code;
	folder = opendir(full);
	if (!folder && (errno == ENOENT || errno == ENOTDIR))
		return PM_OK;
	if (!folder)
		return pm_fail_errno(err, "read", full);
	map->there = true;
	code = read_entries(host, folder, map);
	closedir(folder);
	if (code) {
		pm_firmware_map_free(map);
		return pm_fail(err, code, "%.200s has more than %u entries, or no memory for them", full, ENTRIES_MAX);
	}
	if (map->count)
		qsort(map->entries, map->count, sizeof(*map->entries), by_address);
	return PM_OK;
}

void pm_firmware_map_free(struct pm_firmware_map *map)
{
	free(map->entries);
	memset(map, 0, sizeof(*map));
}
