// SPDX-License-Identifier: GPL-2.0-or-later
/* Every class of verdict, reached by doing to a simulated host what the class names. */
#include "test_snapshot_fixture.h"
#include "core/member.h"
#include "host/simulated.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- what can happen to a region --- */

static void nothing(struct lab *lab)
{
	lab_boot(lab, LAB_MEMMAP, true);
}

static void no_boot(struct lab *lab)
{
	lab_detach(lab);
}

static void boot_without_nonce(struct lab *lab)
{
	lab_boot(lab, LAB_MEMMAP, false);
}

static void flip_a_byte(struct lab *lab)
{
	lab_page(lab, lab->alpha.page + 1)[2000] ^= 1;
	nothing(lab);
}

static void flip_a_byte_and_do_not_boot(struct lab *lab)
{
	lab_page(lab, lab->alpha.page + 1)[2000] ^= 1;
	no_boot(lab);
}

static void zero_two_pages(struct lab *lab)
{
	memset(lab_page(lab, lab->alpha.page), 0, 2 * PM_PAGE_SIZE);
	nothing(lab);
}

static void set_all_bits_of_a_page(struct lab *lab)
{
	memset(lab_page(lab, lab->alpha.page), 0xff, PM_PAGE_SIZE);
	nothing(lab);
}

static void write_to_an_unnamed_page(struct lab *lab)
{
	lab_page(lab, lab->nobody.page + 1)[0] = 0;
	nothing(lab);
}

static struct pm_record *record_of(struct lab *lab, const char *name)
{
	return (struct pm_record *)(uintptr_t)pm_record_find(&lab->pool, name, NULL);
}

/* Renamed, with a checksum that holds: the metadata is consistent, yet not what was expected. */
static void rename_a_record(struct lab *lab)
{
	struct pm_record *record = record_of(lab, "alpha");

	strcpy(record->name, "omega");
	record->crc = pm_crc32c(0, &record->kind, sizeof(*record) - offsetof(struct pm_record, kind));
	nothing(lab);
}

static void scribble_over_a_record(struct lab *lab)
{
	record_of(lab, "alpha")->purpose[3] ^= 4;
	nothing(lab);
}

static void free_a_record_after_the_boot(struct lab *lab)
{
	nothing(lab);
	lab_attach(lab);
	lab_free(lab, lab->alpha.page);
	lab_detach(lab);
}

static void resize_after_the_boot(struct lab *lab, uint64_t page, uint64_t pages)
{
	nothing(lab);
	lab_attach(lab);
	lab_resize(lab, page, pages);
	lab_detach(lab);
}

static void lengthen_a_record_after_the_boot(struct lab *lab)
{
	resize_after_the_boot(lab, lab->beta.page, 310);
}

static void shorten_a_record_after_the_boot(struct lab *lab)
{
	resize_after_the_boot(lab, lab->beta.page, 200);
}

static void shorten_an_unnamed_run_after_the_boot(struct lab *lab)
{
	resize_after_the_boot(lab, lab->nobody.page, 1);
}

/* A longer one explains no page that is not allocated any more. */
static void lengthen_one_and_lose_another(struct lab *lab)
{
	struct pm_run freed;

	nothing(lab);
	lab_attach(lab);
	lab_resize(lab, lab->beta.page, 310);
	assert_int_equal(pm_pool_begin(&lab->pool, false, &lab_act), PM_OK);
	assert_int_equal(pm_free(&lab->pool, lab->nobody.page, 0, &freed), PM_OK); /* the log does not know of it */
	pm_pool_end(&lab->pool);
	lab_detach(lab);
}

static void clear_the_states_of_an_unnamed_run(struct lab *lab)
{
	_Atomic uint64_t *word = &lab->pool.members[0]->states[lab->nobody.page / PM_PAGES_PER_WORD];

	assert_int_equal((lab->nobody.page + 1) / PM_PAGES_PER_WORD, lab->nobody.page / PM_PAGES_PER_WORD);
	*word &= ~(UINT64_C(15) << lab->nobody.page % PM_PAGES_PER_WORD * 2);
	nothing(lab);
}

