/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the snapshots of the state directory say of themselves. */
#ifndef PMPOOL_HELPER_STORE_SNAPSHOTS_H
#define PMPOOL_HELPER_STORE_SNAPSHOTS_H

#include "long_act.h"

/* Snapshot of main/api of an open file as it is on the disk, so that create, list and info cannot differ. A damaged one
 * gets its `damage`; only what cannot be read at all is an error. */
enum pm_code snapshot_stored(int fd, const char *name, bool present, struct json_object **snapshot,
			     struct pm_error *err);
/* All of them, newest first, each with whether its parent is there: an array. */
enum pm_code snapshots_stored(const struct pm_host *host, struct json_object **snapshots, struct pm_error *err);

#endif
