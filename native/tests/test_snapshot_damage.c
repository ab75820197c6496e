// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Damaged files. Read in order, every changed byte and every cut is recognised. Read at random, nothing wrong ever comes
 * back, and what is whole does.
 */
#include "sanitized.h"
#include "snapshot/writer.h"
#include "snapshot_kit.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Small files that together have every chunk and every kind of page. */
struct form {
	const char *name;
	bool expectation, content, parent, large;
};
static const struct form forms[] = {
	{"snapshot", .large = true},
	{"small snapshot"},
	{"incremental", .parent = true},
	{"expectation", .expectation = true, .large = true},
	{"expectation with content", .expectation = true, .content = true},
};

struct subject {
	struct kit kit;
	struct kit_file parent_file, file;
	struct pm_snapshot *parent;
	uint64_t pages;
};

static void subject_make(struct subject *subject, const struct form *form)
{
	struct kit *kit = &subject->kit;
	struct pm_snapshot_request request = {0};
	uint64_t page;

	memset(subject, 0, sizeof(*subject));
	kit_open(kit, 1, (form->large || form->parent ? 4 : 1) * KIT_MIB);
	page = kit_take(kit, "alpha", 4);
	kit_fill(kit, page, 1, KIT_NOISE, 1);
	kit_fill(kit, page + 1, 2, KIT_TEXT, 2);
	memcpy(kit_page(kit, page + 3), kit_page(kit, page), PM_PAGE_SIZE);
	if (form->large || form->parent)
		kit_take(kit, "zeros", 520);
	if (form->parent) {
		kit_snapshot(kit, NULL, &subject->parent_file);
		subject->parent = kit_image(&subject->parent_file);
		request = (struct pm_snapshot_request){.parent = subject->parent, .parent_name = "p"};
		kit_page(kit, page)[5] ^= 1;
	}
	if (form->expectation)
		kit_expectation(kit, form->content, &subject->file);
	else
		kit_snapshot(kit, &request, &subject->file);
	subject->pages = subject->file.result.pages;
	assert_int_equal(kit_verify(&subject->file, subject->parent, NULL), PM_OK);
}

static void subject_close(struct subject *subject)
{
	kit_file_close(&subject->file);
	if (subject->parent) {
		pm_snapshot_close(subject->parent);
		kit_file_close(&subject->parent_file);
	}
	kit_close(&subject->kit);
}

/* Whatever can be read of the file is right. */
static uint64_t read_at_random(const struct subject *subject, const struct kit_file *file, bool pool_too)
{
	struct pm_snapshot *snapshot;
	const struct pm_pool *pool;
	struct kit_read read = {0};

	if (pm_snapshot_open(file->fd, &snapshot, NULL))
		return 0;
	if (subject->parent)
		pm_snapshot_set_parent(snapshot, subject->parent, NULL);
	kit_read(&subject->kit, snapshot, &read);
	if (pool_too)
		pm_snapshot_pool(snapshot, &pool, NULL);
	pm_snapshot_close(snapshot);
	return read.pages;
}

static void every_flipped_byte_is_recognised(void **state)
{
	for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
		struct subject subject;
		struct kit_file *file = &subject.file;

		subject_make(&subject, &forms[f]);
		for (size_t i = 0; i < file->bytes; i = next_byte(i, file->bytes, 5)) {
			uint8_t flipped = file->data[i] ^ (uint8_t)(1u << i % 8);
			enum pm_code code;

			assert_int_equal(pwrite(file->fd, &flipped, 1, (off_t)i), 1);
			code = kit_verify(file, subject.parent, NULL);
			if (i < 8 ? code != PM_E_FILE_FOREIGN : code != PM_E_FILE_CORRUPT)
				fail_msg("%s: byte %zu of %zu flipped: %d", forms[f].name, i, file->bytes, code);
			read_at_random(&subject, file, i % 16 == 0);
			assert_int_equal(pwrite(file->fd, &file->data[i], 1, (off_t)i), 1);
		}
		assert_int_equal(read_at_random(&subject, file, true), subject.pages);
		subject_close(&subject);
	}
}

static void every_cut_is_recognised(void **state)
{
	for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
		struct subject subject;
		struct kit_file *file = &subject.file;
		uint64_t readable = 0, before = 0;

		subject_make(&subject, &forms[f]);
		for (size_t i = 0; i < file->bytes; i = next_byte(i, file->bytes, 5)) {
			struct pm_snapshot_result result;
			struct kit_file cut;

			kit_file_of(file->data, i, &cut);
			if (kit_verify(&cut, subject.parent, &result) != PM_E_FILE_TRUNCATED)
				fail_msg("%s: cut at %zu of %zu", forms[f].name, i, file->bytes);
			assert_true(result.file_bytes <= i);
			if (i % 8 == 0 || i + 1 == file->bytes) {
				readable = read_at_random(&subject, &cut, false);
				assert_true(readable >= before);
				before = readable;
			}
			kit_file_close(&cut);
		}
		/* only the trailer's last byte is missing */
		assert_int_equal(readable, subject.pages);
		subject_close(&subject);
	}
}

