/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli_snapshot_file.h"
#include "store.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *base_name(const char *path, const char *of_stdio)
{
	const char *slash = strrchr(path, '/');

	return strcmp(path, "-") == 0 ? of_stdio : slash ? slash + 1 : path;
}

/* "." or the part before the last slash, which stays on it. */
static void folder_of(const char *path, char folder[PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	snprintf(folder, PATH_MAX, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
}

enum pm_code new_file_open(struct new_file *file, const char *path, struct pm_error *err)
{
	char folder[PATH_MAX];
	struct stat status;

	memset(file, 0, sizeof(*file));
	file->path = path;
	file->is_stdout = strcmp(path, "-") == 0;
	file->fd = STDOUT_FILENO;
	if (file->is_stdout)
		return PM_OK;
	if (lstat(path, &status) == 0) {
		file->fd = -1;
		return fail_errno(err, EEXIST, path);
	}
	folder_of(path, folder);
	file->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
	if (file->fd >= 0)
		return PM_OK;
	if (snprintf(file->partial, sizeof(file->partial), "%s.partial-%ld", path, (long)getpid()) >=
	    (int)sizeof(file->partial)) {
		file->partial[0] = '\0';
		return fail_errno(err, ENAMETOOLONG, path);
	}
	file->fd = open(file->partial, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (file->fd >= 0)
		return PM_OK;
	file->partial[0] = '\0';
	return fail_errno(err, errno, path);
}

enum pm_code new_file_commit(struct new_file *file, struct pm_error *err)
{
	char link[64];

	if (file->is_stdout)
		return PM_OK;
	if (fsync(file->fd) != 0)
		return fail_errno(err, errno, file->path);
	if (file->partial[0]) {
		if (renameat2(AT_FDCWD, file->partial, AT_FDCWD, file->path, RENAME_NOREPLACE) != 0)
			return fail_errno(err, errno, file->path);
		file->partial[0] = '\0';
		return PM_OK;
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", file->fd);
	if (linkat(AT_FDCWD, link, AT_FDCWD, file->path, AT_SYMLINK_FOLLOW) != 0)
		return fail_errno(err, errno, file->path);
	return PM_OK;
}

void new_file_close(struct new_file *file)
{
	if (file->is_stdout)
		return;
	if (file->partial[0])
		unlink(file->partial);
	file->partial[0] = '\0';
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

enum pm_code open_input(const char *path, int *fd, struct pm_error *err)
{
	*fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	return *fd < 0 ? fail_errno(err, errno, path) : PM_OK;
}

struct beside {
	const char *path;
	const char *parent_path; /* of the next one that is asked for, then NULL */
};

static enum pm_code open_beside(void *where, const char *name, int *fd, struct pm_error *err)
{
	static const char *const suffixes[] = {"", ".pmsnap"};
	struct beside *beside = where;
	char folder[PATH_MAX], path[PATH_MAX + 160];

	if (beside->parent_path) {
		const char *path_given = beside->parent_path;

		beside->parent_path = NULL;
		return open_input(path_given, fd, err);
	}
	/* a name in a file may be anything: it never leads out of the folder */
	if (!file_name_valid(name) || strcmp(beside->path, "-") == 0)
		return pm_fail(err, PM_E_FILE_NOT_FOUND, "give it with --parent");
	folder_of(beside->path, folder);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s%s", folder, name, suffixes[i]);
		*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (*fd >= 0)
			return PM_OK;
	}
	return pm_fail(err, PM_E_FILE_NOT_FOUND, "it is not beside %.100s", beside->path);
}

enum pm_code chain_open_file(struct chain *chain, const char *path, const char *parent_path, struct pm_error *err)
{
	struct beside beside = {path, parent_path};
	int fd;
	enum pm_code code = open_input(path, &fd, err);

	chain->count = 0;
	return code == PM_OK ? chain_open(chain, fd, open_beside, &beside, err) : code;
}

bool cli_which(struct cli *cli, unsigned word, unsigned more, int *exit_code)
{
	bool named = args_given(&cli->args, "name");

	if (named ? cli->args.word_count <= word + more : cli->args.word_count > word)
		return true;
	*exit_code = cli_usage_say(cli, "give either a file, or --name for the state directory");
	return false;
}

int cli_answer(struct cli *cli, struct call *call, enum pm_code code,
	       void (*print)(struct cli *cli, struct json_object *result))
{
	struct json_object *result = NULL;
	int exit_code = EXIT_OK;

	if (code == PM_OK) {
		result = json_object_get(call->result);
	} else {
		if (call->err.code != code)
			pm_fail(&call->err, code, "%s", pm_error_reason(code));
		exit_code = cli_fail(cli, &call->err, call->confirm);
	}
	call_clear(call);
	return cli_result(cli, result, exit_code, print);
}
