// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Snapshot files and expectations, read in order and at random. Checksums would stop nearly every input at the door, so
 * an input is either a file as it is, or a list of edits to a whole file, whose checksums are mended afterwards:
 *
 *   byte 0    bit 0: the bytes are the file; bits 1-2: which file is edited, see enum seed_kind
 *             bits 3-7: from which thirty-second of the file on offsets count
 *   then      edits of 4 bytes: offset (16 bits), what to do, value
 */
#include "host/heap.h"
#include "pmpool/region.h"
#include "pmpool/snapshot.h"
#include "snapshot/writer.h"
#include <ftw.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

struct seed {
	uint8_t *data;
	size_t bytes;
};

enum seed_kind { SEED_SNAPSHOT, SEED_EXPECTATION, SEED_CHILD, SEED_CONTENT, SEEDS };

static struct pm_host host;
static char folder[64] = "/tmp/pmpool-fuzz-XXXXXX";
static struct seed seeds[SEEDS];
static struct pm_snapshot *parent; /* of SEED_CHILD */
static volatile uint8_t sum; /* so that what is handed out is read */

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status, (void)type, (void)where;
	return remove(path);
}

static void clean_up(void)
{
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	pm_snapshot_close(parent);
	for (size_t i = 0; i < SEEDS; i++)
		free(seeds[i].data);
}

static void must(int holds)
{
	if (!holds)
		abort();
}

/* Returns the file it was written to. */
static int seed_make(enum seed_kind kind, const struct pm_pool *pool)
{
	struct json_object *facts = json_tokener_parse("{\"id\":\"e\",\"nonce\":\"n\","
						       "\"bootId\":\"00000000-0000-0000-0000-000000000000\"}");
	struct pm_snapshot_request request = {.host = facts, .parent = kind == SEED_CHILD ? parent : NULL};
	struct seed *seed = &seeds[kind];
	struct pm_snapshot_result result;
	int fd = memfd_create("seed", MFD_CLOEXEC);

	if (kind == SEED_SNAPSHOT || kind == SEED_CHILD)
		must(pm_snapshot_write(pool, &request, fd, NULL, &result, NULL) == PM_OK);
	else
		must(pm_expectation_write(pool, facts, kind == SEED_CONTENT, fd, NULL, &result, NULL) == PM_OK);
	seed->bytes = (size_t)result.file_bytes;
	seed->data = malloc(seed->bytes);
	must(seed->data && pread(fd, seed->data, seed->bytes, 0) == (ssize_t)seed->bytes);
	json_object_put(facts);
	return fd;
}

/* Each kind of page: text, noise, the same again, and zeros, a whole window of them too. */
static void fill(struct pm_pool *pool, const struct pm_act *act)
{
	static const uint64_t lengths[] = {3, 1, 2, 520};
	uint32_t noise = 1;
	struct pm_run run;

	for (unsigned i = 0; i < 4; i++) {
		char name[2] = {(char)('a' + i), 0};
		struct pm_alloc_request wanted = {.pages = lengths[i], .name = name};
		uint8_t *bytes;

		must(pm_alloc(pool, &wanted, act, &run) == PM_OK);
		bytes = pm_page_bytes(pool, run.page);
		for (size_t j = 0; i < 3 && j < lengths[i] * PM_PAGE_SIZE; j++) {
			noise = noise * 1664525 + 1013904223;
			bytes[j] = i == 1 ? (uint8_t)(noise >> 24) : (uint8_t) "fuzz "[j % 5];
		}
	}
}

static void seeds_make(struct pm_pool *pool, const struct pm_act *act)
{
	struct pm_run run;
	int first;

	must(pm_pool_begin(pool, false, act) == PM_OK);
	fill(pool, act);
	pm_pool_end(pool);
	first = seed_make(SEED_SNAPSHOT, pool);
	must(pm_snapshot_open(first, &parent, NULL) == PM_OK); /* which keeps it open */
	close(seed_make(SEED_EXPECTATION, pool));
	close(seed_make(SEED_CONTENT, pool));
	must(pm_run_next(pool, 0, &run));
	*(uint8_t *)pm_page_bytes(pool, run.page) ^= 1;
	close(seed_make(SEED_CHILD, pool));
}

static void set_up(void)
{
	struct pm_pool_request request = {.pool_uuid = {1}, .region_uuid = {2}, .name = "fuzz", .numa_node = -1};
	struct pm_mapping mapping;
	struct pm_act act = {.time_ns = 1, .actor = "fuzz"};
	struct pm_region region;
	struct pm_pool pool;

	must(mkdtemp(folder) != NULL);
	atexit(clean_up);
	must(pm_host_open(&host, folder, 4 * PM_MIN_REGION_BYTES, NULL) == PM_OK);
	must(pm_region_open(&host, "mem:0x100000000", 0, 0, true, &region, NULL) == PM_OK);
	request.physical_base = region.info.base;
	must(pm_pool_format(region.map, region.bytes, &request, &act) == PM_OK);
	mapping = (struct pm_mapping){region.map, region.bytes, region.info.base, false};
	must(pm_pool_attach(&pool, &mapping, 1, 0, &pm_heap, &act) == PM_OK);
	seeds_make(&pool, &act);
	pm_pool_detach(&pool);
	pm_region_close(&region);
}

