// SPDX-License-Identifier: GPL-2.0-or-later
#include "kexec_simulated.h"
#include "pmpool/kexec.h"
#include "systemd.h"
#include <unistd.h>

enum pm_code pm_kexec_jump(const struct pm_host *host, bool *gone, struct pm_error *err)
{
	enum pm_code code;

	*gone = false;
	/* systemd would answer "done" and reboot through the firmware. */
	if (!pm_kexec_loaded(host))
		return pm_fail(err, PM_E_KEXEC_NOT_LOADED, "/sys/kernel/kexec_loaded is not 1.");
	sync();
	if (!host->simulated)
		return pm_systemd_start("kexec.target", err);
	code = pm_kexec_simulated_jump(host, err);
	*gone = !code;
	return code;
}
