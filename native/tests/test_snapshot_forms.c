// SPDX-License-Identifier: GPL-2.0-or-later
/* A snapshot as a raw image and as an ELF core, and back. */
#include "test_snapshot_fixture.h"
#include "snapshot/elf_core.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define assert_ok(call, err)                                                     \
	do {                                                                     \
		if ((call) != PM_OK)                                             \
			fail_msg("%s: %d %s", #call, (err).code, (err).message); \
	} while (0)

enum form { RAW, ELF };

static int setup(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	lab_open(lab);
	*state = lab;
	return 0;
}

static int teardown(void **state)
{
	lab_close(*state);
	free(*state);
	return 0;
}

static int new_file(void)
{
	int fd = memfd_create("form", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static struct pm_snapshot_result take(struct lab *lab, bool all)
{
	struct json_object *host = json_object_new_object();
	struct pm_snapshot_request request = {.host = host, .all = all};
	struct pm_snapshot_result result;
	struct pm_error err = {0};

	json_object_object_add(host, "bootId", json_object_new_string("12345678-1234-4234-8234-123456789abc"));
	assert_int_equal(ftruncate(lab->file, 0), 0);
	lab_rewind(lab);
	assert_ok(pm_snapshot_write(&lab->pool, &request, lab->file, NULL, &result, &err), err);
	json_object_put(host);
	return result;
}

static struct pm_snapshot *open_file(int fd)
{
	struct pm_snapshot *snapshot = NULL;
	struct pm_error err = {0};

	assert_ok(pm_snapshot_open(fd, &snapshot, &err), err);
	return snapshot;
}

static enum pm_code export_to(struct pm_snapshot *snapshot, enum form form, int fd, struct pm_error *err)
{
	return form == RAW ? pm_export_raw(snapshot, fd, NULL, err) : pm_export_elf(snapshot, fd, NULL, err);
}

static int exported(struct lab *lab, enum form form)
{
	struct pm_snapshot *snapshot = open_file(lab->file);
	struct pm_error err = {0};
	int fd = new_file();

	assert_ok(export_to(snapshot, form, fd, &err), err);
	pm_snapshot_close(snapshot);
	return fd;
}

static uint64_t size_of(int fd)
{
	struct stat status;

	assert_int_equal(fstat(fd, &status), 0);
	return (uint64_t)status.st_size;
}

static uint8_t *mapped(int fd)
{
	uint8_t *bytes = mmap(NULL, size_of(fd), PROT_READ, MAP_SHARED, fd, 0);

	assert_ptr_not_equal(bytes, MAP_FAILED);
	return bytes;
}

/* What a snapshot of allocated pages holds: those, and metadata. */
static bool held(const struct lab *lab, uint64_t page)
{
	const struct pm_superblock *sb = &lab->pool.sb;

	return page < sb->data_first || page >= sb->data_end || pm_page_state_get(&lab->pool, page) % 2 == 1;
}

static void test_raw_is_the_region(void **state)
{
	static const uint8_t zeros[PM_PAGE_SIZE];
	struct lab *lab = *state;
	struct stat status;
	uint8_t *image;
	int fd;

	take(lab, false);
	fd = exported(lab, RAW);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_size, LAB_BYTES);
	assert_true((uint64_t)status.st_blocks * 512 < LAB_BYTES / 2); /* half of beta and all that is free are holes */
	image = mapped(fd);
	for (uint64_t page = 0; page < LAB_BYTES / PM_PAGE_SIZE; page++)
		assert_memory_equal(image + page * PM_PAGE_SIZE, held(lab, page) ? lab_page(lab, page) : zeros,
				    PM_PAGE_SIZE);
	munmap(image, LAB_BYTES);
	close(fd);
}

static void test_all_of_the_region(void **state)
{
	struct lab *lab = *state;
	uint8_t *image;
	int fd;

	memset(lab_page(lab, 900), 0x5a, PM_PAGE_SIZE); /* free */
	take(lab, true);
	fd = exported(lab, RAW);
	image = mapped(fd);
	assert_memory_equal(image, lab->region.map, LAB_BYTES);
	munmap(image, LAB_BYTES);
	close(fd);
}

/* A child exports into a pipe; what comes out is what a file gets. */
static void test_pipe_gets_the_same_bytes(void **state)
{
	struct lab *lab = *state;

	take(lab, false);
	for (enum form form = RAW; form <= ELF; form++) {
		int fd = exported(lab, form), ends[2], status;
		uint64_t bytes = size_of(fd), at = 0;
		uint8_t *expected = mapped(fd), *got = malloc(bytes + 1);
		ssize_t more;
		pid_t child;

		assert_int_equal(pipe(ends), 0);
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			struct pm_snapshot *snapshot = NULL;

			close(ends[0]);
			_exit(pm_snapshot_open(lab->file, &snapshot, NULL) != PM_OK ||
			      export_to(snapshot, form, ends[1], NULL) != PM_OK);
		}
		close(ends[1]);
		while ((more = read(ends[0], got + at, bytes + 1 - at)) > 0)
			at += (uint64_t)more;
		close(ends[0]);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
		assert_int_equal(at, bytes);
		assert_memory_equal(got, expected, bytes);
		munmap(expected, bytes);
		free(got);
		close(fd);
	}
}

static struct pm_snapshot_result imported(int from, uint64_t base, bool all, int to)
{
	struct pm_snapshot_result result;
	struct pm_error err = {0};

	assert_ok(pm_import(from, base, all, NULL, to, NULL, &result, &err), err);
	return result;
}

static void test_round_trip(void **state)
{
	struct lab *lab = *state;

	for (int all = 0; all < 2; all++) {
		struct pm_snapshot_result before;

		memset(lab_page(lab, 900), all ? 0x5a : 0, PM_PAGE_SIZE);
		before = take(lab, all);
		for (enum form form = RAW; form <= ELF; form++) {
			/* a core says by itself that free pages are in it, an image cannot */
			int fd = exported(lab, form), again = new_file();
			struct pm_snapshot_result after = imported(fd, UINT64_MAX, all && form == RAW, again);
			struct pm_snapshot *snapshot = open_file(again);
			struct pm_error err = {0};
			const struct pm_pool *pool;
			uint64_t page;

			assert_int_equal(after.pages, before.pages);
			assert_memory_equal(after.digest, before.digest, sizeof(after.digest));
			assert_ok(pm_snapshot_pool(snapshot, &pool, &err), err);
			assert_string_equal(pool->sb.pool_name, "lab");
			assert_non_null(pm_record_find(pool, "beta", &page));
			assert_int_equal(page, lab->beta.page);
			if (form == ELF) /* its note knows the host */
				assert_string_equal(lab_text(pm_snapshot_meta(snapshot), "host.bootId"),
						    "12345678-1234-4234-8234-123456789abc");
			pm_snapshot_close(snapshot);
			close(again);
			close(fd);
		}
	}
}

static void test_image_with_more_around(void **state)
{
	struct lab *lab = *state;
	struct pm_snapshot_result before = take(lab, false), after;
	int fd = exported(lab, RAW), wide = new_file(), again = new_file();
	uint8_t *image = mapped(fd);

	/* as a dump of more memory: a megabyte of something else before it, and behind it */
	assert_int_equal(ftruncate(wide, LAB_BYTES + (2 << 20)), 0);
	assert_int_equal(pwrite(wide, "noise", 5, 4095), 5);
	assert_int_equal(pwrite(wide, image, LAB_BYTES, 1 << 20), LAB_BYTES);
	after = imported(wide, UINT64_MAX, false, again);
	assert_memory_equal(after.digest, before.digest, sizeof(after.digest));
	after = imported(wide, LAB_BASE - (1 << 20), false, again);
	assert_memory_equal(after.digest, before.digest, sizeof(after.digest));
	munmap(image, LAB_BYTES);
	close(fd);
	close(wide);
	close(again);
}

static void test_two_regions(void **state)
{
	struct lab *lab = *state;

	lab_extend(lab);
	for (enum form form = RAW; form <= ELF; form++) {
		struct pm_snapshot_result before = take(lab, false), after;
		int fd = exported(lab, form), again = new_file();
		uint8_t *image = mapped(fd);

		if (form == RAW) {
			assert_int_equal(size_of(fd), LAB_OTHER + LAB_BYTES - LAB_BASE);
			assert_memory_equal(image + (LAB_OTHER - LAB_BASE), lab->other.map, PM_PAGE_SIZE);
		}
		after = imported(fd, UINT64_MAX, false, again);
		assert_int_equal(after.pages, before.pages);
		assert_memory_equal(after.digest, before.digest, sizeof(after.digest));
		munmap(image, size_of(fd));
		close(again);
		close(fd);
	}
}

static void test_core_says_what_it_is(void **state)
{
	struct lab *lab = *state;
	const Elf64_Ehdr *header;
	const Elf64_Phdr *segments;
	uint64_t pages = 0;
	uint8_t *core;
	int fd;

	take(lab, false);
	fd = exported(lab, ELF);
	core = mapped(fd);
	header = (const void *)core;
	segments = (const void *)(core + header->e_phoff);
	assert_memory_equal(header->e_ident, ELFMAG, SELFMAG);
	assert_int_equal(header->e_type, ET_CORE);
	assert_int_equal(header->e_machine, PM_ELF_MACHINE);
	assert_int_equal(segments[0].p_type, PT_NOTE);
	for (unsigned i = 1; i < header->e_phnum; i++) {
		uint64_t first = (segments[i].p_paddr - LAB_BASE) / PM_PAGE_SIZE;

		assert_int_equal(segments[i].p_type, PT_LOAD);
		assert_int_equal(segments[i].p_vaddr, segments[i].p_paddr);
		assert_int_equal(segments[i].p_offset % PM_PAGE_SIZE, 0);
		assert_int_equal(segments[i].p_filesz, segments[i].p_memsz);
		for (uint64_t page = first; page < first + segments[i].p_memsz / PM_PAGE_SIZE; page++, pages++) {
			assert_true(held(lab, page));
			assert_memory_equal(core + segments[i].p_offset + (page - first) * PM_PAGE_SIZE,
					    lab_page(lab, page), PM_PAGE_SIZE);
		}
	}
	for (uint64_t page = 0; page < LAB_BYTES / PM_PAGE_SIZE; page++)
		pages -= held(lab, page);
	assert_int_equal(pages, 0);
	munmap(core, size_of(fd));
	close(fd);
}

/* The first lines of what a program says of the core. */
static char *said(int core, const char *program, const char *const *words)
{
	char path[64], *text = calloc(1, 1 << 16);
	const char *arguments[8] = {program};
	int ends[2], status;
	size_t count = 1, at = 0;
	ssize_t more;
	pid_t child;

	snprintf(path, sizeof(path), "/proc/%ld/fd/%d", (long)getpid(), core);
	for (; *words; words++)
		arguments[count++] = strcmp(*words, "CORE") == 0 ? path : *words;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		setenv("HOME", "/nonexistent", 1); /* nobody's .gdbinit */
		execvp(program, (char **)(uintptr_t)arguments);
		_exit(127);
	}
	close(ends[1]);
	while ((more = read(ends[0], text + at, (1 << 16) - 1 - at)) > 0)
		at += (size_t)more;
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		print_message("%s is not installed\n", program);
		free(text);
		return NULL;
	}
	return text;
}

