// SPDX-License-Identifier: GPL-2.0-or-later
/* Images and cores that are damaged, cut off or something else: an error that says so, or what can be read. */
#include "sanitized.h"
#include "test_snapshot_fixture.h"
#include "host/heap.h"
#include "snapshot/elf_core.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct hostile {
	struct lab lab;
	int raw, core;
	uint64_t core_bytes;
};

static enum pm_code import_from(int fd, uint64_t base, struct pm_error *err)
{
	struct pm_snapshot_result result;
	int to = memfd_create("to", MFD_CLOEXEC);
	enum pm_code code = pm_import(fd, base, false, NULL, to, NULL, &result, err);

	close(to);
	return code;
}

static int setup(void **state)
{
	struct hostile *hostile = calloc(1, sizeof(*hostile));
	struct pm_snapshot_request request = {.host = NULL};
	struct pm_snapshot_result result;
	struct pm_snapshot *snapshot = NULL;

	lab_open(&hostile->lab);
	assert_int_equal(pm_snapshot_write(&hostile->lab.pool, &request, hostile->lab.file, NULL, &result, NULL),
			 PM_OK);
	assert_int_equal(pm_snapshot_open(hostile->lab.file, &snapshot, NULL), PM_OK);
	hostile->raw = memfd_create("raw", MFD_CLOEXEC);
	hostile->core = memfd_create("core", MFD_CLOEXEC);
	assert_int_equal(pm_export_raw(snapshot, hostile->raw, NULL, NULL), PM_OK);
	assert_int_equal(pm_export_elf(snapshot, hostile->core, NULL, NULL), PM_OK);
	pm_snapshot_close(snapshot);
	hostile->core_bytes = (uint64_t)lseek(hostile->core, 0, SEEK_END);
	*state = hostile;
	return 0;
}

static int teardown(void **state)
{
	struct hostile *hostile = *state;

	close(hostile->raw);
	close(hostile->core);
	lab_close(&hostile->lab);
	free(hostile);
	return 0;
}

static void put(int fd, uint64_t offset, const void *data, size_t bytes)
{
	assert_int_equal(pwrite(fd, data, bytes, (off_t)offset), (ssize_t)bytes);
}

/* One member of the core's headers changed, then put back. */
static void test_headers(void **state)
{
#define EHDR(member, number) offsetof(Elf64_Ehdr, member), sizeof(((Elf64_Ehdr *)0)->member), number
#define LOAD(member, number)                                                                                       \
	sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) + offsetof(Elf64_Phdr, member), sizeof(((Elf64_Phdr *)0)->member), \
		number
	static const struct {
		const char *what;
		uint64_t offset;
		size_t bytes;
		uint64_t value;
		enum pm_code code;
	} cases[] = {
		{"32 bits", EI_CLASS, 1, ELFCLASS32, PM_E_FILE_FOREIGN},
		{"big-endian", EI_DATA, 1, ELFDATA2MSB, PM_E_FILE_FOREIGN},
		{"a program", EHDR(e_type, ET_EXEC), PM_E_FILE_FOREIGN},
		{"no headers", EHDR(e_phnum, 0), PM_E_FILE_FOREIGN},
		{"headers of another size", EHDR(e_phentsize, 32), PM_E_FILE_FOREIGN},
		{"headers elsewhere", EHDR(e_phoff, UINT64_MAX), PM_E_FILE_TRUNCATED},
		{"as many headers as a section says", EHDR(e_phnum, PN_XNUM), PM_E_FILE_FOREIGN},
		{"a segment behind the end", LOAD(p_offset, UINT64_C(1) << 40), PM_E_FILE_TRUNCATED},
		{"a segment longer than the file", LOAD(p_filesz, UINT64_C(1) << 40), PM_E_FILE_TRUNCATED},
		{"a segment behind the last address", LOAD(p_paddr, UINT64_MAX - 4095), PM_E_FILE_FOREIGN},
		{"a segment over another", LOAD(p_paddr, LAB_BASE + LAB_BYTES - 4096), PM_E_FILE_FOREIGN},
		{"a segment of nothing", LOAD(p_type, PT_NULL), PM_E_FILE_FOREIGN},
		{"a pool at another address", LOAD(p_paddr, UINT64_C(0x10000)), PM_E_FILE_FOREIGN},
	};
	struct hostile *hostile = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_error err = {0};
		uint64_t before = 0, value = cases[i].value;
		enum pm_code code;

		assert_true(pread(hostile->core, &before, cases[i].bytes, (off_t)cases[i].offset) > 0);
		if (strncmp(cases[i].what, "a segment longer", 16) == 0) /* memory counts where it is less */
			put(hostile->core, cases[i].offset + 8, &value, 8);
		put(hostile->core, cases[i].offset, &value, cases[i].bytes);
		code = import_from(hostile->core, UINT64_MAX, &err);
		if (code != cases[i].code)
			fail_msg("%s: %d %s", cases[i].what, code, err.message);
		put(hostile->core, cases[i].offset, &before, cases[i].bytes);
		if (strncmp(cases[i].what, "a segment longer", 16) == 0)
			put(hostile->core, cases[i].offset + 8, &before, 8);
	}
	assert_int_equal(import_from(hostile->core, UINT64_MAX, NULL), PM_OK);
}

