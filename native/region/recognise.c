/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in a range (safety rule 2). libblkid reads a copy, never the memory itself. */
#include "look.h"
#include "pmpool/core.h"
#include <blkid/blkid.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HEAD_BYTES (UINT64_C(4) << 20) /* every superblock that libblkid knows at a start stands before this */
#define TAIL_BYTES (UINT64_C(1) << 20) /* backup GPT, RAID metadata */
#define SAMPLES 1024u /* pages looked at between the two */

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

struct source {
	const struct pm_region *region;
	struct pm_look look;
	uint8_t *copy; /* of its bytes' number; only the ends are filled in */
};

/* Bytes of the part. A file is not touched by its mapping, see look.c. */
static enum pm_code read_part(const struct source *source, uint64_t offset, void *to, size_t bytes,
			      struct pm_error *err)
{
	const struct pm_region *region = source->region;

	if (source->look.file || !region->map)
		return pm_look_read(&source->look, region->offset + offset, to, bytes, err);
	return pm_region_copy(to, region->map + offset, bytes, err);
}

static bool all_zero(const uint8_t *bytes, uint64_t count)
{
	uint8_t any = 0;

	for (uint64_t i = 0; i < count; i++)
		any |= bytes[i];
	return !any;
}

/* Other bytes, or the same ones elsewhere, have another sum. */
static void take_in(const struct source *source, uint64_t offset, const uint8_t *bytes, uint64_t count,
		    struct pm_found *found)
{
	uint64_t place = source->region->info.base + source->region->offset + offset;

	if (all_zero(bytes, count))
		return;
	found->blank = false;
	found->sum = pm_crc32c(found->sum, &place, sizeof(place));
	found->sum = pm_crc32c(found->sum, bytes, count);
}

/* Between the ends: a sample, as reading all of a large region would take minutes. Holes of a file are no data. */
static enum pm_code sample_middle(const struct source *source, uint64_t from, uint64_t to, struct pm_found *found,
				  struct pm_error *err)
{
	uint64_t stride = ((to - from) / SAMPLES + PM_PAGE_SIZE - 1) / PM_PAGE_SIZE * PM_PAGE_SIZE;
	const uint64_t start = source->region->offset;
	uint8_t page[PM_PAGE_SIZE];
	enum pm_code code = PM_OK;

	stride = stride ? stride : PM_PAGE_SIZE;
	for (uint64_t at = from; !code; at += stride) {
		at = pm_look_next(&source->look, start + at) - start;
		at -= at % PM_PAGE_SIZE;
		if (at >= to)
			break;
		code = read_part(source, at, page, sizeof(page), err);
		if (!code)
			take_in(source, at, page, sizeof(page), found);
	}
	return code;
}

static enum pm_code copy_ends(const struct source *source, struct pm_found *found, struct pm_error *err)
{
	uint64_t bytes = source->region->bytes, head = least(bytes, HEAD_BYTES), tail = least(bytes - head, TAIL_BYTES);
	uint8_t *end = source->copy + bytes - tail;
	enum pm_code code = read_part(source, 0, source->copy, head, err);

	if (!code && tail)
		code = read_part(source, bytes - tail, end, tail, err);
	if (code)
		return code;
	found->blank = true;
	take_in(source, 0, source->copy, head, found);
	take_in(source, bytes - tail, end, tail, found);
	return sample_middle(source, head, bytes - tail, found, err);
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

static enum pm_code recognise_copy(struct source *source, int fd, struct pm_found *found, struct pm_error *err)
{
	uint64_t bytes = source->region->bytes;
	enum pm_code code;

	if (ftruncate(fd, (off_t)bytes) != 0)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to look at the start of the region");
	source->copy = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (source->copy == MAP_FAILED)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to look at the start of the region");
	code = copy_ends(source, found, err);
	if (!code) {
		snprintf(found->kind, sizeof(found->kind), found->blank ? "blank" : "data");
		snprintf(found->label, sizeof(found->label), found->blank ? "" : "data of unknown kind");
		if (!found->blank) {
			ask_blkid(fd, bytes, found);
			look_for_info_block(source->copy, found);
		}
	}
	munmap(source->copy, bytes);
	return code;
}

static enum pm_code recognise_start(const struct pm_region *region, struct pm_found *found, struct pm_error *err)
{
	struct source source = {.region = region};
	enum pm_code code = pm_look_begin(&source.look, &region->info, region->fd, err);
	int fd;

	if (code)
		return code;
	fd = memfd_create("pmpool-recognise", MFD_CLOEXEC);
	if (fd < 0)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to look at the start of the region");
	code = recognise_copy(&source, fd, found, err);
	close(fd);
	return code;
}

enum pm_code pm_region_recognise(const struct pm_host *host, const struct pm_region *region, struct pm_found *found,
				 struct pm_error *err)
{
	enum pm_code code;

	memset(found, 0, sizeof(*found));
	code = pm_recognise_pools(host, region, found, err);
	if (!code && !found->kind[0] && region->bytes < 2 * PM_PAGE_SIZE)
		return pm_fail(err, PM_E_REGION_TOO_SMALL, "a range of fewer than two pages");
	if (!code && !found->kind[0])
		code = recognise_start(region, found, err);
	return code ? code : pm_recognise_signatures(host, region, found, err);
}
