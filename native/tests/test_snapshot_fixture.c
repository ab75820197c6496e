// SPDX-License-Identifier: GPL-2.0-or-later
#include "test_snapshot_fixture.h"
#include "host/heap.h"
#include "host/simulated.h"
#include "host/uuid.h"
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

const struct pm_act lab_act = {.time_ns = 1700000000000000000, .boot_id = {1, 2, 3}, .actor = "test"};

#define assert_ok(call, err)                                                     \
	do {                                                                     \
		if ((call) != PM_OK)                                             \
			fail_msg("%s: %d %s", #call, (err).code, (err).message); \
	} while (0)

static struct pm_run take_in(struct lab *lab, const char *name, uint64_t pages, int32_t region)
{
	struct pm_alloc_request request = {
		.pages = pages,
		.name = name,
		.owner = "owner",
		.purpose = "a test",
		.placement = PM_PLACE_REGION,
		.node = region,
	};
	struct pm_run run;

	assert_int_equal(pm_pool_begin(&lab->pool, false, &lab_act), PM_OK);
	assert_int_equal(pm_alloc(&lab->pool, &request, &lab_act, &run), PM_OK);
	pm_pool_end(&lab->pool);
	return run;
}

static struct pm_run take(struct lab *lab, const char *name, uint64_t pages)
{
	return take_in(lab, name, pages, 0);
}

void lab_take(struct lab *lab, uint64_t number)
{
	char name[32];

	snprintf(name, sizeof(name), "number %llu", (unsigned long long)number);
	take(lab, name, 1);
}

void lab_free(struct lab *lab, uint64_t page)
{
	struct pm_run freed;

	assert_int_equal(pm_pool_begin(&lab->pool, false, &lab_act), PM_OK);
	assert_int_equal(pm_free(&lab->pool, page, 0, &freed), PM_OK);
	assert_true(pm_log_append(&lab->pool, PM_VERB_FREE, freed.page, freed.pages, "", &lab_act) > 0);
	pm_pool_end(&lab->pool);
}

void lab_resize(struct lab *lab, uint64_t page, uint64_t pages)
{
	char detail[48];
	uint64_t in_the_way;
	struct pm_run run;

	assert_int_equal(pm_pool_begin(&lab->pool, false, &lab_act), PM_OK);
	assert_int_equal(pm_run_at(&lab->pool, page, &run), PM_OK);
	snprintf(detail, sizeof(detail), "from %llu page%s", (unsigned long long)run.pages, run.pages == 1 ? "" : "s");
	assert_int_equal(pm_resize(&lab->pool, page, pages, &lab_act, &run, &in_the_way), PM_OK);
	assert_true(pm_log_append(&lab->pool, PM_VERB_RESIZE, page, pages, detail, &lab_act) > 0);
	pm_pool_end(&lab->pool);
}

uint8_t *lab_page(struct lab *lab, uint64_t page)
{
	return pm_page_bytes(&lab->pool, page);
}

static void write_text(struct lab *lab, const struct pm_run *run)
{
	for (uint64_t i = 0; i < run->pages * PM_PAGE_SIZE; i++)
		lab_page(lab, run->page)[i] = (uint8_t) "content of alpha. "[i % 18];
}

static void fill(struct lab *lab)
{
	struct pm_run gap;

	lab->alpha = take(lab, "alpha", 3);
	gap = take(lab, "gap", 1);
	lab->beta = take(lab, "beta", 300);
	lab->nobody = take(lab, NULL, 2);
	lab_free(lab, gap.page);
	write_text(lab, &lab->alpha);
	for (uint64_t i = 1; i < 300; i += 2)
		for (uint64_t j = 0; j < PM_PAGE_SIZE; j++)
			lab_page(lab, lab->beta.page + i)[j] = (uint8_t)(i * 7 + j * j % 251);
	memset(lab_page(lab, lab->nobody.page), 0xff, 2 * PM_PAGE_SIZE);
}

static void open_region(struct lab *lab, const char *id, struct pm_region *region)
{
	struct pm_error err = {0};

	assert_ok(pm_region_open(&lab->host, id, 0, 0, true, region, &err), err);
}

void lab_attach(struct lab *lab)
{
	struct pm_mapping mappings[2];

	open_region(lab, "mem:0x100000000", &lab->region);
	mappings[0] = (struct pm_mapping){lab->region.map, LAB_BYTES, LAB_BASE, false};
	if (lab->extended) {
		open_region(lab, "mem:0x101000000", &lab->other);
		mappings[1] = (struct pm_mapping){lab->other.map, LAB_BYTES, LAB_OTHER, false};
	}
	assert_int_equal(pm_pool_attach(&lab->pool, mappings, lab->extended ? 2 : 1, 0, &pm_heap, &lab_act), PM_OK);
	assert_false(lab->pool.read_only);
}

void lab_detach(struct lab *lab)
{
	if (!lab->region.map)
		return;
	pm_pool_detach(&lab->pool);
	pm_region_close(&lab->region);
	if (lab->other.map)
		pm_region_close(&lab->other);
}

void lab_open(struct lab *lab)
{
	struct pm_pool_request request = {
		.pool_uuid = {0x10, 0x20},
		.region_uuid = {0x30},
		.name = "lab",
		.physical_base = LAB_BASE,
		.medium = PM_MEDIUM_FILE,
		.numa_node = -1,
	};
	struct pm_error err = {0};

	memset(lab, 0, sizeof(*lab));
	snprintf(lab->folder, sizeof(lab->folder), "/tmp/pmpool-test-XXXXXX");
	assert_non_null(mkdtemp(lab->folder));
	assert_ok(pm_host_open(&lab->host, lab->folder, LAB_BYTES, &err), err);
	lab->file = memfd_create("container", MFD_CLOEXEC);
	assert_true(lab->file >= 0);
	open_region(lab, "mem:0x100000000", &lab->region);
	assert_int_equal(pm_pool_format(lab->region.map, lab->region.bytes, &request, &lab_act), PM_OK);
	pm_region_close(&lab->region);
	lab_attach(lab);
	fill(lab);
}

void lab_extend(struct lab *lab)
{
	struct pm_pool_request request = {.region_uuid = {0x31}, .medium = PM_MEDIUM_FILE, .numa_node = -1};
	struct pm_mapping mapping;

	assert_int_equal(ftruncate(lab->region.fd, (off_t)(LAB_OTHER + LAB_BYTES)), 0);
	lab_boot(lab, LAB_MEMMAP " " LAB_OTHER_MEMMAP, false);
	lab_attach(lab);
	open_region(lab, "mem:0x101000000", &lab->other);
	mapping = (struct pm_mapping){lab->other.map, LAB_BYTES, LAB_OTHER, false};
	assert_int_equal(pm_pool_begin(&lab->pool, false, &lab_act), PM_OK);
	assert_int_equal(pm_pool_extend(&lab->pool, &mapping, &request, &lab_act), PM_OK);
	pm_pool_end(&lab->pool);
	lab->extended = true;
	lab->gamma = take_in(lab, "gamma", 5, 1);
	write_text(lab, &lab->gamma);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status, (void)type, (void)where;
	return remove(path);
}

void lab_close(struct lab *lab)
{
	lab_detach(lab);
	close(lab->file);
	nftw(lab->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void lab_rewind(struct lab *lab)
{
	assert_int_equal(lseek(lab->file, 0, SEEK_SET), 0);
}

struct json_object *lab_facts(struct lab *lab)
{
	struct json_object *facts = json_object_new_object();
	char boot[PM_UUID_TEXT], cmdline[1024];
	uint8_t boot_id[16];
	struct pm_error err = {0};

	assert_ok(pm_host_boot_id(&lab->host, boot_id, &err), err);
	assert_ok(pm_host_read(&lab->host, "/proc/cmdline", cmdline, sizeof(cmdline), &err), err);
	pm_uuid_format(boot_id, boot);
	json_object_object_add(facts, "id", json_object_new_string("expectation-1"));
	json_object_object_add(facts, "nonce", json_object_new_string(LAB_NONCE));
	json_object_object_add(facts, "bootId", json_object_new_string(boot));
	json_object_object_add(facts, "kernel", json_object_new_string("6.1.0-before"));
	json_object_object_add(facts, "cmdline", json_object_new_string(cmdline));
	return facts;
}

uint64_t lab_expect_with(struct lab *lab, struct json_object *object, bool content)
{
	struct pm_snapshot_result result;
	struct pm_error err = {0};

	assert_int_equal(ftruncate(lab->file, 0), 0);
	lab_rewind(lab);
	assert_ok(pm_expectation_write(&lab->pool, object, content, lab->file, NULL, &result, &err), err);
	json_object_put(object);
	return result.pages;
}

void lab_expect(struct lab *lab)
{
	assert_int_equal(lab_expect_with(lab, lab_facts(lab), false),
			 LAB_PAGES + (lab->extended ? lab->gamma.pages : 0));
}

void lab_boot(struct lab *lab, const char *options, bool nonce)
{
	struct pm_error err = {0};
	char cmdline[512];

	lab_detach(lab);
	snprintf(cmdline, sizeof(cmdline), "root=/dev/sda1 %s%s", options, nonce ? " pmpool.nonce=" LAB_NONCE : "");
	assert_ok(pm_host_simulate_boot(&lab->host, cmdline, &err), err);
}

struct json_object *lab_verdict(struct lab *lab)
{
	struct json_object *verdict = NULL;
	struct pm_error err = {0};

	lab_rewind(lab);
	assert_ok(pm_verdict_reach(&lab->host, lab->file, NULL, &verdict, &err), err);
	assert_non_null(verdict);
	return verdict;
}

void lab_put(struct lab *lab, const char *path, const char *text)
{
	char full[256];
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", lab->folder, path);
	file = fopen(full, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

struct json_object *lab_get(struct json_object *object, const char *path)
{
	char parts[128], *rest = parts, *part;

	snprintf(parts, sizeof(parts), "%s", path);
	while ((part = strsep(&rest, ".")) != NULL) {
		if (json_object_is_type(object, json_type_array))
			object = json_object_array_get_idx(object, (size_t)atoi(part));
		else if (!json_object_object_get_ex(object, part, &object))
			fail_msg("no member %s in %s", part, path);
	}
	return object;
}

const char *lab_text(struct json_object *object, const char *path)
{
	return json_object_get_string(lab_get(object, path));
}

int64_t lab_number(struct json_object *object, const char *path)
{
	return json_object_get_int64(lab_get(object, path));
}

static const char *of_check(struct json_object *object, const char *id, const char *member)
{
	struct json_object *checks = lab_get(object, "checks");

	for (size_t i = 0; i < json_object_array_length(checks); i++) {
		struct json_object *check = json_object_array_get_idx(checks, i);

		if (strcmp(lab_text(check, "id"), id) == 0)
			return lab_text(check, member);
	}
	return NULL;
}

const char *lab_level(struct json_object *object, const char *id)
{
	return of_check(object, id, "level");
}

const char *lab_detail(struct json_object *object, const char *id)
{
	return of_check(object, id, "detail");
}

struct json_object *lab_record(struct json_object *verdict, const char *name)
{
	struct json_object *records = lab_get(verdict, "records");

	for (size_t i = 0; i < json_object_array_length(records); i++)
		if (strcmp(lab_text(json_object_array_get_idx(records, i), "name"), name) == 0)
			return json_object_array_get_idx(records, i);
	fail_msg("no record %s", name);
	return NULL;
}
