/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a serving helper can no longer do, and what it still can; and who may speak to it over a socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "folder.h"
#include "gate.h"
#include "privilege.h"
#include <errno.h>
#include <pthread.h>
#include <pwd.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static char folder[256];

/* In a process of its own: what is given up does not come back. 0 or the line that failed. */
static int in_child(int (*body)(void))
{
	pid_t child = fork();
	int status = 0;

	if (child == 0)
		_exit(body());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define EXPECT(condition)                                           \
	do {                                                        \
		if (!(condition))                                   \
			return __LINE__ % 256 ? __LINE__ % 256 : 1; \
	} while (0)

static void *nothing(void *argument)
{
	return argument;
}

static int limited(void)
{
	char *const words[] = {(char *)(uintptr_t) "true", NULL};
	struct pm_host host = {.simulated = true};
	struct pm_error err = {0};
	char path[300];
	pthread_t thread;
	int pair[2], fd;

	EXPECT(privilege_drop(&host, &err) == PM_OK);
	/* gone */
	errno = 0;
	EXPECT(execv("/bin/false", words) < 0 && errno == EPERM);
	EXPECT(socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == EAFNOSUPPORT);
	EXPECT(socket(AF_NETLINK, SOCK_RAW, 0) < 0 && errno == EAFNOSUPPORT);
	EXPECT(ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 && errno == EPERM);
	EXPECT(syscall(SYS_kexec_load, 0, 0, NULL, 0) < 0 && errno == EPERM);
	EXPECT(syscall(SYS_unshare, 0) < 0 && errno == EPERM);
	/* left */
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	EXPECT(fd >= 0 && close(fd) == 0);
	EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	EXPECT(pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0);
	snprintf(path, sizeof(path), "%s/file", folder);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	EXPECT(fd >= 0 && ftruncate(fd, 4096) == 0 && fsync(fd) == 0);
	EXPECT(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED);
	EXPECT(getpwuid(0) != NULL);
	return 0;
}

static void test_system_calls(void **state)
{
	(void)state;
	if (!privilege_filters()) {
		print_message("a sanitized build loads no filter\n");
		skip();
	}
	assert_int_equal(in_child(limited), 0);
}

static bool has(cap_flag_t flag, cap_value_t capability)
{
	cap_flag_value_t value = CAP_CLEAR;
	cap_t all = cap_get_proc();

	cap_get_flag(all, capability, flag, &value);
	cap_free(all);
	return value == CAP_SET;
}

static int stripped(void)
{
	static const cap_value_t gone[] = {CAP_DAC_OVERRIDE, CAP_SYS_PTRACE, CAP_NET_ADMIN, CAP_SETUID, CAP_SYS_MODULE};
	bool had = has(CAP_EFFECTIVE, CAP_SYS_ADMIN);
	struct pm_host host = {.simulated = false};
	struct pm_error err = {0};

	EXPECT(privilege_drop(&host, &err) == PM_OK);
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
		EXPECT(!has(CAP_EFFECTIVE, gone[i]) && !has(CAP_PERMITTED, gone[i]));
		EXPECT(cap_get_bound(gone[i]) == 0);
	}
	EXPECT(has(CAP_EFFECTIVE, CAP_SYS_ADMIN) == had);
	return 0;
}

static void test_capabilities(void **state)
{
	(void)state;
	if (geteuid() != 0 || !has(CAP_EFFECTIVE, CAP_SETPCAP)) {
		print_message("needs root: only root has something to drop\n");
		skip();
	}
	assert_int_equal(in_child(stripped), 0);
}

static int pair_of(uid_t uid, int pair[2])
{
	int failed;

	if (seteuid(uid) != 0)
		return -1;
	failed = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair); /* its peer is who made it */
	return seteuid(0) == 0 ? failed : -1;
}

static void test_gate(void **state)
{
	static const uid_t nobody = 65534;
	struct pm_error err = {0};
	struct gate gate;
	int pair[2];

	(void)state;
	assert_int_equal(gate_pass(NULL, ACT_KEXEC, &err), PM_OK); /* who started us */
	if (geteuid() != 0) {
		print_message("needs root: peers of other users\n");
		skip();
	}
	assert_int_equal(pair_of(0, pair), 0);
	assert_int_equal(gate_open(&gate, pair[0], &err), PM_OK);
	assert_int_equal(gate_pass(&gate, ACT_KEXEC, &err), PM_OK);
	close(pair[0]);
	close(pair[1]);
	assert_int_equal(pair_of(nobody, pair), 0);
	assert_int_equal(gate_open(&gate, pair[0], &err), PM_OK);
	assert_int_equal(gate.uid, nobody);
	assert_int_equal(gate.pid, getpid());
	assert_true(gate.start_time > 0);
	assert_int_equal(gate_pass(&gate, ACT_NONE, &err), PM_OK);
	/* a bus that cannot be reached is no answer, and no answer is no */
	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
	for (enum act_kind kind = ACT_READ; kind <= ACT_KEXEC; kind++)
		assert_int_equal(gate_pass(&gate, kind, &err), PM_E_PERMISSION_DENIED);
	close(pair[0]);
	close(pair[1]);
	assert_int_equal(pipe(pair), 0);
	assert_int_equal(gate_open(&gate, pair[0], &err), PM_E_PERMISSION_DENIED); /* no socket, no peer */
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_system_calls),
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_gate),
	};
	int failed;

	folder_make(folder);
	failed = cmocka_run_group_tests_name("helper_privilege", tests, NULL, NULL);
	folder_remove(folder);
	return failed;
}
