// SPDX-License-Identifier: GPL-2.0-or-later
/* Snapshot files: what goes in comes out, and nothing else passes for one. */
#include "test_snapshot_fixture.h"
#include "snapshot/container.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct pm_snapshot_request plain = {0};

static int setup(void **state)
{
	struct lab *lab = malloc(sizeof(*lab));

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

static struct pm_snapshot_result write_to(struct lab *lab, int fd)
{
	struct json_object *host = json_tokener_parse("{\"hostname\":\"unit\"}");
	struct pm_snapshot_result result;
	struct pm_error err = {0};

	if (pm_snapshot_write(&lab->pool, &(struct pm_snapshot_request){.host = host}, fd, NULL, &result, &err))
		fail_msg("%s", err.message);
	json_object_put(host);
	return result;
}

static enum pm_code verify(int fd, struct pm_snapshot_result *result)
{
	return pm_snapshot_verify(fd, NULL, NULL, result, NULL, NULL);
}

static void verifies_what_was_written(void **state)
{
	struct lab *lab = *state;
	struct pm_snapshot_result written = write_to(lab, lab->file), read, listed;
	struct json_object *description = NULL;
	struct pm_error err = {0};

	lab_rewind(lab);
	assert_int_equal(pm_snapshot_verify(lab->file, NULL, NULL, &read, &description, &err), PM_OK);
	assert_memory_equal(&written, &read, sizeof(read));
	assert_int_equal(read.pages, 305);
	assert_int_equal(read.zero_pages, 150);
	assert_string_equal(lab_text(description, "kind"), "snapshot");
	assert_string_equal(lab_text(description, "pool.name"), "lab");
	assert_string_equal(lab_text(description, "pool.uuid"), "10200000-0000-0000-0000-000000000000");
	assert_int_equal(lab_number(description, "pool.size"), LAB_BYTES);
	assert_int_equal(lab_number(description, "pool.pages"), LAB_BYTES / PM_PAGE_SIZE);
	assert_int_equal(json_object_array_length(lab_get(description, "pool.regions")), 1);
	assert_string_equal(lab_text(description, "host.hostname"), "unit");
	json_object_put(description);
	assert_int_equal(pm_snapshot_summary(lab->file, &listed, NULL, &err), PM_OK);
	assert_memory_equal(&written, &listed, sizeof(listed));
}

static void holds_every_region(void **state)
{
	struct lab *lab = *state;
	struct pm_snapshot_result written, read;
	struct json_object *description = NULL;

	lab_extend(lab);
	written = write_to(lab, lab->file);
	lab_rewind(lab);
	assert_int_equal(pm_snapshot_verify(lab->file, NULL, NULL, &read, &description, NULL), PM_OK);
	assert_memory_equal(&written, &read, sizeof(read));
	assert_int_equal(read.pages, LAB_PAGES + 5);
	assert_int_equal(lab_number(description, "pool.pages"), 2 * (LAB_BYTES / PM_PAGE_SIZE));
	assert_int_equal(lab_number(description, "pool.regions.1.base"), LAB_OTHER);
	assert_int_equal(lab_number(description, "pool.regions.1.firstPage"), LAB_BYTES / PM_PAGE_SIZE);
	json_object_put(description);
}

/* A directory that grew stands among the data, and is none. */
static void the_directory_is_no_content(void **state)
{
	struct lab *lab = *state;
	struct pm_snapshot_result before = write_to(lab, lab->file), after;
	struct pm_usage usage, grown;

	pm_usage_get(&lab->pool, &usage);
	for (uint64_t i = usage.records; i <= usage.record_slots; i++)
		lab_take(lab, i);
	pm_usage_get(&lab->pool, &grown);
	assert_true(grown.record_slots > usage.record_slots);
	assert_true(grown.metadata_bytes > usage.metadata_bytes);
	assert_int_equal(ftruncate(lab->file, 0), 0);
	lab_rewind(lab);
	after = write_to(lab, lab->file);
	assert_int_equal(after.pages, before.pages + usage.record_slots - usage.records + 1);
	lab_rewind(lab);
	assert_int_equal(verify(lab->file, &after), PM_OK);
}

static void zero_pages_cost_nothing(void **state)
{
	struct lab *lab = *state;
	struct pm_snapshot_result before = write_to(lab, lab->file), after;
	int other = memfd_create("other", MFD_CLOEXEC);

	for (uint64_t i = 1; i < 300; i += 2)
		memset(lab_page(lab, lab->beta.page + i), 0, PM_PAGE_SIZE);
	after = write_to(lab, other);
	assert_int_equal(after.zero_pages, 300);
	assert_true(after.file_bytes < before.file_bytes);
	assert_true(after.file_bytes < 16384);
	close(other);
}

static void the_digest_follows_the_content(void **state)
{
	struct lab *lab = *state;
	struct pm_snapshot_result first = write_to(lab, lab->file), again, changed;

	again = write_to(lab, lab->file);
	lab_page(lab, lab->beta.page + 299)[4095] ^= 1;
	changed = write_to(lab, lab->file);
	assert_memory_equal(first.digest, again.digest, 16);
	assert_memory_not_equal(first.digest, changed.digest, 16);
}

struct drain {
	int from, to;
};

static void *drain_run(void *argument)
{
	struct drain *drain = argument;
	char buffer[5000];
	ssize_t got;

	while ((got = read(drain->from, buffer, sizeof(buffer))) > 0)
		if (write(drain->to, buffer, (size_t)got) != got)
			break;
	close(drain->to);
	return NULL;
}

static void works_through_pipes(void **state)
{
	struct lab *lab = *state;
	struct pm_snapshot_result written, read;
	int in[2], out[2];
	struct drain drain;
	pthread_t thread;

	/* in one pipe, through a thread, out of another one: neither end can be sought in */
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	assert_true(fcntl(out[1], F_SETPIPE_SZ, 1 << 20) >= 1 << 20);
	drain = (struct drain){in[0], out[1]};
	assert_int_equal(pthread_create(&thread, NULL, drain_run, &drain), 0);
	written = write_to(lab, in[1]);
	close(in[1]);
	assert_int_equal(verify(out[0], &read), PM_OK);
	assert_memory_equal(&written, &read, sizeof(read));
	pthread_join(thread, NULL);
	close(in[0]);
	close(out[0]);
}

static void a_full_disk_is_told(void **state)
{
	struct lab *lab = *state;
	struct pm_snapshot_result result;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	if (full < 0)
		skip();
	assert_int_equal(pm_snapshot_write(&lab->pool, &plain, full, NULL, &result, NULL), PM_E_DISK_FULL);
	close(full);
}

struct watch {
	int copied, told;
	uint64_t done, total;
};

static void on_copied(void *context)
{
	((struct watch *)context)->copied++;
}

static void on_progress(void *context, uint64_t done, uint64_t total)
{
	struct watch *watch = context;

	watch->told++;
	watch->done = done;
	watch->total = total;
}

static void tells_its_progress(void **state)
{
	struct lab *lab = *state;
	struct watch watch = {0};
	struct pm_task task = {.progress = on_progress, .metadata_copied = on_copied, .context = &watch};
	struct pm_snapshot_result result;

	assert_int_equal(pm_snapshot_write(&lab->pool, &plain, lab->file, &task, &result, NULL), PM_OK);
	assert_int_equal(watch.copied, 1);
	assert_true(watch.told >= 1);
	assert_int_equal(watch.done, 305 * PM_PAGE_SIZE);
	assert_int_equal(watch.total, 305 * PM_PAGE_SIZE);
}

static void can_be_cancelled(void **state)
{
	struct lab *lab = *state;
	struct watch watch = {0};
	struct pm_task task = {.cancelled = true, .metadata_copied = on_copied, .context = &watch};
	struct pm_snapshot_result result;

	assert_int_equal(pm_snapshot_write(&lab->pool, &plain, lab->file, &task, &result, NULL), PM_E_CANCELLED);
	assert_int_equal(watch.copied, 1);
	write_to(lab, lab->file);
	lab_rewind(lab);
	assert_int_equal(ftruncate(lab->file, 0), 0);
	write_to(lab, lab->file);
	lab_rewind(lab);
	assert_int_equal(pm_snapshot_verify(lab->file, NULL, &task, &result, NULL, NULL), PM_E_CANCELLED);
}

static struct sigaction on_sigbus; /* ours, before cmocka puts its own in front of each test */

static void no_body(void *argument)
{
	(void)argument;
}

static void a_revoked_mapping_is_told(void **state)
{
	struct lab *lab = *state;
	struct pm_snapshot_result result;

	assert_int_equal(sigaction(SIGBUS, &on_sigbus, NULL), 0);
	assert_int_equal(ftruncate(lab->region.fd, (off_t)(LAB_BASE + lab->beta.page * PM_PAGE_SIZE)), 0);
	assert_int_equal(pm_snapshot_write(&lab->pool, &plain, lab->file, NULL, &result, NULL), PM_E_REGION_LOST);
	assert_int_equal(ftruncate(lab->region.fd, (off_t)(LAB_BASE + LAB_BYTES)), 0);
}

/* A small file: the two unnamed pages and alpha. */
static uint8_t *small_file(struct lab *lab, size_t *bytes)
{
	struct pm_snapshot_result result;
	uint8_t *data;

	lab_free(lab, lab->beta.page);
	result = write_to(lab, lab->file);
	*bytes = result.file_bytes;
	data = malloc(*bytes);
	assert_int_equal(pread(lab->file, data, *bytes, 0), (ssize_t)*bytes);
	return data;
}

static enum pm_code verify_bytes(const uint8_t *data, size_t bytes, struct pm_snapshot_result *result)
{
	int fd = memfd_create("bytes", MFD_CLOEXEC);
	enum pm_code code;

	assert_int_equal(pwrite(fd, data, bytes, 0), (ssize_t)bytes);
	code = verify(fd, result);
	close(fd);
	return code;
}

static void other_files_are_foreign(void **state)
{
	static const char *const files[] = {"P", "PMSNAP", "PMSNAP\n\n", "#!/bin/sh\nexit 0\n", "PMPOOLRG"};
	struct pm_snapshot_result result;

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		enum pm_code code = verify_bytes((const uint8_t *)files[i], strlen(files[i]), &result);

		assert_int_equal(code, i < 2 ? PM_E_FILE_TRUNCATED : PM_E_FILE_FOREIGN);
	}
}

