/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "privilege.h"
#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

bool privilege_filters(void)
{
	return !SANITIZED;
}

/* /proc/iomem shows addresses to SYS_ADMIN, /dev/mem opens for SYS_RAWIO, kexec_file_load wants SYS_BOOT. */
static const cap_value_t kept[] = {CAP_SYS_ADMIN, CAP_SYS_RAWIO, CAP_SYS_BOOT};
#define KEPT (int)(sizeof(kept) / sizeof(kept[0]))

static bool is_kept(cap_value_t capability)
{
	for (int i = 0; i < KEPT; i++)
		if (kept[i] == capability)
			return true;
	return false;
}

static bool limit_bounding_set(void)
{
	for (cap_value_t capability = 0; cap_get_bound(capability) >= 0; capability++)
		if (!is_kept(capability) && cap_get_bound(capability) == 1 && cap_drop_bound(capability) != 0)
			return false;
	return true;
}

/* What is not in the permitted set already (in a container, say) stays out of it. */
static bool limit_process(void)
{
	cap_t before = cap_get_proc(), after = cap_init();
	bool done = before && after;

	for (int i = 0; done && i < KEPT; i++) {
		cap_flag_value_t had = CAP_CLEAR;

		cap_get_flag(before, kept[i], CAP_PERMITTED, &had);
		if (had == CAP_SET)
			done = cap_set_flag(after, CAP_PERMITTED, 1, &kept[i], CAP_SET) == 0 &&
			       cap_set_flag(after, CAP_EFFECTIVE, 1, &kept[i], CAP_SET) == 0;
	}
	done = done && cap_set_proc(after) == 0;
	cap_free(before);
	cap_free(after);
	return done;
}

/* A list of what is refused rather than of what is allowed: a library that makes a new harmless call keeps working. */
static const int refused[] = {
	/* another program, or a hand in one */
	SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
	SCMP_SYS(pidfd_getfd), SCMP_SYS(kcmp), SCMP_SYS(userfaultfd), SCMP_SYS(personality),
	/* another view of the file systems */
	SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(move_mount),
	SCMP_SYS(open_tree), SCMP_SYS(fsopen), SCMP_SYS(fsmount), SCMP_SYS(fspick), SCMP_SYS(fsconfig),
	SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(swapon), SCMP_SYS(swapoff), SCMP_SYS(quotactl), SCMP_SYS(mknod),
	SCMP_SYS(mknodat), SCMP_SYS(open_by_handle_at),
	/* the kernel: kexec_load would let user space choose where segments go, so a kernel comes by kexec_file_load
	 * only, and the machine goes down through systemd only */
	SCMP_SYS(kexec_load), SCMP_SYS(reboot), SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(delete_module),
	SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(ioperm), SCMP_SYS(iopl), SCMP_SYS(modify_ldt),
	SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(io_uring_setup), SCMP_SYS(syslog),
	SCMP_SYS(acct), SCMP_SYS(settimeofday), SCMP_SYS(clock_settime), SCMP_SYS(clock_adjtime), SCMP_SYS(adjtimex),
	SCMP_SYS(sethostname), SCMP_SYS(setdomainname), SCMP_SYS(vhangup), SCMP_SYS(lookup_dcookie),
	/* another user */
	SCMP_SYS(setuid), SCMP_SYS(setgid), SCMP_SYS(setresuid), SCMP_SYS(setresgid), SCMP_SYS(setreuid),
	SCMP_SYS(setregid), SCMP_SYS(setgroups), SCMP_SYS(setfsuid), SCMP_SYS(setfsgid), SCMP_SYS(capset)};

static int add_rules(scmp_filter_ctx filter)
{
	int failed = 0;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]) && !failed; i++) {
		if (refused[i] < 0)
			continue; /* this architecture has no such call */
		failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
	}
	/* D-Bus and name services are local; a network the helper never touches */
	if (!failed)
		failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
					  SCMP_A0(SCMP_CMP_NE, AF_UNIX));
	return failed;
}

static int load_filter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int failed;

	if (!filter)
		return -ENOMEM;
	failed = add_rules(filter);
	if (!failed)
		failed = seccomp_load(filter); /* with no_new_privs */
	seccomp_release(filter);
	return failed;
}

enum pm_code privilege_drop(const struct pm_host *host, struct pm_error *err)
{
	int failed;

	if (geteuid() == 0 && !host->simulated && (!limit_bounding_set() || !limit_process()))
		return pm_fail(err, PM_E_PERMISSION_DENIED, "capabilities cannot be dropped: %s", strerror(errno));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return pm_fail(err, PM_E_PERMISSION_DENIED, "no_new_privs cannot be set: %s", strerror(errno));
	failed = privilege_filters() ? load_filter() : 0;
	if (failed)
		return pm_fail(err, PM_E_PERMISSION_DENIED, "system calls cannot be limited: %s", strerror(-failed));
	return PM_OK;
}
