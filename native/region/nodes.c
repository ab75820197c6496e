/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"
#include <stdlib.h>

static bool follows(const struct pm_node_range *range, const struct pm_numa_block *block, uint64_t base)
{
	return range->node == block->node && range->base + range->bytes == base;
}

enum pm_code pm_node_ranges(const struct pm_host *host, struct pm_node_range **list, size_t *count)
{
	struct pm_numa numa;

	*count = 0;
	pm_numa_begin(host, &numa);
	*list = calloc(numa.count + 1, sizeof(**list));
	for (size_t i = 0; *list && i < numa.count; i++) {
		const struct pm_numa_block *block = &numa.blocks[i];
		uint64_t base;

		if (block->block >= (UINT64_C(1) << 53) / numa.block_bytes)
			break; /* they ascend */
		base = block->block * numa.block_bytes;
		if (*count && follows(&(*list)[*count - 1], block, base))
			(*list)[*count - 1].bytes += numa.block_bytes;
		else
			(*list)[(*count)++] = (struct pm_node_range){block->node, base, numa.block_bytes};
	}
	pm_numa_end(&numa);
	return *list ? PM_OK : PM_E_OUT_OF_MEMORY;
}