static void wipe_both_superblocks(struct lab *lab)
{
	memset(lab_page(lab, 0), 0, PM_PAGE_SIZE);
	memset(lab_page(lab, LAB_BYTES / PM_PAGE_SIZE - 1), 0, PM_PAGE_SIZE);
	nothing(lab);
}

static void wipe_the_first_superblock(struct lab *lab)
{
	memset(lab_page(lab, 0), 0, PM_PAGE_SIZE);
	nothing(lab);
}

static void damage_the_last_superblock(struct lab *lab)
{
	lab_page(lab, LAB_BYTES / PM_PAGE_SIZE - 1)[100] ^= 1;
	nothing(lab);
}

static void make_another_pool(struct lab *lab)
{
	struct pm_pool_request request = {.pool_uuid = {9}, .region_uuid = {9}, .name = "b", .physical_base = LAB_BASE};

	assert_int_equal(pm_pool_format(lab->region.map, lab->region.bytes, &request, &lab_act), PM_OK);
	nothing(lab);
}

static void boot_without_memmap(struct lab *lab)
{
	lab_boot(lab, "quiet", true);
}

static void boot_with_a_shifted_memmap(struct lab *lab)
{
	lab_boot(lab, "memmap=4M$0x100100000", true);
}

static void boot_with_a_distant_memmap(struct lab *lab)
{
	lab_boot(lab, "memmap=4M$0x110000000", true);
}

static void boot_with_a_smaller_memmap(struct lab *lab)
{
	lab_boot(lab, "memmap=2M$0x100000000", true);
}

static void boot_with_a_larger_memmap(struct lab *lab)
{
	assert_int_equal(ftruncate(lab->region.fd, (off_t)(LAB_BASE + 4 * LAB_BYTES)), 0);
	lab_boot(lab, "memmap=8M$0x100000000", true);
}

static void boot_with_an_eaten_dollar(struct lab *lab)
{
	lab_boot(lab, "memmap=4M0x100000000", true);
}

/* The same bytes at 4 MiB above, as on a machine that was given other memory modules. */
static void move_the_bytes(struct lab *lab)
{
	assert_int_equal(ftruncate(lab->region.fd, (off_t)(LAB_BASE + 2 * LAB_BYTES)), 0);
	assert_int_equal(pwrite(lab->region.fd, lab->region.map, LAB_BYTES, LAB_BASE + LAB_BYTES), (ssize_t)LAB_BYTES);
	memset(lab->region.map, 0, LAB_BYTES);
	lab_boot(lab, "memmap=4M$0x100400000", true);
}

/* The firmware says that this memory is its own now, and no memmap= names it. */
static void lose_the_memory(struct lab *lab)
{
	lab_put(lab, "/sys/firmware/memmap/9/type", "Reserved\n");
	lab_boot(lab, "quiet", true);
}

/* --- what the verdict has to be --- */

