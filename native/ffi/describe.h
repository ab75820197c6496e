/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_FFI_DESCRIBE_H
#define PMPOOL_FFI_DESCRIBE_H

#include "chain.h"

/* LabFile without name, path and parent.present. `damage` is what opening it found, or what reading it whole did. */
struct json_object *describe(struct chain *chain, const struct pm_snapshot_result *totals,
			     const struct pm_error *damage);

#endif