/* The formats before the first release, and one that is not known yet: refused by their number, whatever follows. */
static void another_format_is_foreign(void **state)
{
	static const uint32_t versions[] = {1, 2, PM_FILE_VERSION + 1};
	struct pm_snapshot_result result;
	struct pm_file_header header;
	size_t bytes;
	uint8_t *data = small_file(*state, &bytes);

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		memcpy(&header, data, sizeof(header));
		header.version = versions[i];
		header.crc = pm_crc32c(0, &header, offsetof(struct pm_file_header, crc));
		memcpy(data, &header, sizeof(header));
		assert_int_equal(verify_bytes(data, bytes, &result), PM_E_FILE_FOREIGN);
	}
	free(data);
}

static void an_expectation_keeps_its_facts(void **state)
{
	struct lab *lab = *state;
	struct pm_snapshot_result expected, snapshot = write_to(lab, lab->file);
	struct json_object *found;
	struct pm_error err = {0};

	lab_rewind(lab);
	assert_int_equal(pm_expectation_facts(lab->file, &found, &err), PM_E_FILE_FOREIGN);
	lab_expect(lab);
	lab_rewind(lab);
	assert_int_equal(verify(lab->file, &expected), PM_OK);
	assert_memory_equal(expected.digest, snapshot.digest, 16);
	assert_int_equal(expected.zero_pages, snapshot.zero_pages);
	assert_true(expected.file_bytes < snapshot.file_bytes);
	lab_rewind(lab);
	assert_int_equal(pm_expectation_facts(lab->file, &found, &err), PM_OK);
	assert_string_equal(lab_text(found, "nonce"), LAB_NONCE);
	json_object_put(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(verifies_what_was_written, setup, teardown),
		cmocka_unit_test_setup_teardown(holds_every_region, setup, teardown),
		cmocka_unit_test_setup_teardown(the_directory_is_no_content, setup, teardown),
		cmocka_unit_test_setup_teardown(another_format_is_foreign, setup, teardown),
		cmocka_unit_test_setup_teardown(zero_pages_cost_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(the_digest_follows_the_content, setup, teardown),
		cmocka_unit_test_setup_teardown(works_through_pipes, setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_disk_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(tells_its_progress, setup, teardown),
		cmocka_unit_test_setup_teardown(can_be_cancelled, setup, teardown),
		cmocka_unit_test_setup_teardown(a_revoked_mapping_is_told, setup, teardown),
		cmocka_unit_test(other_files_are_foreign),
		cmocka_unit_test_setup_teardown(an_expectation_keeps_its_facts, setup, teardown),
	};

	pm_region_guarded(no_body, NULL, NULL);
	sigaction(SIGBUS, NULL, &on_sigbus);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
