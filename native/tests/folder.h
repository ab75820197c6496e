/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A temporary folder for a test, gone after it; and files in it. */
#ifndef PMPOOL_TESTS_FOLDER_H
#define PMPOOL_TESTS_FOLDER_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static inline int folder_remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status, (void)type, (void)where;
	return remove(path);
}

static inline void folder_make(char path[256])
{
	const char *parent = getenv("TMPDIR");

	snprintf(path, 256, "%s/pmpool-test-XXXXXX", parent ? parent : "/tmp");
	if (!mkdtemp(path))
		abort();
}

static inline void folder_remove(const char *path)
{
	nftw(path, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Write a file under root, with its folders. */
static inline void folder_put(const char *root, const char *path, const char *text)
{
	char full[2048];
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (char *slash = full + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = 0;
		mkdir(full, 0755);
		*slash = '/';
	}
	file = fopen(full, "w");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		abort();
}

#endif
