// SPDX-License-Identifier: GPL-2.0-or-later
#include "snapshot_kit.h"
#include "host/heap.h"
#include "snapshot/digest.h"
#include "snapshot/writer.h"
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BASE UINT64_C(0x100000000)

const struct pm_act kit_act = {.time_ns = 1700000000000000000, .boot_id = {1, 2, 3}, .actor = "test"};

static struct pm_mapping mapping_make(size_t number, uint64_t bytes)
{
	void *base =
		mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert_true(base != MAP_FAILED);
	return (struct pm_mapping){base, bytes, BASE + number * (UINT64_C(1) << 36), false};
}

void kit_open(struct kit *kit, size_t count, uint64_t bytes)
{
	struct pm_pool_request request = {
		.pool_uuid = {0x10, 0x20},
		.region_uuid = {0x30},
		.name = "kit",
		.physical_base = BASE,
		.medium = PM_MEDIUM_FILE,
		.numa_node = -1,
	};

	memset(kit, 0, sizeof(*kit));
	kit->mappings[kit->count++] = mapping_make(0, bytes);
	assert_int_equal(pm_pool_format(kit->mappings[0].base, bytes, &request, &kit_act), PM_OK);
	assert_int_equal(pm_pool_attach(&kit->pool, kit->mappings, 1, 0, &pm_heap, &kit_act), PM_OK);
	while (kit->count < count)
		kit_extend(kit, bytes);
}

void kit_extend(struct kit *kit, uint64_t bytes)
{
	struct pm_pool_request request = {
		.region_uuid = {0x31, (uint8_t)kit->count},
		.medium = PM_MEDIUM_FILE,
		.numa_node = -1,
	};

	kit->mappings[kit->count] = mapping_make(kit->count, bytes);
	assert_int_equal(pm_pool_begin(&kit->pool, false, &kit_act), PM_OK);
	assert_int_equal(pm_pool_extend(&kit->pool, &kit->mappings[kit->count], &request, &kit_act), PM_OK);
	pm_pool_end(&kit->pool);
	kit->count++;
}

void kit_close(struct kit *kit)
{
	pm_pool_detach(&kit->pool);
	for (size_t i = 0; i < kit->count; i++)
		munmap(kit->mappings[i].base, (size_t)kit->mappings[i].bytes);
}

uint64_t kit_take_in(struct kit *kit, const char *name, uint64_t pages, int32_t region)
{
	struct pm_alloc_request request = {
		.pages = pages,
		.name = name,
		.placement = region < 0 ? PM_PLACE_FIRST : PM_PLACE_REGION,
		.node = region,
	};
	struct pm_run run;

	assert_int_equal(pm_pool_begin(&kit->pool, false, &kit_act), PM_OK);
	assert_int_equal(pm_alloc(&kit->pool, &request, &kit_act, &run), PM_OK);
	assert_true(pm_log_append(&kit->pool, PM_VERB_ALLOCATE, run.page, run.pages, name ? name : "", &kit_act) > 0);
	pm_pool_end(&kit->pool);
	return run.page;
}

uint64_t kit_take(struct kit *kit, const char *name, uint64_t pages)
{
	return kit_take_in(kit, name, pages, -1);
}

void kit_free(struct kit *kit, uint64_t page)
{
	struct pm_run freed;

	assert_int_equal(pm_pool_begin(&kit->pool, false, &kit_act), PM_OK);
	assert_int_equal(pm_free(&kit->pool, page, 0, &freed), PM_OK);
	assert_true(pm_log_append(&kit->pool, PM_VERB_FREE, freed.page, freed.pages, "", &kit_act) > 0);
	pm_pool_end(&kit->pool);
}

uint8_t *kit_page(const struct kit *kit, uint64_t page)
{
	return pm_page_bytes(&kit->pool, page);
}