static void mend(uint8_t *file, size_t bytes)
{
	struct pm_file_header header;
	struct pm_chunk chunk;
	size_t at = sizeof(header);

	if (bytes < sizeof(header))
		return;
	memcpy(&header, file, sizeof(header));
	header.crc = pm_crc32c(0, &header, offsetof(struct pm_file_header, crc));
	memcpy(file, &header, sizeof(header));
	while (bytes - at >= sizeof(chunk)) {
		memcpy(&chunk, file + at, sizeof(chunk));
		if (chunk.type == PM_CHUNK_SBLK && bytes - at >= sizeof(chunk) + sizeof(struct pm_superblock)) {
			uint8_t *sb = file + at + sizeof(chunk);
			uint32_t crc = pm_crc32c(0, sb, offsetof(struct pm_superblock, crc));

			memcpy(sb + offsetof(struct pm_superblock, crc), &crc, sizeof(crc));
		}
		if (chunk.stored <= bytes - at - sizeof(chunk))
			chunk.payload_crc = pm_crc32c(0, file + at + sizeof(chunk), (size_t)chunk.stored);
		chunk.crc = pm_chunk_crc(&chunk, at);
		memcpy(file + at, &chunk, sizeof(chunk));
		if (chunk.stored > bytes - at - sizeof(chunk))
			return;
		at += sizeof(chunk) + (size_t)chunk.stored;
	}
}

static void edit(uint8_t *file, size_t bytes, const uint8_t *edits, size_t count, size_t from)
{
	for (; count >= 4; edits += 4, count -= 4) {
		size_t at = (from + edits[0] + ((size_t)edits[1] << 8)) % bytes;

		switch (edits[2] % 4) {
		case 0:
			file[at] = edits[3];
			break;
		case 1:
			file[at] = (uint8_t)(file[at] + edits[3]);
			break;
		case 2:
			file[at] ^= (uint8_t)(1u << edits[3] % 8);
			break;
		case 3: /* a whole word, for lengths and counts */
			memset(file + at, edits[3], bytes - at < 8 ? bytes - at : 8);
			break;
		}
	}
}

static void read_in_order(int fd)
{
	struct json_object *json = NULL;
	struct pm_snapshot_result result;

	lseek(fd, 0, SEEK_SET);
	pm_snapshot_verify(fd, NULL, NULL, &result, &json, NULL);
	json_object_put(json);
	lseek(fd, 0, SEEK_SET);
	pm_snapshot_verify(fd, parent, NULL, &result, NULL, NULL);
	json = NULL;
	pm_snapshot_summary(fd, &result, &json, NULL);
	json_object_put(json);
	lseek(fd, 0, SEEK_SET);
	pm_expectation_facts(fd, &json, NULL);
	json_object_put(json);
	lseek(fd, 0, SEEK_SET);
	pm_verdict_reach(&host, fd, NULL, &json, NULL);
	json_object_put(json);
}

/* Over the pool's start, its end and what lies behind; content and metadata. */
static void read_bytes(struct pm_snapshot *snapshot, struct pm_window *window)
{
	static uint8_t bytes[1 << 20];
	bool held[sizeof(bytes) / PM_PAGE_SIZE + 1];

	for (uint64_t offset = 5; offset < 5 * PM_MIN_REGION_BYTES; offset += sizeof(bytes))
		if (pm_snapshot_bytes(snapshot, offset, sizeof(bytes), window, bytes, held, NULL) == PM_OK)
			for (size_t i = 0; i < sizeof(held); i++)
				sum = held[i] ? bytes[i * 4000 % sizeof(bytes)] : 0;
}

static void read_at_random(int fd)
{
	struct pm_window *window = pm_window_new();
	struct pm_snapshot *snapshot;
	const struct pm_pool *pool;
	struct pm_usage usage;

	must(window != NULL);
	if (pm_snapshot_open(fd, &snapshot, NULL) == PM_OK) {
		pm_snapshot_set_parent(snapshot, parent, NULL);
		for (uint64_t at = 0; pm_snapshot_next_window(snapshot, &at); at++) {
			pm_snapshot_window(snapshot, at, at % 2, window, NULL);
			for (unsigned i = 0; i < PM_WINDOW_PAGES; i++)
				sum = window->bytes[i] ? window->bytes[i][i] : window->held[i];
		}
		read_bytes(snapshot, window);
		if (pm_snapshot_pool(snapshot, &pool, NULL) == PM_OK)
			pm_usage_get(pool, &usage);
		pm_snapshot_close(snapshot);
	}
	pm_window_free(window);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const struct seed *seed;
	uint8_t *file;
	int fd;

	if (!host.simulated)
		set_up();
	if (!bytes)
		return 0;
	fd = memfd_create("input", MFD_CLOEXEC);
	seed = &seeds[data[0] >> 1 & 3];
	if (data[0] & 1) {
		must(write(fd, data + 1, bytes - 1) == (ssize_t)bytes - 1);
	} else {
		file = malloc(seed->bytes);
		must(file != NULL);
		memcpy(file, seed->data, seed->bytes);
		edit(file, seed->bytes, data + 1, bytes - 1, (data[0] >> 3) * seed->bytes / 32);
		mend(file, seed->bytes);
		must(write(fd, file, seed->bytes) == (ssize_t)seed->bytes);
		free(file);
	}
	read_in_order(fd);
	read_at_random(fd);
	close(fd);
	return 0;
}