static const struct {
	const char *name;
	void (*happen)(struct lab *lab);
	const char *class;
	const char *failing; /* the check that says so */
	int64_t compared, changed;
	const char *run; /* kind of the first changed run, NULL: there is none */
	const char *alpha; /* state of its record */
} cases[] = {
	{"untouched", nothing, "intact", NULL, 305, 0, NULL, "intact"},
	{"no boot", no_boot, "wrong-boot", "boot-id", 305, 0, NULL, "intact"},
	{"boot without nonce", boot_without_nonce, "wrong-boot", "nonce", 305, 0, NULL, "intact"},
	{"flipped byte", flip_a_byte, "content-changed", "content", 305, 1, "changed", "content-changed"},
	{"a wrong boot masks nothing", flip_a_byte_and_do_not_boot, "content-changed", "content", 305, 1, "changed",
	 "content-changed"},
	{"zeroed pages", zero_two_pages, "content-changed", "content", 305, 2, "zeroed", "content-changed"},
	{"page of ones", set_all_bits_of_a_page, "content-changed", "content", 305, 1, "ones", "content-changed"},
	{"unnamed page", write_to_an_unnamed_page, "content-changed", "content", 305, 1, "changed", "intact"},
	{"renamed record", rename_a_record, "records-changed", "records", 305, 0, NULL, "record-changed"},
	{"damaged record", scribble_over_a_record, "metadata-torn", "metadata", 305, 0, NULL, "missing"},
	{"freed record", free_a_record_after_the_boot, "records-changed", "allocations", 305, 0, NULL, "missing"},
	{"longer record", lengthen_a_record_after_the_boot, "records-changed", "records", 305, 0, NULL, "intact"},
	{"shorter record", shorten_a_record_after_the_boot, "records-changed", "allocations", 305, 0, NULL, "intact"},
	{"shorter unnamed run", shorten_an_unnamed_run_after_the_boot, "records-changed", "allocations", 305, 0, NULL,
	 "intact"},
	{"lost run beside a longer record", lengthen_one_and_lose_another, "metadata-torn", "allocations", 305, 0, NULL,
	 "intact"},
	{"cleared states", clear_the_states_of_an_unnamed_run, "metadata-torn", "allocations", 305, 0, NULL, "intact"},
	{"both superblocks", wipe_both_superblocks, "superblock-lost", "superblock", 305, 0, NULL, "intact"},
	{"first superblock", wipe_the_first_superblock, "metadata-torn", "superblock", 305, 0, NULL, "intact"},
	{"last superblock", damage_the_last_superblock, "metadata-torn", "superblock", 305, 0, NULL, "intact"},
	{"another pool", make_another_pool, "superblock-lost", "superblock", 305, 0, NULL, "missing"},
	{"no memmap", boot_without_memmap, "became-ram", "system-ram", 0, 0, NULL, "unreadable"},
	{"shifted memmap", boot_with_a_shifted_memmap, "region-moved", "reservation", 0, 0, NULL, "unreadable"},
	{"distant memmap", boot_with_a_distant_memmap, "region-moved", "reservation", 0, 0, NULL, "unreadable"},
	{"smaller memmap", boot_with_a_smaller_memmap, "region-moved", "reservation", 0, 0, NULL, "unreadable"},
	{"larger memmap", boot_with_a_larger_memmap, "intact", NULL, 305, 0, NULL, "intact"},
	{"eaten dollar", boot_with_an_eaten_dollar, "region-gone", "reservation", 0, 0, NULL, "unreadable"},
	{"moved bytes", move_the_bytes, "region-moved", "moved", 305, 0, NULL, "intact"},
	{"lost memory", lose_the_memory, "region-gone", "reservation", 0, 0, NULL, "unreadable"},
};

static void check_case(size_t i, struct json_object *verdict)
{
	if (strcmp(lab_text(verdict, "class"), cases[i].class) != 0)
		fail_msg("%s: %s", cases[i].name, json_object_to_json_string_ext(verdict, JSON_C_TO_STRING_PRETTY));
	assert_int_equal(json_object_get_boolean(lab_get(verdict, "intact")), strcmp(cases[i].class, "intact") == 0);
	if (cases[i].failing &&
	    (!lab_level(verdict, cases[i].failing) || strcmp(lab_level(verdict, cases[i].failing), "fail") != 0))
		fail_msg("%s: check %s does not fail", cases[i].name, cases[i].failing);
	assert_int_equal(lab_number(verdict, "pages.expected"), 305);
	assert_int_equal(lab_number(verdict, "pages.compared"), cases[i].compared);
	assert_int_equal(lab_number(verdict, "pages.changed"), cases[i].changed);
	assert_int_equal(lab_number(verdict, "comparedBytes"), cases[i].compared * 4096);
	assert_int_equal(json_object_array_length(lab_get(verdict, "changedRuns")), cases[i].run ? 1 : 0);
	if (cases[i].run)
		assert_string_equal(lab_text(verdict, "changedRuns.0.kind"), cases[i].run);
	assert_string_equal(lab_text(lab_record(verdict, "alpha"), "state"), cases[i].alpha);
}

static void each_class_is_reached(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *verdict;
		struct lab lab;

		lab_open(&lab);
		lab_expect(&lab);
		cases[i].happen(&lab);
		verdict = lab_verdict(&lab);
		check_case(i, verdict);
		json_object_put(verdict);
		lab_close(&lab);
	}
}

