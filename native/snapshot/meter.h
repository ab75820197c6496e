/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far a long act has come: tells the task at most every 100 ms and hears whether it is to stop. */
#ifndef PMPOOL_METER_H
#define PMPOOL_METER_H

#include "pmpool/error.h"
#include "pmpool/task.h"

struct pm_meter {
	struct pm_task *task; /* may be NULL */
	uint64_t done, total; /* bytes */
	uint64_t told_ns;
};

uint64_t pm_monotonic_ns(void);
uint64_t pm_wall_ms(void); /* milliseconds since 1970 */
void pm_meter_start(struct pm_meter *meter, struct pm_task *task, uint64_t total);
/* PM_OK or PM_E_CANCELLED. Call it at least once a MiB. */
enum pm_code pm_meter_step(struct pm_meter *meter, uint64_t bytes, struct pm_error *err);
/* PM_OK or PM_E_CANCELLED: of work that has no measure. task may be NULL. */
enum pm_code pm_task_check(const struct pm_task *task, struct pm_error *err);
void pm_meter_end(struct pm_meter *meter);

#endif
