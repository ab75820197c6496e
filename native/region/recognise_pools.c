/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pools that a part of a region touches, as words to show: also one that starts before it or was made elsewhere. */
#include "host/uuid.h"
#include "internal.h"
#include "pmpool/core.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *kind_of(const struct pm_pool_at *at)
{
	return at->code == PM_OK		    ? "pool"
	       : at->code == PM_E_POOL_FORMAT_NEWER ? "pool-newer"
	       : at->code == PM_E_POOL_FORMAT_OLDER ? "pool-older"
						    : "pool-damaged";
}

static void append(struct pm_found *found, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void append(struct pm_found *found, const char *format, ...)
{
	size_t used = strlen(found->label);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(found->label + used, sizeof(found->label) - used, format, arguments);
	va_end(arguments);
}

/* At most `bytes` of a name, whole characters. */
static void append_name(struct pm_found *found, const struct pm_superblock *sb, size_t bytes)
{
	char name[PM_NAME_BYTES];

	memcpy(name, sb->pool_name, sizeof(name));
	name[sizeof(name) - 1] = 0;
	if (!pm_name_valid(name)) {
		append(found, "\"?\"");
		return;
	}
	for (bytes = strnlen(name, bytes); bytes && (name[bytes] & 0xc0) == 0x80;)
		bytes--;
	append(found, "\"%.*s\"", (int)bytes, name);
}

/* A long name gives way to the UUID and the place. */
static void describe_pool(const struct pm_overlap *overlap, const struct pm_region *region, struct pm_found *found)
{
	char uuid[PM_UUID_TEXT];

	snprintf(found->kind, sizeof(found->kind), "%s", kind_of(&overlap->at));
	if (overlap->at.code == PM_OK && overlap->at.sb.region_index)
		append(found, "region %u of ", overlap->at.sb.region_index);
	append(found, "pool ");
	append_name(found, &overlap->at.sb, 24);
	pm_uuid_format(overlap->at.sb.pool_uuid, uuid);
	append(found, " %s", uuid);
	if (strcmp(overlap->info.id, region->info.id) != 0)
		append(found, " in %s", overlap->info.id);
	else if (overlap->at.offset)
		append(found, " at 0x%llx", (unsigned long long)overlap->at.offset);
}

/* Is this region of a pool the first one of that pool in the list. */
static bool first_of_pool(const struct pm_overlap *list, size_t i)
{
	const uint8_t *uuid = list[i].at.sb.pool_uuid;

	for (size_t j = 0; j < i; j++)
		if (memcmp(list[j].at.sb.pool_uuid, uuid, sizeof(list[j].at.sb.pool_uuid)) == 0)
			return false;
	return true;
}

static void describe_pools(const struct pm_overlap *list, size_t count, struct pm_found *found)
{
	char uuid[PM_UUID_TEXT];
	size_t pools = 0;

	for (size_t i = 0; i < count; i++)
		pools += first_of_pool(list, i);
	if (pools == 1) {
		snprintf(found->kind, sizeof(found->kind), "pool");
		append(found, "%zu regions of pool ", count);
		append_name(found, &list[0].at.sb, 24);
		pm_uuid_format(list[0].at.sb.pool_uuid, uuid);
		append(found, " %s", uuid);
		return;
	}
	snprintf(found->kind, sizeof(found->kind), "pools");
	append(found, "%zu pools:", pools);
	for (size_t i = 0; i < count && strlen(found->label) + 32 < sizeof(found->label); i++)
		if (first_of_pool(list, i)) {
			append(found, i ? ", " : " ");
			append_name(found, &list[i].at.sb, 24);
		}
}

/* Over what each of them is, so that the word to overwrite them changes when another one takes a place. */
static uint32_t sum_of(const struct pm_overlap *list, size_t count)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t facts[3] = {list[i].info.base + list[i].at.offset, list[i].at.bytes, list[i].at.code};

		sum = pm_crc32c(sum, facts, sizeof(facts));
		sum = pm_crc32c(sum, list[i].at.sb.pool_uuid, sizeof(list[i].at.sb.pool_uuid));
	}
	return sum;
}

enum pm_code pm_recognise_pools(const struct pm_host *host, const struct pm_region *region, struct pm_found *found,
				struct pm_error *err)
{
	struct pm_overlap *list;
	size_t count;
	enum pm_code code = pm_region_overlaps(host, region, &list, &count, err);

	if (count == 1)
		describe_pool(list, region, found);
	else if (count)
		describe_pools(list, count, found);
	found->sum = sum_of(list, count);
	free(list);
	return code;
}
