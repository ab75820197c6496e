// SPDX-License-Identifier: GPL-2.0-or-later
#include "meter.h"
#include <stddef.h>
#include <time.h>

#define TELL_NS UINT64_C(100000000)

uint64_t pm_monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

uint64_t pm_wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void tell(struct pm_meter *meter)
{
	if (meter->task && meter->task->progress)
		meter->task->progress(meter->task->context, meter->done, meter->total);
}

void pm_meter_start(struct pm_meter *meter, struct pm_task *task, uint64_t total)
{
	*meter = (struct pm_meter){.task = task, .total = total, .told_ns = pm_monotonic_ns()};
}

enum pm_code pm_task_check(const struct pm_task *task, struct pm_error *err)
{
	if (task && atomic_load_explicit(&task->cancelled, memory_order_relaxed))
		return pm_fail(err, PM_E_CANCELLED, "Cancelled.");
	return PM_OK;
}

enum pm_code pm_meter_step(struct pm_meter *meter, uint64_t bytes, struct pm_error *err)
{
	uint64_t now;

	if (pm_task_check(meter->task, err))
		return PM_E_CANCELLED;
	meter->done += bytes;
	now = pm_monotonic_ns();
	if (now - meter->told_ns >= TELL_NS) {
		meter->told_ns = now;
		tell(meter);
	}
	return PM_OK;
}

void pm_meter_end(struct pm_meter *meter)
{
	tell(meter);
}
