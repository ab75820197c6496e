/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a serving helper gives up for good, before it reads the first byte of its client. */
#ifndef PMPOOL_HELPER_PRIVILEGE_H
#define PMPOOL_HELPER_PRIVILEGE_H

#include <pmpool/host.h>

/* Of root on a real host all capabilities but those the helper is for; of every helper the system calls that it
 * never makes and an intruder would. */
enum pm_code privilege_drop(const struct pm_host *host, struct pm_error *err);

/* False in a build with AddressSanitizer: LeakSanitizer traces the process that it is in, so no filter is loaded. */
bool privilege_filters(void);

#endif
