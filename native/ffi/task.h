/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_FFI_TASK_H
#define PMPOOL_FFI_TASK_H

#include "pmpool_ffi.h"
#include <pmpool/task.h>

/* `quiet`, which is all zero, where nobody listens. */
struct pm_task *task_begin(struct pm_ffi_task *task, struct pm_task *quiet);

#endif
