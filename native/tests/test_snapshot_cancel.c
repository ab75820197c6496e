// SPDX-License-Identifier: GPL-2.0-or-later
/* A cancelled act stops within a few windows, wherever it is. Counted in windows, not by the clock. */
#include "snapshot_kit.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WINDOWS = 60 };

static void content_make(struct kit *kit)
{
	kit_open(kit, 1, 64 * KIT_MIB);
	kit_fill(kit, kit_take(kit, "noise", WINDOWS * 256), WINDOWS * 256, KIT_NOISE, 1);
}

/* What reads the file cancels when it has seen this many bytes of it. */
struct reader {
	int fd;
	struct pm_task *task;
	uint64_t cancel_at, seen;
};

static void *read_on(void *argument)
{
	struct reader *reader = argument;
	static uint8_t buffer[65536];
	ssize_t got;

	while ((got = read(reader->fd, buffer, sizeof(buffer))) > 0) {
		reader->seen += (uint64_t)got;
		if (reader->seen >= reader->cancel_at)
			atomic_store(&reader->task->cancelled, true);
	}
	return NULL;
}

static void a_snapshot_stops_within_few_windows(void **state)
{
	static const uint64_t places[] = {1, 3 * KIT_MIB, 20 * KIT_MIB};
	static const struct pm_snapshot_request request = {0};
	struct kit kit;

	content_make(&kit);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct pm_task task = {0};
		struct reader reader = {.task = &task, .cancel_at = places[i]};
		struct pm_snapshot_result result;
		pthread_t thread;
		int ends[2];

		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		reader.fd = ends[0];
		assert_int_equal(pthread_create(&thread, NULL, read_on, &reader), 0);
		assert_int_equal(pm_snapshot_write(&kit.pool, &request, ends[1], &task, &result, NULL), PM_E_CANCELLED);
		close(ends[1]);
		pthread_join(thread, NULL);
		close(ends[0]);
		/* the window that was being written, and what a pipe holds */
		assert_true(reader.seen <= places[i] + 2 * KIT_MIB);
	}
	kit_close(&kit);
}

struct writer {
	int fd;
	struct pm_task *task;
	const struct kit_file *file;
	uint64_t cancel_at;
};

static void *write_on(void *argument)
{
	struct writer *writer = argument;

	for (size_t at = 0; at < writer->file->bytes;) {
		size_t step = writer->file->bytes - at < 4096 ? writer->file->bytes - at : 4096;
		ssize_t done = write(writer->fd, writer->file->data + at, step);

		if (done <= 0)
			break; /* the other end is closed */
		at += (size_t)done;
		if (at >= writer->cancel_at)
			atomic_store(&writer->task->cancelled, true);
	}
	close(writer->fd);
	return NULL;
}

static void a_verification_stops_within_few_windows(void **state)
{
	static const uint64_t places[] = {1, 3 * KIT_MIB, 20 * KIT_MIB};
	struct kit_file file;
	struct kit kit;

	content_make(&kit);
	kit_snapshot(&kit, NULL, &file);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct pm_task task = {0};
		struct writer writer = {.task = &task, .file = &file, .cancel_at = places[i]};
		struct pm_snapshot_result result;
		pthread_t thread;
		int ends[2];

		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		writer.fd = ends[1];
		assert_int_equal(pthread_create(&thread, NULL, write_on, &writer), 0);
		assert_int_equal(pm_snapshot_verify(ends[0], NULL, &task, &result, NULL, NULL), PM_E_CANCELLED);
		close(ends[0]);
		pthread_join(thread, NULL);
		assert_true(result.file_bytes <= places[i] + 2 * KIT_MIB);
	}
	kit_file_close(&file);
	kit_close(&kit);
}

static void cancel_now(void *context)
{
	atomic_store(&((struct pm_task *)context)->cancelled, true);
}

static void a_cancelled_one_copies_no_page(void **state)
{
	static const struct pm_snapshot_request request = {0};
	struct pm_task task = {.metadata_copied = cancel_now, .context = &task};
	struct pm_snapshot_result result;
	struct kit_file file = {.fd = memfd_create("cancelled", MFD_CLOEXEC)};
	struct kit kit;

	content_make(&kit);
	assert_int_equal(pm_snapshot_write(&kit.pool, &request, file.fd, &task, &result, NULL), PM_E_CANCELLED);
	assert_true(lseek(file.fd, 0, SEEK_END) < (off_t)KIT_MIB);
	close(file.fd);
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_snapshot_stops_within_few_windows),
		cmocka_unit_test(a_verification_stops_within_few_windows),
		cmocka_unit_test(a_cancelled_one_copies_no_page),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
