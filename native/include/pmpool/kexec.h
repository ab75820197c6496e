/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec: plan, load with kexec_file_load, jump through systemd; the same verbs on a simulated host. */
#ifndef PMPOOL_KEXEC_H
#define PMPOOL_KEXEC_H

#include "core.h"
#include "host.h"

struct json_object;

struct pm_kexec_request {
	/* path on the host; NULL: the running kernel's image (/boot/vmlinuz-RELEASE, /boot/vmlinuz) */
	const char *kernel;
	const char *initrd; /* NULL: the one that belongs to it when there is one; "": none */
	const char *cmdline; /* NULL: the running one, made safe */
	const char *append; /* NULL or options to add */
	bool drop_reservation; /* leave memmap= out on purpose: the test of loss; the plan says so in a check */
};

/* The plan as JSON of main/api (KexecPlan): kernel, initrd, command line, what was added, nonce (pmpool.nonce=...),
 * and checks [{id, level: "pass"|"warn"|"fail", title, detail, remedy}]. Changes nothing. */
enum pm_code pm_kexec_plan(const struct pm_host *host, const struct pm_pool *pool,
			   const struct pm_kexec_request *request, struct json_object **plan, struct pm_error *err);

/* Load exactly what a plan says; kexec_file_load only, segments never chosen by user space. */
enum pm_code pm_kexec_load(const struct pm_host *host, struct json_object *plan, struct pm_error *err);
enum pm_code pm_kexec_unload(const struct pm_host *host, struct pm_error *err);
bool pm_kexec_loaded(const struct pm_host *host); /* /sys/kernel/kexec_loaded */

/* StartUnit kexec.target over D-Bus; KEXEC_NOT_LOADED when nothing is loaded (systemd would reboot for real).
 * On a simulated host: new boot id, the loaded command line and its memory map take effect; *gone tells the caller
 * that this process has to end now, as it would on a real host. */
enum pm_code pm_kexec_jump(const struct pm_host *host, bool *gone, struct pm_error *err);

#endif
