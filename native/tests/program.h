/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running the real pmpool: arguments, standard input from a file, what it printed, how it ended. */
#ifndef PMPOOL_TESTS_PROGRAM_H
#define PMPOOL_TESTS_PROGRAM_H

#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *program_path; /* set by main from its arguments */

struct ran {
	int exit_code; /* -1: killed by a signal */
	char *out, *err; /* malloc'd, NUL-terminated */
	size_t out_bytes;
};

static inline char *program_slurp(FILE *file, size_t *bytes)
{
	char *text;
	long size;

	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	text = malloc((size_t)size + 1);
	*bytes = fread(text, 1, (size_t)size, file);
	text[*bytes] = '\0';
	fclose(file);
	return text;
}

/* words ends with NULL; input NULL: /dev/null. */
static inline struct ran program_run(const char *const *words, const char *input)
{
	FILE *out = tmpfile(), *err = tmpfile();
	struct ran ran = {.exit_code = -1};
	size_t bytes;
	int status;
	pid_t child = out && err ? fork() : -1;

	if (child < 0)
		abort();
	if (child == 0) {
		int in = open(input ? input : "/dev/null", O_RDONLY);

		dup2(in, STDIN_FILENO);
		dup2(fileno(out), STDOUT_FILENO);
		dup2(fileno(err), STDERR_FILENO);
		execv(program_path, (char **)(uintptr_t)words);
		_exit(127);
	}
	if (waitpid(child, &status, 0) == child && WIFEXITED(status))
		ran.exit_code = WEXITSTATUS(status);
	ran.out = program_slurp(out, &ran.out_bytes);
	ran.err = program_slurp(err, &bytes);
	return ran;
}

static inline void ran_free(struct ran *ran)
{
	free(ran->out);
	free(ran->err);
	memset(ran, 0, sizeof(*ran));
}

#endif
