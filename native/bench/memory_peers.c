/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that do the same by files, each on the bytes of the content, from tmpfs to tmpfs. */
#include "memory.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHA256_MAX (UINT64_C(256) << 20) /* it takes seconds for each GiB */

/* Runs to its end; false when it could not or failed. */
static bool spawn(const char *const *argv, int input, int output)
{
	int status = 0;
	pid_t child = fork();

	if (child < 0)
		return false;
	if (child == 0) {
		if (input >= 0)
			dup2(input, STDIN_FILENO);
		if (output >= 0)
			dup2(output, STDOUT_FILENO);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The content ends a little before the file does; what follows is as if it belonged to it. */
static uint64_t from_content(struct bench *bench, const char *const *argv, int output)
{
	uint64_t at = bench->region.info.base + (uint64_t)(bench->content - bench->region.map);
	struct stat stat;

	if (fstat(bench->region.fd, &stat) < 0 || lseek(bench->region.fd, (off_t)at, SEEK_SET) < 0)
		return 0;
	return spawn(argv, bench->region.fd, output) ? (uint64_t)stat.st_size - at : 0;
}

void zstd_before(struct bench *bench)
{
	bench->zstd_fd = content_file(bench, "zstd");
}

uint64_t work_zstd(struct bench *bench, const char **why)
{
	static const char *const argv[] = {"zstd", "-1", "-T2", "-q", "-c", NULL};

	*why = "zstd is not installed";
	return from_content(bench, argv, bench->zstd_fd);
}

void zstd_after(struct bench *bench)
{
	bench->zstd_bytes = (uint64_t)lseek(bench->zstd_fd, 0, SEEK_END);
	close(bench->zstd_fd);
}

uint64_t work_sha256sum(struct bench *bench, const char **why)
{
	static const char *const argv[] = {"sha256sum", NULL};
	uint64_t bytes = bench->content_bytes < SHA256_MAX ? bench->content_bytes : SHA256_MAX;
	int sample = content_file(bench, "sample"), nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	bool done = write(sample, bench->content, bytes) == (ssize_t)bytes && lseek(sample, 0, SEEK_SET) == 0 &&
		    spawn(argv, sample, nowhere);

	close(sample);
	close(nowhere);
	*why = "sha256sum failed";
	return done ? bytes : 0;
}

static void print_version(const char *command)
{
	char line[256] = "not installed";
	FILE *from = popen(command, "re");

	if (from && fgets(line, sizeof(line), from))
		line[strcspn(line, "\n")] = 0;
	if (from)
		pclose(from);
	printf("peer: %s\n", line);
}

void print_programs(void)
{
	print_version("zstd --version 2>/dev/null");
	print_version("sha256sum --version 2>/dev/null");
}