static uint64_t noise(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void kit_fill(const struct kit *kit, uint64_t page, uint64_t pages, enum kit_fill fill, uint64_t seed)
{
	for (uint64_t i = 0; i < pages; i++) {
		uint8_t *at = kit_page(kit, page + i);
		uint64_t state = seed * 1000003 + i;

		for (size_t j = 0; j < PM_PAGE_SIZE; j += 8) {
			uint64_t word = noise(&state);

			if (fill == KIT_TEXT)
				word = UINT64_C(0x2065687420646e61) ^ (word & UINT64_C(0x0f0f));
			if (fill == KIT_ZERO || fill == KIT_ONES)
				word = fill == KIT_ZERO ? 0 : UINT64_MAX;
			memcpy(at + j, &word, sizeof(word));
		}
	}
}

static void file_read(struct kit_file *file)
{
	file->bytes = (size_t)lseek(file->fd, 0, SEEK_END);
	file->data = malloc(file->bytes + 1);
	assert_int_equal(pread(file->fd, file->data, file->bytes, 0), (ssize_t)file->bytes);
}

void kit_snapshot(const struct kit *kit, const struct pm_snapshot_request *request, struct kit_file *file)
{
	static const struct pm_snapshot_request plain = {0};
	struct pm_error err = {0};

	*file = (struct kit_file){.fd = memfd_create("snapshot", MFD_CLOEXEC)};
	if (pm_snapshot_write(&kit->pool, request ? request : &plain, file->fd, NULL, &file->result, &err))
		fail_msg("%s", err.message);
	file_read(file);
}

void kit_expectation(const struct kit *kit, bool content, struct kit_file *file)
{
	struct json_object *facts = json_tokener_parse("{\"id\":\"e\"}");
	struct pm_error err = {0};

	*file = (struct kit_file){.fd = memfd_create("expectation", MFD_CLOEXEC)};
	if (pm_expectation_write(&kit->pool, facts, content, file->fd, NULL, &file->result, &err))
		fail_msg("%s", err.message);
	json_object_put(facts);
	file_read(file);
}

void kit_file_of(const uint8_t *data, size_t bytes, struct kit_file *file)
{
	*file = (struct kit_file){.fd = memfd_create("copy", MFD_CLOEXEC)};
	assert_int_equal(write(file->fd, data, bytes), (ssize_t)bytes);
	file_read(file);
}

void kit_file_put(struct kit_file *file)
{
	assert_int_equal(pwrite(file->fd, file->data, file->bytes, 0), (ssize_t)file->bytes);
	assert_int_equal(ftruncate(file->fd, (off_t)file->bytes), 0);
}

void kit_file_close(struct kit_file *file)
{
	close(file->fd);
	free(file->data);
}

enum pm_code kit_verify(const struct kit_file *file, struct pm_snapshot *parent, struct pm_snapshot_result *result)
{
	struct pm_snapshot_result ignored;

	assert_int_equal(lseek(file->fd, 0, SEEK_SET), 0);
	return pm_snapshot_verify(file->fd, parent, NULL, result ? result : &ignored, NULL, NULL);
}

struct pm_snapshot *kit_image(const struct kit_file *file)
{
	struct pm_snapshot *snapshot;
	struct pm_error err = {0};

	if (pm_snapshot_open(file->fd, &snapshot, &err))
		fail_msg("%s", err.message);
	return snapshot;
}

static unsigned chunk_find(const struct kit_file *file, uint32_t type, unsigned n, size_t *offset)
{
	unsigned found = 0;
	struct pm_chunk chunk;

	for (size_t at = sizeof(struct pm_file_header); at + sizeof(chunk) <= file->bytes;
	     at += sizeof(chunk) + (size_t)chunk.stored) {
		memcpy(&chunk, file->data + at, sizeof(chunk));
		if (chunk.type == type && found++ == n)
			*offset = at;
	}
	return found;
}

size_t kit_chunk(const struct kit_file *file, uint32_t type, unsigned n)
{
	size_t offset = 0;

	assert_true(chunk_find(file, type, n, &offset) > n);
	return offset;
}

unsigned kit_chunks(const struct kit_file *file, uint32_t type)
{
	size_t offset;

	return chunk_find(file, type, UINT32_MAX, &offset);
}

void kit_mend(struct kit_file *file, size_t offset)
{
	struct pm_chunk chunk;

	memcpy(&chunk, file->data + offset, sizeof(chunk));
	chunk.payload_crc = pm_crc32c(0, file->data + offset + sizeof(chunk), (size_t)chunk.stored);
	chunk.crc = pm_chunk_crc(&chunk, offset);
	memcpy(file->data + offset, &chunk, sizeof(chunk));
}

static uint64_t window_read(const struct kit *kit, const struct pm_window *window, bool has_bytes)
{
	uint8_t digest[PM_DIGEST_BYTES];
	struct pm_syndrome syndrome;
	uint64_t pages = 0;

	for (unsigned i = 0; i < PM_WINDOW_PAGES; i++) {
		const uint8_t *page;

		if (window->held[i] == PM_HELD_NOT) {
			assert_null(window->bytes[i]);
			continue;
		}
		pages++;
		page = kit_page(kit, window->first + i);
		if (window->held[i] == PM_HELD_ZERO) {
			assert_true(pm_page_zero(page));
			assert_true(pm_page_zero(window->bytes[i]));
			assert_memory_equal(window->digests[i], pm_zero_digest, PM_DIGEST_BYTES);
			continue;
		}
		pm_page_digest(page, digest);
		assert_memory_equal(window->digests[i], digest, sizeof(digest));
		if (window->held[i] == PM_HELD_DIGEST) {
			pm_page_syndrome(page, &syndrome);
			assert_memory_equal(&window->syndromes[i], &syndrome, sizeof(syndrome));
			assert_null(window->bytes[i]);
			assert_false(has_bytes);
		} else {
			assert_memory_equal(window->bytes[i], page, PM_PAGE_SIZE);
		}
	}
	return pages;
}

void kit_read(const struct kit *kit, struct pm_snapshot *snapshot, struct kit_read *read)
{
	struct pm_window *window = pm_window_new();

	*read = (struct kit_read){0};
	for (uint64_t at = 0; pm_snapshot_next_window(snapshot, &at); at++) {
		enum pm_code code = pm_snapshot_window(snapshot, at, true, window, NULL);

		assert_int_equal(window->first, at * PM_WINDOW_PAGES);
		if (code) {
			read->code = code;
			read->lost_windows++;
		}
		read->pages += window_read(kit, window, pm_snapshot_has_bytes(snapshot));
	}
	pm_window_free(window);
}