/* Cut off anywhere in its headers, and at some places behind: never more than an error. */
static void test_cut_off(void **state)
{
	struct hostile *hostile = *state;

	for (uint64_t bytes = hostile->core_bytes - 1; bytes > 0;
	     bytes = bytes > 8192 ? bytes / 2 : bytes - (bytes > 512 ? ROUNDS(1, 7) : 1)) {
		assert_int_equal(ftruncate(hostile->core, (off_t)bytes), 0);
		assert_int_not_equal(import_from(hostile->core, UINT64_MAX, NULL), PM_OK);
	}
}

/* An image that is cut off anywhere is refused, with the length it should have; without a superblock it is no pool. */
static void test_image_cut_off(void **state)
{
	static const uint64_t lengths[] = {LAB_BYTES - 1, LAB_BYTES - PM_PAGE_SIZE, LAB_BYTES / 2, LAB_BYTES / 4 + 100,
					   PM_PAGE_SIZE};
	struct hostile *hostile = *state;

	assert_int_equal(import_from(hostile->raw, UINT64_MAX, NULL), PM_OK);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct pm_error err = {0};

		assert_int_equal(ftruncate(hostile->raw, (off_t)lengths[i]), 0);
		assert_int_equal(import_from(hostile->raw, UINT64_MAX, &err), PM_E_FILE_TRUNCATED);
		assert_non_null(strstr(err.message, "4194304"));
	}
	for (uint64_t bytes = PM_PAGE_SIZE - 1; bytes > 0; bytes /= 2) {
		assert_int_equal(ftruncate(hostile->raw, (off_t)bytes), 0);
		assert_int_equal(import_from(hostile->raw, UINT64_MAX, NULL), PM_E_FILE_FOREIGN);
	}
}

/* Segments whose first address lies in the range are none any more. */
static void core_without(int core, uint64_t from, uint64_t end)
{
	Elf64_Ehdr header;

	assert_int_equal(pread(core, &header, sizeof(header), 0), (ssize_t)sizeof(header));
	for (unsigned i = 0; i < header.e_phnum; i++) {
		off_t at = (off_t)(header.e_phoff + i * sizeof(Elf64_Phdr));
		Elf64_Phdr segment;

		assert_int_equal(pread(core, &segment, sizeof(segment), at), (ssize_t)sizeof(segment));
		if (segment.p_type != PT_LOAD || segment.p_paddr < from || segment.p_paddr >= end)
			continue;
		segment.p_type = PT_NULL;
		put(core, (uint64_t)at, &segment, sizeof(segment));
	}
}

static void exported_again(struct hostile *hostile)
{
	struct pm_snapshot_request request = {.host = NULL};
	struct pm_snapshot_result result;
	struct pm_snapshot *snapshot = NULL;

	assert_int_equal(ftruncate(hostile->lab.file, 0), 0);
	lab_rewind(&hostile->lab);
	assert_int_equal(pm_snapshot_write(&hostile->lab.pool, &request, hostile->lab.file, NULL, &result, NULL),
			 PM_OK);
	assert_int_equal(pm_snapshot_open(hostile->lab.file, &snapshot, NULL), PM_OK);
	assert_int_equal(ftruncate(hostile->raw, 0), 0);
	assert_int_equal(ftruncate(hostile->core, 0), 0);
	assert_int_equal(lseek(hostile->raw, 0, SEEK_SET), 0);
	assert_int_equal(lseek(hostile->core, 0, SEEK_SET), 0);
	assert_int_equal(pm_export_raw(snapshot, hostile->raw, NULL, NULL), PM_OK);
	assert_int_equal(pm_export_elf(snapshot, hostile->core, NULL, NULL), PM_OK);
	pm_snapshot_close(snapshot);
}

