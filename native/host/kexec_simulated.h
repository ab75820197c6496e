/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec on a simulated host: what is loaded is the next command line, in a file of the host. */
#ifndef PMPOOL_KEXEC_SIMULATED_H
#define PMPOOL_KEXEC_SIMULATED_H

#include "pmpool/host.h"

enum pm_code pm_kexec_simulated_load(const struct pm_host *host, const char *cmdline, struct pm_error *err);
enum pm_code pm_kexec_simulated_unload(const struct pm_host *host, struct pm_error *err);
/* A new boot by the loaded command line; something is loaded, the caller saw to it. */
enum pm_code pm_kexec_simulated_jump(const struct pm_host *host, struct pm_error *err);
/* A cold boot as the host was made: what was loaded is gone. UNSUPPORTED on a real host. */
enum pm_code pm_kexec_simulated_reset(const struct pm_host *host, struct pm_error *err);

#endif
