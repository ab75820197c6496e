/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/iomem, and the guard's sums over it. */
#include "host/iomem_cover.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_cover(const struct pm_iomem *iomem, uint64_t base, uint64_t bytes)
{
	struct pm_iomem_cover cover;
	uint64_t first, last;

	pm_iomem_cover(iomem, base, bytes, &cover);
	if (cover.ram_bytes + cover.reserved_bytes + cover.persistent_bytes + cover.uncovered_bytes > bytes)
		abort();
	if (pm_iomem_first_ram(iomem, base, bytes, &first, &last) != (cover.ram_bytes != 0))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct pm_iomem iomem;

	memcpy(text, data, size);
	text[size] = 0;
	if (pm_iomem_parse(text, &iomem) == PM_OK && iomem.count < 500) {
		check_cover(&iomem, 0, UINT64_MAX);
		check_cover(&iomem, UINT64_C(0x10000000), UINT64_C(0x4000000));
		for (size_t i = 0; i < iomem.count && i < 8; i++)
			check_cover(&iomem, iomem.entries[i].first, iomem.entries[i].last - iomem.entries[i].first);
	}
	pm_iomem_free(&iomem);
	free(text);
	return 0;
}