/* Windows of noise, so that each has a chunk of its own. */
struct noisy {
	struct kit kit;
	struct kit_file file;
	uint64_t pages, windows;
};

static void noisy_make(struct noisy *noisy)
{
	uint64_t page;

	kit_open(&noisy->kit, 1, 8 * KIT_MIB);
	page = kit_take(&noisy->kit, "noise", 1500);
	kit_fill(&noisy->kit, page, 1500, KIT_NOISE, 3);
	kit_snapshot(&noisy->kit, NULL, &noisy->file);
	noisy->pages = 1500;
	noisy->windows = kit_chunks(&noisy->file, PM_CHUNK_DIGS);
}

static void noisy_close(struct noisy *noisy)
{
	kit_file_close(&noisy->file);
	kit_close(&noisy->kit);
}

static enum pm_code noisy_read(struct noisy *noisy, struct kit_read *read)
{
	struct pm_snapshot *snapshot;
	enum pm_code code;

	kit_file_put(&noisy->file);
	snapshot = kit_image(&noisy->file);
	code = pm_snapshot_damage(snapshot, NULL);
	kit_read(&noisy->kit, snapshot, read);
	pm_snapshot_close(snapshot);
	return code;
}

static void a_damaged_window_loses_itself_only(void **state)
{
	static const uint32_t types[] = {PM_CHUNK_DIGS, PM_CHUNK_PAGE};
	static const size_t places[] = {0, 20, sizeof(struct pm_chunk), sizeof(struct pm_chunk) + 500};
	struct noisy noisy;
	struct kit_read read;

	noisy_make(&noisy);
	for (size_t t = 0; t < 2; t++)
		for (size_t p = 0; p < 4; p++) {
			uint8_t *byte = noisy.file.data + kit_chunk(&noisy.file, types[t], 2) + places[p];

			*byte ^= 4;
			/* the index tells where all are; that one is damaged shows when it is read */
			assert_int_equal(noisy_read(&noisy, &read), PM_OK);
			/* the head of the bytes is covered by the chunk's sum only, which nobody needs to read pages */
			if (types[t] != PM_CHUNK_PAGE || places[p] != sizeof(struct pm_chunk)) {
				assert_int_equal(read.lost_windows, 1);
				assert_int_equal(read.code, PM_E_FILE_CORRUPT);
				assert_int_equal(read.pages, noisy.pages - 256);
			}
			*byte ^= 4;
		}
	noisy_close(&noisy);
}

static void without_the_index_the_groups_are_found(void **state)
{
	struct noisy noisy;
	struct kit_read read;

	noisy_make(&noisy);
	noisy.file.data[kit_chunk(&noisy.file, PM_CHUNK_INDX, 0) + 40] ^= 1;
	assert_int_equal(noisy_read(&noisy, &read), PM_E_FILE_CORRUPT);
	assert_int_equal(read.pages, noisy.pages);
	/* and behind a damaged header too */
	noisy.file.data[kit_chunk(&noisy.file, PM_CHUNK_DIGS, 2) + 9] ^= 1;
	assert_int_equal(noisy_read(&noisy, &read), PM_E_FILE_CORRUPT);
	assert_int_equal(read.pages, noisy.pages - 256);
	noisy_close(&noisy);
}

static void bytes_behind_the_trailer_are_told(void **state)
{
	struct noisy noisy;
	struct kit_read read;

	noisy_make(&noisy);
	noisy.file.data[noisy.file.bytes++] = 'x';
	assert_int_equal(noisy_read(&noisy, &read), PM_E_FILE_CORRUPT);
	assert_int_equal(read.pages, noisy.pages);
	assert_int_equal(kit_verify(&noisy.file, NULL, NULL), PM_E_FILE_CORRUPT);
	noisy_close(&noisy);
}

static void a_file_that_was_cut_keeps_what_came_before(void **state)
{
	struct noisy noisy;
	struct kit_read read;

	noisy_make(&noisy);
	noisy.file.bytes = kit_chunk(&noisy.file, PM_CHUNK_DIGS, 3) + 7;
	assert_int_equal(noisy_read(&noisy, &read), PM_E_FILE_TRUNCATED);
	assert_int_equal(read.lost_windows, 0);
	assert_true(read.pages > 256 * 2 && read.pages <= 256 * 3);
	noisy_close(&noisy);
}