static void test_readelf_reads_it(void **state)
{
	static const char *const words[] = {"-lnW", "CORE", NULL};
	struct lab *lab = *state;
	char *text;
	int fd;

	take(lab, false);
	fd = exported(lab, ELF);
	text = said(fd, "readelf", words);
	close(fd);
	if (!text)
		skip();
	assert_non_null(strstr(text, "Elf file type is CORE"));
	assert_non_null(strstr(text, "0x0000000100000000 0x0000000100000000"));
	assert_non_null(strstr(text, "PMPOOL"));
	assert_null(strstr(text, "Warning"));
	assert_null(strstr(text, "Error"));
	free(text);
}

static void test_gdb_reads_it(void **state)
{
	struct lab *lab = *state;
	char command[64], expected[64], *text;
	const char *const words[] = {"-nx", "-batch", "-ex", command, "-c", "CORE", NULL};
	uint64_t address = pm_page_address(&lab->pool, lab->beta.page + 1) + 24, word;
	int fd;

	memcpy(&word, lab_page(lab, lab->beta.page + 1) + 24, sizeof(word));
	snprintf(command, sizeof(command), "x/1gx 0x%llx", (unsigned long long)address);
	snprintf(expected, sizeof(expected), "0x%llx:\t0x%016llx", (unsigned long long)address,
		 (unsigned long long)word);
	take(lab, false);
	fd = exported(lab, ELF);
	text = said(fd, "gdb", words);
	close(fd);
	if (!text)
		skip();
	if (!strstr(text, expected))
		fail_msg("no %s in\n%s", expected, text);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_raw_is_the_region, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_of_the_region, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pipe_gets_the_same_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_image_with_more_around, setup, teardown),
		cmocka_unit_test_setup_teardown(test_two_regions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_core_says_what_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(test_readelf_reads_it, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gdb_reads_it, setup, teardown),
	};

	return cmocka_run_group_tests_name("snapshot forms", tests, NULL, NULL);
}
