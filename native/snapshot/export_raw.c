// SPDX-License-Identifier: GPL-2.0-or-later
/* A raw image: byte n is the byte at physical address lowest base + n. */
#include "digest.h"
#include "export_sink.h"
#include "export_walk.h"

struct raw {
	struct pm_sink sink;
	uint64_t base; /* physical address of its first byte */
};

/* Pages that follow each other are written together. */
static enum pm_code put_part(void *context, const struct pm_walk_part *part, struct pm_error *err)
{
	struct raw *raw = context;
	uint64_t at = part->region->physical_base + (part->first - part->region->first_pool_page) * PM_PAGE_SIZE;

	for (uint32_t i = 0; i < part->count; i++) {
		uint32_t run = 0;
		const uint8_t *from = part->pages[i];
		enum pm_code code;

		if (!from || from == pm_walk_zeros || pm_page_zero(from))
			continue;
		do
			run++;
		while (i + run < part->count && part->pages[i + run] == from + run * PM_PAGE_SIZE &&
		       !pm_page_zero(part->pages[i + run]));
		code = pm_sink_put(&raw->sink, at + i * PM_PAGE_SIZE - raw->base, from, run * PM_PAGE_SIZE, err);
		if (code)
			return code;
		i += run - 1;
	}
	return PM_OK;
}

enum pm_code pm_export_raw(struct pm_snapshot *snapshot, int fd, struct pm_task *task, struct pm_error *err)
{
	struct pm_walk walk;
	struct pm_meter meter;
	struct raw raw = {.base = 0};
	const struct pm_superblock *last;
	enum pm_code code = pm_walk_open(&walk, snapshot, err);

	if (!code) {
		last = &walk.regions[walk.region_count - 1];
		raw.base = walk.regions[0].physical_base;
		pm_sink_open(&raw.sink, fd, task);
		pm_meter_start(&meter, task, pm_walk_bytes(&walk));
		code = pm_walk_all(&walk, true, &meter, put_part, &raw, err);
		if (!code)
			code = pm_sink_end(&raw.sink, last->physical_base + last->region_bytes - raw.base, err);
	}
	if (!code) {
		pm_meter_end(&meter);
		code = pm_walk_whole(&walk, err);
	}
	pm_walk_close(&walk);
	return code;
}