static void an_intact_verdict_says_all(void **state)
{
	struct json_object *verdict, *checks;
	struct lab lab;

	(void)state;
	lab_open(&lab);
	lab_expect(&lab);
	nothing(&lab);
	verdict = lab_verdict(&lab);
	assert_string_equal(lab_text(verdict, "pool"), "10200000-0000-0000-0000-000000000000");
	assert_string_equal(lab_text(verdict, "poolName"), "lab");
	assert_string_equal(lab_text(verdict, "expectation"), "expectation-1");
	assert_string_equal(lab_text(verdict, "boot.kernelBefore"), "6.1.0-before");
	assert_true(json_object_get_boolean(lab_get(verdict, "boot.nonceSeen")));
	assert_string_not_equal(lab_text(verdict, "boot.before"), lab_text(verdict, "boot.after"));
	assert_true(json_object_get_boolean(lab_get(verdict, "simulated")));
	assert_int_equal(json_object_array_length(lab_get(verdict, "records")), 2);
	checks = lab_get(verdict, "checks");
	for (size_t i = 0; i < json_object_array_length(checks); i++) {
		struct json_object *check = json_object_array_get_idx(checks, i);

		assert_string_equal(lab_text(check, "level"), "pass");
		assert_string_equal(lab_text(check, "remedy"), "");
		assert_true(strlen(lab_text(check, "detail")) > 0);
	}
	json_object_put(verdict);
	lab_close(&lab);
}

static void changed_runs_name_their_pages(void **state)
{
	struct json_object *verdict;
	struct lab lab;

	(void)state;
	lab_open(&lab);
	lab_expect(&lab);
	/* beta: page 1 zeroed, page 2 was zero and stays, pages 3 to 5 ones (4 was zero), 299 changed */
	memset(lab_page(&lab, lab.beta.page + 1), 0, PM_PAGE_SIZE);
	memset(lab_page(&lab, lab.beta.page + 3), 0xff, 3 * PM_PAGE_SIZE);
	lab_page(&lab, lab.beta.page + 299)[4095] ^= 0x80;
	nothing(&lab);
	verdict = lab_verdict(&lab);
	assert_int_equal(lab_number(verdict, "pages.changed"), 5);
	assert_int_equal(json_object_array_length(lab_get(verdict, "changedRuns")), 3);
	assert_int_equal(lab_number(verdict, "changedRuns.0.page"), (int64_t)lab.beta.page + 1);
	assert_string_equal(lab_text(verdict, "changedRuns.0.kind"), "zeroed");
	assert_int_equal(lab_number(verdict, "changedRuns.1.page"), (int64_t)lab.beta.page + 3);
	assert_int_equal(lab_number(verdict, "changedRuns.1.pages"), 3);
	assert_string_equal(lab_text(verdict, "changedRuns.1.kind"), "ones");
	assert_int_equal(lab_number(verdict, "changedRuns.2.page"), (int64_t)lab.beta.page + 299);
	assert_string_equal(lab_text(verdict, "changedRuns.2.kind"), "changed");
	assert_int_equal(lab_number(lab_record(verdict, "beta"), "changedPages"), 5);
	assert_string_equal(lab_text(lab_record(verdict, "alpha"), "state"), "intact");
	json_object_put(verdict);
	lab_close(&lab);
}

static void no_verdict_without_evidence(void **state)
{
	struct json_object *verdict;
	struct pm_snapshot_result result;
	struct lab lab;

	(void)state;
	lab_open(&lab);
	/* a snapshot is no expectation */
	assert_int_equal(pm_snapshot_write(&lab.pool, &(struct pm_snapshot_request){0}, lab.file, NULL, &result, NULL),
			 PM_OK);
	lab_rewind(&lab);
	assert_int_equal(pm_verdict_reach(&lab.host, lab.file, NULL, &verdict, NULL), PM_E_FILE_FOREIGN);
	assert_null(verdict);
	/* one that was cut off */
	lab_expect(&lab);
	assert_int_equal(ftruncate(lab.file, lseek(lab.file, 0, SEEK_END) - 1), 0);
	lab_rewind(&lab);
	assert_int_equal(pm_verdict_reach(&lab.host, lab.file, NULL, &verdict, NULL), PM_E_FILE_TRUNCATED);
	/* a process that is not shown where memory is */
	lab_expect(&lab);
	nothing(&lab);
	lab_put(&lab, "/proc/iomem", "00000000-00000000 : System RAM\n00000000-00000000 : Reserved\n");
	lab_rewind(&lab);
	assert_int_equal(pm_verdict_reach(&lab.host, lab.file, NULL, &verdict, NULL), PM_E_REGION_ADDRESSES_HIDDEN);
	lab_close(&lab);
}

