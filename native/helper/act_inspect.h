/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The acts behind main/api/inspectMethods.ts, with their parameters for methods.c. */
#ifndef PMPOOL_HELPER_ACT_INSPECT_H
#define PMPOOL_HELPER_ACT_INSPECT_H

#include "call.h"

#define EDIT_BYTES (UINT64_C(1) << 16) /* editBytes of main/api/inspectMethods.ts */
#define NEEDLE_BYTES UINT64_C(4096) /* needleBytes of it */

extern const struct param memory_read_params[];
extern const struct param memory_write_params[];
extern const struct param memory_search_params[];
extern const struct param snapshot_bytes_params[];
extern const struct param expectation_bytes_params[];

enum pm_code act_memory_read(struct call *call);
enum pm_code act_memory_write(struct call *call);
enum pm_code act_memory_search_begin(struct call *call);
enum pm_code act_memory_search_work(struct call *call);
enum pm_code act_memory_search_end(struct call *call, enum pm_code worked);
enum pm_code act_snapshot_bytes(struct call *call);
enum pm_code act_expectation_bytes(struct call *call);

#endif
