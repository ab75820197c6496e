/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory_map.h"
#include "iomem_cover.h"
#include <stdlib.h>
#include <string.h>

#define DEPTHS 40u /* pm_iomem_parse takes 32 */

static bool cut_to_end(struct pm_iomem_entry *entry)
{
	if (entry->first >= PM_ADDRESS_END)
		return false;
	if (entry->last >= PM_ADDRESS_END)
		entry->last = PM_ADDRESS_END - 1;
	return true;
}

static bool continues(const struct pm_iomem_entry *before, const struct pm_iomem_entry *entry)
{
	return before->last != UINT64_MAX && before->last + 1 == entry->first && strcmp(before->name, entry->name) == 0;
}

void pm_iomem_tidy(struct pm_iomem *iomem)
{
	size_t newest[DEPTHS], used = 0; /* by depth, within the same parent: index + 1 of the newest, 0 for none */

	memset(newest, 0, sizeof(newest));
	for (size_t i = 0; i < iomem->count; i++) {
		struct pm_iomem_entry entry = iomem->entries[i];
		unsigned depth = entry.depth < DEPTHS ? entry.depth : DEPTHS - 1;

		if (!cut_to_end(&entry))
			continue;
		if (newest[depth] && continues(&iomem->entries[newest[depth] - 1], &entry)) {
			iomem->entries[newest[depth] - 1].last = entry.last;
			continue; /* what is nested follows, and may go on there too */
		}
		iomem->entries[used++] = entry;
		newest[depth] = used;
		memset(&newest[depth + 1], 0, (DEPTHS - depth - 1) * sizeof(newest[0]));
	}
	iomem->count = used;
}

const struct pm_iomem_entry *pm_iomem_outermost(const struct pm_iomem *iomem, uint64_t address, uint64_t *until)
{
	const struct pm_iomem_entry *found = NULL;

	for (size_t i = 0; i < iomem->count; i++) {
		const struct pm_iomem_entry *entry = &iomem->entries[i];

		if (entry->depth)
			continue;
		if (entry->first > address && entry->first - 1 < *until)
			*until = entry->first - 1;
		if (found || entry->first > address || entry->last < address)
			continue;
		found = entry;
		if (entry->last < *until)
			*until = entry->last;
	}
	return found;
}

bool pm_iomem_is_kernel(const struct pm_iomem_entry *entry)
{
	return strncmp(entry->name, "Kernel ", 7) == 0;
}

static enum pm_code read_kernel(const struct pm_host *host, struct pm_iomem *iomem, struct pm_error *err)
{
	enum pm_code code = pm_iomem_read(host, iomem, err);

	if (code)
		return code;
	if (iomem->hidden)
		iomem->count = 0; /* names without addresses are no map */
	pm_iomem_tidy(iomem);
	return PM_OK;
}

static enum pm_code read_options(const struct pm_host *host, struct pm_memory_map *map, struct pm_error *err)
{
	char *text;
	enum pm_code code = pm_host_read_all(host, "/proc/cmdline", &text, err);

	if (code)
		return code;
	code = pm_memory_options(text, &map->options, &map->option_count);
	free(text);
	return code ? pm_fail(err, code, "/proc/cmdline names more ranges than there is room for") : PM_OK;
}

enum pm_code pm_memory_map_compare(struct pm_memory_map *map)
{
	enum pm_code code;

	if (map->kernel.hidden)
		return PM_OK;
	code = map->firmware.there ? pm_memory_differences(map) : PM_OK;
	return code ? code : pm_memory_free_find(map);
}

enum pm_code pm_memory_map_read(const struct pm_host *host, struct pm_memory_map *map, struct pm_error *err)
{
	enum pm_code code;

	memset(map, 0, sizeof(*map));
	code = read_kernel(host, &map->kernel, err);
	code = code ? code : pm_firmware_map_read(host, &map->firmware, err);
	code = code ? code : read_options(host, map, err);
	if (!code)
		code = pm_node_ranges(host, &map->nodes, &map->node_count);
	if (!code)
		code = pm_memory_map_compare(map);
	if (code == PM_E_OUT_OF_MEMORY)
		pm_fail(err, code, "no memory for the memory map");
	if (code)
		pm_memory_map_free(map);
	return code;
}

void pm_memory_map_free(struct pm_memory_map *map)
{
	pm_iomem_free(&map->kernel);
	pm_firmware_map_free(&map->firmware);
	free(map->options);
	free(map->nodes);
	free(map->differences);
	free(map->free);
	memset(map, 0, sizeof(*map));
}
