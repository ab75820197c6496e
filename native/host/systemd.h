/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_SYSTEMD_H
#define PMPOOL_SYSTEMD_H

#include "pmpool/error.h"

/* Queue a start of the unit that no other job may undo; SYSTEMD_FAILED. Returns when systemd has taken it. */
enum pm_code pm_systemd_start(const char *unit, struct pm_error *err);

#endif
