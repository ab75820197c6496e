/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store_dir.h"
#include "json_build.h"
#include "store.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool make_parents(const char *path)
{
	char part[sizeof(((struct pm_host *)0)->state_dir)];

	for (size_t i = 1; path[i]; i++) {
		if (path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0755) != 0 && errno != EEXIST)
			return false;
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

enum pm_code store_dir_open(const struct pm_host *host, const char *folder, bool make, int *fd, struct pm_error *err)
{
	int state_fd;

	if (make && !make_parents(host->state_dir))
		return fail_errno(err, errno, host->state_dir);
	state_fd = open(host->state_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (state_fd < 0)
		return fail_errno(err, errno, host->state_dir);
	if (make && mkdirat(state_fd, folder, 0700) != 0 && errno != EEXIST) {
		close(state_fd);
		return fail_errno(err, errno, folder);
	}
	*fd = openat(state_fd, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	close(state_fd);
	return *fd < 0 ? fail_errno(err, errno, folder) : PM_OK;
}

void store_dir_each(int dir_fd, const char *prefix, void (*visit)(int dir_fd, const char *name))
{
	int copy = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* a position of its own */
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);

	if (!dir) {
		if (copy >= 0)
			close(copy);
		return;
	}
	for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
			visit(dir_fd, entry->d_name);
	closedir(dir);
}

/* NAME.SUFFIX to NAME; false for anything else. */
static bool stem(const char *file, const char *suffix, char name[128])
{
	size_t length = strlen(file), tail = strlen(suffix) + 1;

	if (length <= tail || length - tail >= 128 || file[length - tail] != '.' ||
	    strcmp(file + length - tail + 1, suffix) != 0)
		return false;
	memcpy(name, file, length - tail);
	name[length - tail] = '\0';
	return file_name_valid(name);
}

static int newest_first(const void *left, const void *right)
{
	struct json_object *const *a = left, *const *b = right;
	uint64_t x = json_count(*a, "modified"), y = json_count(*b, "modified");

	return x < y ? 1 : x > y ? -1 : strcmp(json_text(*a, "name"), json_text(*b, "name"));
}

static void add_entry(struct json_object *list, int dir_fd, const char *file, const char *suffix)
{
	struct json_object *entry;
	struct stat status;
	char name[128];

	if (!stem(file, suffix, name) || fstatat(dir_fd, file, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(status.st_mode))
		return;
	entry = json_object_new_object();
	json_set_text(entry, "name", name);
	json_set_count(entry, "bytes", (uint64_t)status.st_size);
	json_set(entry, "modified",
		 json_object_new_uint64((uint64_t)status.st_mtim.tv_sec * UINT64_C(1000000000) +
					(uint64_t)status.st_mtim.tv_nsec));
	json_object_array_add(list, entry);
}

enum pm_code store_list(const struct pm_host *host, const struct store_kind *kind, struct json_object **list,
			struct pm_error *err)
{
	DIR *dir;
	int dir_fd;
	enum pm_code code = store_dir_open(host, kind->folder, false, &dir_fd, err);

	*list = json_object_new_array();
	if (code == PM_E_FILE_NOT_FOUND)
		return PM_OK; /* nothing was ever stored */
	if (code != PM_OK)
		return code;
	dir = fdopendir(dir_fd);
	if (!dir) {
		close(dir_fd);
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "cannot read the state directory");
	}
	for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
		add_entry(*list, dirfd(dir), entry->d_name, kind->suffix);
	closedir(dir);
	json_object_array_sort(*list, newest_first);
	return PM_OK;
}
