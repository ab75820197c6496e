/* SPDX-License-Identifier: GPL-2.0-or-later */
/* write and read: an allocation's bytes from and to a file or a pipe. */
#include "acts.h"
#include "host/base64.h"
#include "cli.h"
#include "guarded.h"
#include "json_build.h"
#include "store.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place_in { /* where to read or write in which allocation */
	struct attached *attached;
	uint64_t page, offset, length; /* length: from offset to the allocation's end, or --length */
};

static bool find_place(struct cli *cli, struct place_in *place, int *exit_code)
{
	struct pm_error err = {0};
	struct run_copy run;
	uint64_t bytes;

	place->attached = cli_pool_attached(cli, exit_code);
	if (!place->attached || !cli_allocation(cli, place->attached, cli->args.words[1], &place->page, exit_code))
		return false;
	place->offset = args_number(&cli->args, "offset", 0);
	if (guarded_run_at(&place->attached->pool, place->page, &run, &err) != PM_OK) {
		*exit_code = cli_fail(cli, &err, "");
		return false;
	}
	bytes = run.pages * PM_PAGE_SIZE;
	if (place->offset > bytes) {
		pm_fail(&err, PM_E_OUT_OF_RANGE, "offset %llu; the allocation has %llu bytes",
			(unsigned long long)place->offset, (unsigned long long)bytes);
		*exit_code = cli_fail(cli, &err, "");
		return false;
	}
	place->length = bytes - place->offset;
	return true;
}

static bool is_stdio(const struct cli *cli)
{
	return cli->args.word_count < 3 || strcmp(cli->args.words[2], "-") == 0;
}

