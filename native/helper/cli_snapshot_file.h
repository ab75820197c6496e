/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of the user's own, opened with the user's own rights: a word that is a file, a name after --name or --parent-name
 * one of the state directory. "-" is standard input or output.
 */
#ifndef PMPOOL_HELPER_CLI_SNAPSHOT_FILE_H
#define PMPOOL_HELPER_CLI_SNAPSHOT_FILE_H

#include "cli.h"
#include "store_chain.h"
#include <limits.h>

/* A new file: it has its name only when it is whole, so that what is killed leaves none. */
struct new_file {
	int fd;
	bool is_stdout;
	const char *path;
	char partial[PATH_MAX]; /* "" where the file system makes files without a name */
};
/* FILE_EXISTS when something is there already. */
enum pm_code new_file_open(struct new_file *file, const char *path, struct pm_error *err);
/* Written out and named; never over another file. Without a commit new_file_close leaves nothing. */
enum pm_code new_file_commit(struct new_file *file, struct pm_error *err);
void new_file_close(struct new_file *file);

/* What the protocol calls the name: the last part of a path. */
const char *base_name(const char *path, const char *of_stdio);

enum pm_code open_input(const char *path, int *fd, struct pm_error *err);

/* A snapshot and what it builds on: each parent is looked for beside `path` by the name that its child knows (with
 * ".pmsnap" when that is how the file is called). parent_path: the first parent's own path, or NULL. chain_close is due
 * after any result. */
enum pm_code chain_open_file(struct chain *chain, const char *path, const char *parent_path, struct pm_error *err);

/* The one snapshot a verb is about: words[word] is its file, or --name its name in the state directory. Exactly one of
 * them is given, else a usage error is said: false, and *exit_code. */
bool cli_which(struct cli *cli, unsigned word, unsigned more, int *exit_code);

/* After an act on this thread: the error or call->result is printed, call is cleared; the exit code. */
int cli_answer(struct cli *cli, struct call *call, enum pm_code code,
	       void (*print)(struct cli *cli, struct json_object *result));

#endif
