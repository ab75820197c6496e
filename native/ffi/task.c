/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "task.h"
#include <stdlib.h>

struct pm_ffi_task {
	struct pm_task task;
	_Atomic uint64_t done, total;
};

struct pm_ffi_task *pm_ffi_task_new(void)
{
	return calloc(1, sizeof(struct pm_ffi_task));
}

void pm_ffi_task_free(struct pm_ffi_task *task)
{
	free(task);
}

void pm_ffi_task_cancel(struct pm_ffi_task *task)
{
	atomic_store(&task->task.cancelled, true);
}

void pm_ffi_task_progress(const struct pm_ffi_task *task, uint64_t bytes[2])
{
	bytes[0] = atomic_load(&task->done);
	bytes[1] = atomic_load(&task->total);
}

static void note(void *context, uint64_t done_bytes, uint64_t total_bytes)
{
	struct pm_ffi_task *task = context;

	atomic_store(&task->total, total_bytes);
	atomic_store(&task->done, done_bytes);
}

struct pm_task *task_begin(struct pm_ffi_task *task, struct pm_task *quiet)
{
	if (!task)
		return quiet;
	task->task.progress = note;
	task->task.context = task;
	return &task->task;
}