/* A page that holds a part of another snapshot is content and no chunk, also where the file is searched for chunks. */
static void content_is_no_chunk(void **state)
{
	struct noisy noisy;
	struct kit_read read;
	struct kit_file outer;
	struct pm_snapshot *snapshot;
	size_t from;
	uint64_t page;

	noisy_make(&noisy);
	from = kit_chunk(&noisy.file, PM_CHUNK_DIGS, 1);
	page = kit_take(&noisy.kit, "a file", 100);
	memcpy(kit_page(&noisy.kit, page), noisy.file.data + from, 100 * PM_PAGE_SIZE);
	kit_snapshot(&noisy.kit, NULL, &outer);
	outer.data[kit_chunk(&outer, PM_CHUNK_INDX, 0) + 40] ^= 1;
	/* the chunks around it have lost their headers */
	for (unsigned i = 4; i < kit_chunks(&outer, PM_CHUNK_DIGS); i++) {
		size_t at = kit_chunk(&outer, PM_CHUNK_DIGS, i);

		outer.data[at + 31] ^= 1;
	}
	outer.data[kit_chunk(&outer, PM_CHUNK_PAGE, kit_chunks(&outer, PM_CHUNK_PAGE) - 1) + 31] ^= 1;
	kit_file_put(&outer);
	snapshot = kit_image(&outer);
	kit_read(&noisy.kit, snapshot, &read);
	assert_int_equal(read.lost_windows, 0);
	assert_true(read.pages > 256 * 3 && read.pages <= 256 * 4);
	pm_snapshot_close(snapshot);
	kit_file_close(&outer);
	noisy_close(&noisy);
}

/* Whole by every checksum, and wrong: what the digests and the table of repeated pages are for. */
static void a_wrong_reference_is_refused(void **state)
{
	/* of page 3 of alpha, which repeats page 0 */
	static const struct {
		const char *what;
		int64_t to; /* pages from the true one */
	} cases[] = {{"a page with other bytes", 1}, {"itself", 3}, {"a later page", 40}, {"metadata", -3}};
	struct subject subject;
	struct kit_file *file = &subject.file;

	subject_make(&subject, &forms[1]);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t at = kit_chunk(file, PM_CHUNK_DIGS, 0), same;
		struct pm_chunk chunk;
		uint64_t page, wrong;
		struct pm_snapshot *snapshot;
		struct kit_read read;

		memcpy(&chunk, file->data + at, sizeof(chunk));
		same = at + sizeof(chunk) + (size_t)chunk.stored - sizeof(page);
		memcpy(&page, file->data + same, sizeof(page));
		wrong = page + (uint64_t)cases[i].to;
		memcpy(file->data + same, &wrong, sizeof(wrong));
		kit_mend(file, at);
		kit_file_put(file);
		if (kit_verify(file, NULL, NULL) != PM_E_FILE_CORRUPT)
			fail_msg("%s, in order", cases[i].what);
		snapshot = kit_image(file);
		kit_read(&subject.kit, snapshot, &read);
		assert_int_equal(read.code, PM_E_FILE_CORRUPT);
		pm_snapshot_close(snapshot);
		memcpy(file->data + same, &page, sizeof(page));
	}
	subject_close(&subject);
}

static void a_wrong_kind_is_refused(void **state)
{
	static const uint8_t kinds[] = {PM_STORE_SAME, PM_STORE_PARENT, PM_STORE_PACKED, PM_STORE_KINDS, 0xff};
	struct subject subject;
	struct kit_file *file = &subject.file;
	size_t at, kind;

	subject_make(&subject, &forms[1]);
	at = kit_chunk(file, PM_CHUNK_DIGS, 0);
	for (kind = at + sizeof(struct pm_chunk) + sizeof(struct pm_group); file->data[kind] != PM_STORE_DATA;)
		kind++;
	for (size_t i = 0; i < sizeof(kinds); i++) {
		file->data[kind] = kinds[i];
		kit_mend(file, at);
		kit_file_put(file);
		assert_int_equal(kit_verify(file, NULL, NULL), PM_E_FILE_CORRUPT);
		assert_true(read_at_random(&subject, file, true) < subject.pages);
	}
	subject_close(&subject);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_flipped_byte_is_recognised),
		cmocka_unit_test(every_cut_is_recognised),
		cmocka_unit_test(a_damaged_window_loses_itself_only),
		cmocka_unit_test(without_the_index_the_groups_are_found),
		cmocka_unit_test(bytes_behind_the_trailer_are_told),
		cmocka_unit_test(a_file_that_was_cut_keeps_what_came_before),
		cmocka_unit_test(content_is_no_chunk),
		cmocka_unit_test(a_wrong_reference_is_refused),
		cmocka_unit_test(a_wrong_kind_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
