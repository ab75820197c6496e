/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "many.h"
#include "core/superblock.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sizes that are no multiples of a block, places that are not in order. */
uint64_t many_bytes(uint32_t index)
{
	return MIB + (uint64_t)(index * 7 % 11) * 256 * 1024 + (uint64_t)(index % 3) * 4096;
}

uint64_t many_base(uint32_t index)
{
	return MODEL_BASE + (uint64_t)(index * 37 % REGIONS_MAX) * (64 * MIB);
}

struct pm_pool_request many_request(uint32_t index)
{
	struct pm_pool_request request = model_request();

	request.region_uuid[15] = (uint8_t)index;
	request.medium = (enum pm_medium)(1 + index % 4);
	request.numa_node = (int32_t)(index % 3) - 1;
	return request;
}

struct pm_mapping many_mapping(uint32_t index)
{
	struct pm_mapping mapping = {.bytes = many_bytes(index), .physical_base = many_base(index), .flush = index % 2};

	mapping.base = aligned_alloc(4096, mapping.bytes);
	assert_non_null(mapping.base);
	memset(mapping.base, 0x5a, mapping.bytes);
	return mapping;
}

enum pm_code many_attach(struct many *many, unsigned flags)
{
	enum pm_code code;

	if (many->attached)
		pm_pool_detach(&many->pool);
	code = pm_pool_attach(&many->pool, many->mappings, many->count, flags, &model_memory, &model_act);
	many->attached = code == PM_OK;
	return code;
}

enum pm_code many_extend(struct many *many)
{
	struct pm_pool_request request = many_request(many->count);
	enum pm_code code;

	many->mappings[many->count] = many_mapping(many->count);
	assert_int_equal(pm_pool_begin(&many->pool, false, &model_act), PM_OK);
	code = pm_pool_extend(&many->pool, &many->mappings[many->count], &request, &model_act);
	pm_pool_end(&many->pool);
	many->count++;
	return code;
}

void many_make(struct many *many, uint32_t count)
{
	struct pm_pool_request request = many_request(0);

	memset(many, 0, sizeof(*many));
	many->mappings[0] = many_mapping(0);
	many->count = 1;
	request.physical_base = many_base(0);
	assert_int_equal(pm_pool_format(many->mappings[0].base, many->mappings[0].bytes, &request, &model_act), PM_OK);
	assert_int_equal(many_attach(many, 0), PM_OK);
	while (many->count < count)
		assert_int_equal(many_extend(many), PM_OK);
}

void many_end(struct many *many)
{
	if (many->attached)
		pm_pool_detach(&many->pool);
	for (uint32_t i = 0; i < many->count; i++)
		free(many->mappings[i].base);
}

const char *many_name(uint32_t index)
{
	static char name[32];

	snprintf(name, sizeof(name), "in region %u", index);
	return name;
}

enum pm_code many_name_in(struct many *many, uint32_t region, const char *name, struct pm_run *run)
{
	struct pm_alloc_request request = {
		.pages = 2, .name = name, .placement = PM_PLACE_REGION, .node = (int32_t)region};

	return pm_alloc(&many->pool, &request, &model_act, run);
}

struct pm_superblock *many_copy_a(const struct pm_mapping *mapping)
{
	return mapping->base;
}

struct pm_superblock *many_copy_b(const struct pm_mapping *mapping)
{
	return (struct pm_superblock *)(void *)((uint8_t *)mapping->base + mapping->bytes - 4096);
}

void many_reseal(const struct pm_mapping *mapping)
{
	pm_superblock_seal(many_copy_a(mapping));
	memcpy(many_copy_b(mapping), many_copy_a(mapping), 4096);
}

/* All bytes of all regions, to see that nothing was written. */
uint32_t many_digest(const struct many *many)
{
	uint32_t crc = 0;

	for (uint32_t i = 0; i < many->count; i++)
		crc = pm_crc32c(crc, many->mappings[i].base, many->mappings[i].bytes);
	return crc;
}

enum pm_code many_attach_unchanged(struct many *many, unsigned flags)
{
	uint32_t before = many_digest(many);
	enum pm_code code = many_attach(many, flags);

	assert_int_equal(many_digest(many), before);
	return code;
}

struct pm_record *many_member_record(const struct many *many, uint32_t index)
{
	const struct pm_record *record;
	uint64_t cursor = 0;

	while ((record = pm_record_next(&many->pool, &cursor, NULL)))
		if (record->kind == PM_RECORD_MEMBER && record->region_index == index)
			return (struct pm_record *)(uintptr_t)record;
	fail_msg("no record of region %u", index);
	return NULL;
}

void many_swap(struct many *many, uint32_t a, uint32_t b)
{
	struct pm_mapping mapping = many->mappings[a];

	many->mappings[a] = many->mappings[b];
	many->mappings[b] = mapping;
}
