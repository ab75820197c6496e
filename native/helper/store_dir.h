/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_HELPER_STORE_DIR_H
#define PMPOOL_HELPER_STORE_DIR_H

#include <pmpool/host.h>

/* STATE_DIR/FOLDER, made with its parents (mode 0700) when `make`; FILE_NOT_FOUND when absent otherwise. */
enum pm_code store_dir_open(const struct pm_host *host, const char *folder, bool make, int *fd, struct pm_error *err);
/* Calls visit for each entry whose name starts with prefix. */
void store_dir_each(int dir_fd, const char *prefix, void (*visit)(int dir_fd, const char *name));

#endif
