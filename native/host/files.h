/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small steps on files, shared by the parts of host and region. */
#ifndef PMPOOL_HOST_FILES_H
#define PMPOOL_HOST_FILES_H

#include "pmpool/host.h"

#define PM_PATH_MAX 2048

/* errno as a code: FILE_NOT_FOUND, PERMISSION_DENIED, DISK_FULL, IO_FAILED; the message names act and path. */
enum pm_code pm_fail_errno(struct pm_error *err, const char *act, const char *path);
/* ROOT + path; IO_FAILED when it does not fit. */
enum pm_code pm_host_path(const struct pm_host *host, const char *path, char full[PM_PATH_MAX], struct pm_error *err);
/* mkdir -p, mode for each new folder. */
enum pm_code pm_make_folders(const char *path, unsigned mode, struct pm_error *err);
/* Replace a file by rename, so that a reader sees the old or the new text. */
enum pm_code pm_write_file(const char *path, const char *text, struct pm_error *err);

#endif