static void test_without_a_region(void **state)
{
	struct hostile *hostile = *state;
	struct pm_error err = {0};

	lab_extend(&hostile->lab);
	exported_again(hostile);
	assert_int_equal(import_from(hostile->raw, UINT64_MAX, &err), PM_OK);
	assert_int_equal(import_from(hostile->core, UINT64_MAX, &err), PM_OK);
	assert_int_equal(ftruncate(hostile->raw, (off_t)LAB_BYTES), 0); /* right behind the first */
	assert_int_equal(import_from(hostile->raw, UINT64_MAX, &err), PM_E_FILE_TRUNCATED);
	assert_non_null(strstr(err.message, "region 1"));
	core_without(hostile->core, LAB_OTHER, UINT64_MAX);
	assert_int_equal(import_from(hostile->core, UINT64_MAX, &err), PM_E_FILE_TRUNCATED);
	assert_non_null(strstr(err.message, "region 1"));
}

/* A core of a pool that missed a region already says so in its note, and comes back as what it was. */
static void test_of_a_degraded_pool(void **state)
{
	struct hostile *hostile = *state;
	struct lab *lab = &hostile->lab;
	struct pm_mapping mapping = {.bytes = LAB_BYTES, .physical_base = LAB_BASE};
	struct pm_error err = {0};

	lab_extend(lab); /* maps the region anew */
	mapping.base = lab->region.map;
	pm_pool_detach(&lab->pool);
	assert_int_equal(pm_pool_attach(&lab->pool, &mapping, 1, 0, &pm_heap, &lab_act), PM_OK);
	assert_true(lab->pool.degraded);
	exported_again(hostile);
	assert_int_equal(import_from(hostile->core, UINT64_MAX, &err), PM_OK);
	assert_int_equal(import_from(hostile->raw, UINT64_MAX, &err), PM_E_FILE_TRUNCATED); /* it cannot say */
}

static void test_without_an_allocation(void **state)
{
	struct hostile *hostile = *state;
	struct pm_error err = {0};
	uint64_t data = LAB_BASE + hostile->lab.pool.sb.data_first * PM_PAGE_SIZE;

	core_without(hostile->core, data, LAB_BASE + hostile->lab.pool.sb.data_end * PM_PAGE_SIZE);
	/* metadata and the first allocations may be one segment: cut that behind the metadata */
	{
		Elf64_Phdr segment;
		const uint64_t at = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr);

		assert_int_equal(pread(hostile->core, &segment, sizeof(segment), (off_t)at), (ssize_t)sizeof(segment));
		segment.p_filesz = segment.p_memsz = data - LAB_BASE;
		put(hostile->core, at, &segment, sizeof(segment));
	}
	assert_int_equal(import_from(hostile->core, UINT64_MAX, &err), PM_E_FILE_TRUNCATED);
	assert_non_null(strstr(err.message, "allocation"));
}

/* Any one byte of the headers and notes: an answer, whichever. */
static void test_every_byte(void **state)
{
	struct hostile *hostile = *state;

	for (uint64_t at = 0; at < 2048; at = next_byte(at, 2048, 5)) {
		uint8_t before, after;

		assert_int_equal(pread(hostile->core, &before, 1, (off_t)at), 1);
		after = (uint8_t)~before;
		put(hostile->core, at, &after, 1);
		(void)import_from(hostile->core, UINT64_MAX, NULL);
		put(hostile->core, at, &before, 1);
	}
	assert_int_equal(import_from(hostile->core, UINT64_MAX, NULL), PM_OK);
}

static void test_something_else(void **state)
{
	struct hostile *hostile = *state;
	struct pm_error err = {0};
	int fd = memfd_create("text", MFD_CLOEXEC), ends[2];

	assert_int_equal(import_from(fd, UINT64_MAX, &err), PM_E_FILE_FOREIGN);
	put(fd, 0, "nothing of the kind", 19);
	assert_int_equal(import_from(fd, UINT64_MAX, &err), PM_E_FILE_FOREIGN);
	assert_int_equal(import_from(hostile->raw, 4097, &err), PM_E_INVALID_PARAMS);
	assert_int_equal(import_from(hostile->raw, UINT64_MAX - 4095, &err), PM_E_INVALID_PARAMS);
	assert_int_equal(import_from(hostile->core, LAB_BASE, &err), PM_E_INVALID_PARAMS);
	assert_int_equal(import_from(hostile->raw, LAB_BASE + 4096, &err), PM_E_FILE_FOREIGN);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(import_from(ends[0], UINT64_MAX, &err), PM_E_UNSUPPORTED);
	close(ends[0]);
	close(ends[1]);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_headers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut_off, setup, teardown),
		cmocka_unit_test_setup_teardown(test_image_cut_off, setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_a_region, setup, teardown),
		cmocka_unit_test_setup_teardown(test_of_a_degraded_pool, setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_an_allocation, setup, teardown),
		cmocka_unit_test_setup_teardown(test_every_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(test_something_else, setup, teardown),
	};

	return cmocka_run_group_tests_name("snapshot forms, hostile", tests, NULL, NULL);
}