static void a_verdict_can_be_cancelled(void **state)
{
	struct pm_task task = {.cancelled = true};
	struct json_object *verdict;
	struct lab lab;

	(void)state;
	lab_open(&lab);
	lab_expect(&lab);
	nothing(&lab);
	lab_rewind(&lab);
	assert_int_equal(pm_verdict_reach(&lab.host, lab.file, &task, &verdict, NULL), PM_E_CANCELLED);
	lab_close(&lab);
}

/* --- a mapping that is revoked in the middle --- */

static struct sigaction on_sigbus; /* ours, before cmocka puts its own in front of each test */

static void no_body(void *argument)
{
	(void)argument;
}

/* Called when the metadata has been read and pages are next. */
static void memory_ends_inside_beta(void *context)
{
	const struct lab *lab = context;
	char memory[128];

	snprintf(memory, sizeof(memory), "%s/dev/mem", lab->folder);
	assert_int_equal(truncate(memory, (off_t)(LAB_BASE + (lab->beta.page + 10) * PM_PAGE_SIZE)), 0);
}

static void unreadable_pages_are_told_from_readable_ones(void **state)
{
	struct lab lab;
	struct pm_task task = {.metadata_copied = memory_ends_inside_beta, .context = &lab};
	struct json_object *verdict;

	(void)state;
	assert_int_equal(sigaction(SIGBUS, &on_sigbus, NULL), 0);
	lab_open(&lab);
	assert_true(lab.alpha.page < lab.beta.page && lab.nobody.page < lab.beta.page);
	lab_expect(&lab);
	nothing(&lab);
	lab_rewind(&lab);
	assert_int_equal(pm_verdict_reach(&lab.host, lab.file, &task, &verdict, NULL), PM_OK);
	assert_string_equal(lab_text(verdict, "class"), "content-changed");
	assert_int_equal(lab_number(verdict, "pages.compared"), 3 + 2 + 10);
	assert_int_equal(lab_number(verdict, "changedRuns.0.page"), (int64_t)lab.beta.page + 10);
	assert_int_equal(lab_number(verdict, "changedRuns.0.pages"), 290);
	assert_string_equal(lab_text(verdict, "changedRuns.0.kind"), "unreadable");
	assert_string_equal(lab_text(verdict, "diagnoses.0.kind"), "unreadable");
	assert_int_equal(lab_number(verdict, "diagnoses.0.pages"), 290);
	assert_string_equal(lab_text(lab_record(verdict, "alpha"), "state"), "intact");
	assert_string_equal(lab_text(lab_record(verdict, "beta"), "state"), "unreadable");
	assert_int_equal(lab_number(lab_record(verdict, "beta"), "changedPages"), 290);
	json_object_put(verdict);
	lab_close(&lab);
}

static void cancel(void *context)
{
	atomic_store((atomic_bool *)context, true);
}

/* When the metadata has been read: no page is. */
static void a_verdict_can_be_cancelled_among_pages(void **state)
{
	struct pm_task task = {.metadata_copied = cancel, .context = &task.cancelled};
	struct json_object *verdict;
	struct lab lab;

	(void)state;
	lab_open(&lab);
	lab_expect(&lab);
	flip_a_byte(&lab);
	lab_rewind(&lab);
	assert_int_equal(pm_verdict_reach(&lab.host, lab.file, &task, &verdict, NULL), PM_E_CANCELLED);
	assert_null(verdict);
	lab_close(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_class_is_reached),
		cmocka_unit_test(an_intact_verdict_says_all),
		cmocka_unit_test(changed_runs_name_their_pages),
		cmocka_unit_test(no_verdict_without_evidence),
		cmocka_unit_test(a_verdict_can_be_cancelled),
		cmocka_unit_test(a_verdict_can_be_cancelled_among_pages),
		cmocka_unit_test(unreadable_pages_are_told_from_readable_ones),
	};

	pm_region_guarded(no_body, NULL, NULL);
	sigaction(SIGBUS, NULL, &on_sigbus);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