static ssize_t read_full(int fd, uint8_t *buffer, size_t bytes)
{
	size_t got = 0;

	while (got < bytes) {
		ssize_t n = read(fd, buffer + got, bytes - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

/* A file that does not fit is refused before the first byte; what comes through a pipe when it turns out not to. */
static enum pm_code check_size(int fd, const struct place_in *place, struct pm_error *err)
{
	struct stat status;

	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || (uint64_t)status.st_size <= place->length)
		return PM_OK;
	return pm_fail(err, PM_E_OUT_OF_RANGE, "the file has %lld bytes; from offset %llu the allocation has %llu",
		       (long long)status.st_size, (unsigned long long)place->offset, (unsigned long long)place->length);
}

static enum pm_code copy_in(struct cli *cli, const struct place_in *place, int fd, uint8_t *buffer, uint64_t *written,
			    struct pm_error *err)
{
	enum pm_code code = check_size(fd, place, err);

	for (*written = 0; code == PM_OK;) {
		ssize_t got = read_full(fd, buffer, CHUNK_BYTES);

		if (got < 0)
			return fail_errno(err, errno, "cannot read what to write");
		if (got == 0)
			return PM_OK;
		code = content_write(&cli->session, place->attached, place->page, place->offset + *written, buffer,
				     (size_t)got, false, err);
		if (code == PM_OK)
			*written += (uint64_t)got;
	}
	return code;
}

static enum pm_code write_from(struct cli *cli, const struct place_in *place, int fd, uint64_t *written,
			       struct pm_error *err)
{
	uint8_t *buffer = malloc(CHUNK_BYTES);
	char detail[48];
	enum pm_code code, noted;

	*written = 0;
	if (!buffer)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for a buffer");
	code = copy_in(cli, place, fd, buffer, written, err);
	free(buffer);
	if (*written == 0)
		return code;
	snprintf(detail, sizeof(detail), "%llu bytes at %llu", (unsigned long long)*written,
		 (unsigned long long)place->offset);
	noted = note_act(&cli->session, place->attached, PM_VERB_WRITE, place->page, 0, detail,
			 code == PM_OK ? err : NULL);
	return code == PM_OK ? noted : code;
}

static void print_written(struct cli *cli, struct json_object *result)
{
	(void)cli;
	printf("%llu bytes written.\n", (unsigned long long)json_count(result, "written"));
}

int cli_write(struct cli *cli)
{
	struct place_in place;
	struct pm_error err = {0};
	struct json_object *result;
	uint64_t written = 0;
	int exit_code = EXIT_OK, fd = STDIN_FILENO;
	enum pm_code code;

	if (!find_place(cli, &place, &exit_code))
		return exit_code;
	if (!is_stdio(cli))
		fd = open(cli->args.words[2], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		code = fail_errno(&err, errno, cli->args.words[2]);
	else
		code = write_from(cli, &place, fd, &written, &err);
	if (fd > STDERR_FILENO)
		close(fd);
	if (code != PM_OK && written > 0) { /* nobody must take it for untouched */
		struct pm_error cause = err;

		pm_fail(&err, code, "%.300s; %llu bytes were written before", cause.message,
			(unsigned long long)written);
	}
	if (code != PM_OK)
		return cli_fail(cli, &err, "");
	result = json_object_new_object();
	json_set_count(result, "written", written);
	return cli_result(cli, result, EXIT_OK, print_written);
}

static enum pm_code copy_out(const struct place_in *place, int fd, uint8_t *buffer, struct pm_error *err)
{
	for (uint64_t done = 0; done < place->length;) {
		size_t bytes = place->length - done < CHUNK_BYTES ? (size_t)(place->length - done) : CHUNK_BYTES;
		enum pm_code code =
			content_read(place->attached, place->page, place->offset + done, buffer, bytes, err);

		if (code != PM_OK)
			return code;
		for (size_t out = 0; out < bytes;) {
			ssize_t n = write(fd, buffer + out, bytes - out);

			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0)
				return fail_errno(err, errno, "cannot write what was read");
			out += (size_t)n;
		}
		done += bytes;
	}
	return PM_OK;
}

static enum pm_code read_to(const struct place_in *place, int fd, struct pm_error *err)
{
	uint8_t *buffer = malloc(CHUNK_BYTES);
	enum pm_code code;

	if (!buffer)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for a buffer");
	code = copy_out(place, fd, buffer, err);
	free(buffer);
	return code;
}

/* A new file, taken away again when the content did not get there whole. */
static enum pm_code read_to_file(const struct place_in *place, const char *path, struct pm_error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	enum pm_code code;

	if (fd < 0)
		return fail_errno(err, errno, path);
	code = read_to(place, fd, err);
	if (close(fd) != 0 && code == PM_OK)
		code = fail_errno(err, errno, path);
	if (code != PM_OK)
		unlink(path);
	return code;
}

static int read_json(struct cli *cli, const struct place_in *place)
{
	struct json_object *params = json_object_new_object();

	json_set_text(params, "pool", place->attached->uuid);
	json_set_count(params, "page", place->page);
	json_set_count(params, "offset", place->offset);
	json_set_count(params, "length", place->length);
	return cli_run(cli, "allocation/read", params, NULL);
}

/* The whole range before the first part of it, in the numbers that were typed. */
static bool choose_length(struct cli *cli, struct place_in *place, int *exit_code)
{
	uint64_t length = args_number(&cli->args, "length", place->length);
	struct pm_error err = {0};

	if (length > place->length) {
		pm_fail(&err, PM_E_OUT_OF_RANGE, "%llu bytes at offset %llu; the allocation has %llu bytes",
			(unsigned long long)length, (unsigned long long)place->offset,
			(unsigned long long)(place->offset + place->length));
		*exit_code = cli_fail(cli, &err, "");
		return false;
	}
	place->length = length;
	return true;
}

int cli_read(struct cli *cli)
{
	struct place_in place;
	struct pm_error err = {0};
	int exit_code = EXIT_OK;
	enum pm_code code;

	if (!find_place(cli, &place, &exit_code))
		return exit_code;
	if (!choose_length(cli, &place, &exit_code))
		return exit_code;
	if (cli->json)
		return read_json(cli, &place);
	if (is_stdio(cli))
		code = read_to(&place, STDOUT_FILENO, &err);
	else
		code = read_to_file(&place, cli->args.words[2], &err);
	return code == PM_OK ? EXIT_OK : cli_fail(cli, &err, "");
}
