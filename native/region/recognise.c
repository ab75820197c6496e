/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands at the start of a range (safety rule 2). libblkid reads a copy, never the memory itself. */
#include "host/uuid.h"
#include "internal.h"
#include "pmpool/core.h"
#include <blkid/blkid.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HEAD_BYTES (UINT64_C(4) << 20) /* every superblock that libblkid knows at a start stands before this */
#define TAIL_BYTES (UINT64_C(1) << 20) /* backup GPT, RAID metadata */

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* --- pools: any that the range touches, also one that starts before it --- */

static void describe_pool(const struct pm_pool_place *place, struct pm_found *found)
{
	char uuid[PM_UUID_TEXT];
	int used;

	snprintf(found->kind, sizeof(found->kind), "%s",
		 place->code == PM_OK			 ? "pool"
		 : place->code == PM_E_POOL_FORMAT_NEWER ? "pool-newer"
							 : "pool-damaged");
	pm_uuid_format(place->uuid, uuid);
	/* A long name gives way to the UUID and the offset. */
	used = snprintf(found->label, sizeof(found->label), "pool \"%.24s\" %s",
			pm_name_valid(place->name) ? place->name : "?", uuid);
	if (place->offset && used > 0 && (size_t)used < sizeof(found->label))
		snprintf(found->label + used, sizeof(found->label) - (size_t)used, " at 0x%llx",
			 (unsigned long long)place->offset);
}

static enum pm_code recognise_pools(const struct pm_region *region, struct pm_found *found, struct pm_error *err)
{
	struct pm_pool_place *places = calloc(PM_PLACES_MAX, sizeof(*places));
	size_t count = 0;
	enum pm_code code;

	if (!places)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to look for pools");
	code = pm_region_search(&region->info, region->fd, places, PM_PLACES_MAX, &count, err);
	for (size_t i = 0; i < count && !code; i++)
		if (places[i].offset < region->offset + region->bytes &&
		    places[i].offset + places[i].bytes > region->offset) {
			describe_pool(&places[i], found);
			break;
		}
	free(places);
	return code;
}

/* --- everything else --- */

struct copy {
	const struct pm_region *region;
	uint8_t *to;
	bool blank;
};

static bool all_zero(const uint8_t *bytes, uint64_t count)
{
	uint8_t any = 0;

	for (uint64_t i = 0; i < count; i++)
		any |= bytes[i];
	return !any;
}

static void copy_ends(void *argument)
{
	struct copy *copy = argument;
	uint64_t bytes = copy->region->bytes, head = least(bytes, HEAD_BYTES), tail = least(bytes - head, TAIL_BYTES);

	memcpy(copy->to, copy->region->map, head);
	memcpy(copy->to + bytes - tail, copy->region->map + bytes - tail, tail);
	copy->blank = all_zero(copy->to, head) && all_zero(copy->to + bytes - tail, tail);
}

static void describe_probe(blkid_probe probe, struct pm_found *found)
{
	const char *type = NULL, *usage = NULL, *label = NULL, *table = NULL;

	blkid_probe_lookup_value(probe, "TYPE", &type, NULL);
	blkid_probe_lookup_value(probe, "USAGE", &usage, NULL);
	blkid_probe_lookup_value(probe, "LABEL", &label, NULL);
	blkid_probe_lookup_value(probe, "PTTYPE", &table, NULL);
	if (type) {
		snprintf(found->kind, sizeof(found->kind), "%s",
			 usage && strcmp(usage, "crypto") == 0 ? "crypto"
			 : usage && strcmp(usage, "raid") == 0 ? "raid"
							       : "filesystem");
		if (label && pm_name_valid(label))
			snprintf(found->label, sizeof(found->label), "%.30s \"%.60s\"", type, label);
		else
			snprintf(found->label, sizeof(found->label), "%.60s", type);
	} else if (table) {
		snprintf(found->kind, sizeof(found->kind), "partitions");
		snprintf(found->label, sizeof(found->label), "partition table %.60s", table);
	}
}

static void ask_blkid(int fd, uint64_t bytes, struct pm_found *found)
{
	blkid_probe probe = blkid_new_probe();
	int result;

	if (!probe)
		return;
	if (blkid_probe_set_device(probe, fd, 0, (blkid_loff_t)bytes) == 0) {
		blkid_probe_enable_superblocks(probe, 1);
		blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE | BLKID_SUBLKS_LABEL);
		blkid_probe_enable_partitions(probe, 1);
		result = blkid_do_safeprobe(probe);
		if (result == 0)
			describe_probe(probe, found);
		else if (result == -2) {
			snprintf(found->kind, sizeof(found->kind), "filesystem");
			snprintf(found->label, sizeof(found->label), "more than one file system or partition table");
		}
	}
	blkid_free_probe(probe);
}

/* Info blocks of a namespace stand at 4 KiB. */
static void look_for_info_block(const uint8_t *bytes, struct pm_found *found)
{
	static const char *const signatures[] = {"NVDIMM_BTT_INFO", "NVDIMM_PFN_INFO", "NVDIMM_DAX_INFO"};
	static const char *const labels[] = {"BTT info block", "fsdax info block", "devdax info block"};

	for (size_t i = 0; i < 3; i++)
		if (memcmp(bytes + 4096, signatures[i], 16) == 0) {
			snprintf(found->kind, sizeof(found->kind), "namespace");
			snprintf(found->label, sizeof(found->label), "%s", labels[i]);
		}
}

static enum pm_code recognise_copy(const struct pm_region *region, int fd, struct pm_found *found, struct pm_error *err)
{
	struct copy copy = {.region = region};
	enum pm_code code;

	if (ftruncate(fd, (off_t)region->bytes) != 0)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to look at the start of the region");
	copy.to = mmap(NULL, region->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (copy.to == MAP_FAILED)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to look at the start of the region");
	code = pm_region_guarded(copy_ends, &copy, err);
	if (!code) {
		found->blank = copy.blank;
		snprintf(found->kind, sizeof(found->kind), copy.blank ? "blank" : "data");
		snprintf(found->label, sizeof(found->label), copy.blank ? "" : "data of unknown kind");
		if (!copy.blank) {
			ask_blkid(fd, region->bytes, found);
			look_for_info_block(copy.to, found);
		}
	}
	munmap(copy.to, region->bytes);
	return code;
}

enum pm_code pm_region_recognise(const struct pm_region *region, struct pm_found *found, struct pm_error *err)
{
	enum pm_code code;
	int fd;

	memset(found, 0, sizeof(*found));
	code = recognise_pools(region, found, err);
	if (code || found->kind[0])
		return code;
	if (region->bytes < 8192)
		return pm_fail(err, PM_E_REGION_TOO_SMALL, "a range of fewer than two pages");
	fd = memfd_create("pmpool-recognise", MFD_CLOEXEC);
	if (fd < 0)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to look at the start of the region");
	code = recognise_copy(region, fd, found, err);
	close(fd);
	return code;
}
