/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIGBUS on a revoked or truncated mapping, brought back to the thread that touched it. */
#include "host/files.h"
#include "internal.h"
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

static _Thread_local sigjmp_buf *resume; /* of the body that runs on this thread, NULL when none does */
static struct sigaction before;

static void on_sigbus(int signal, siginfo_t *info, void *context)
{
	(void)info, (void)context;
	if (resume)
		siglongjmp(*resume, 1);
	/* Not ours: the access is repeated under the disposition from before us. */
	sigaction(signal, &before, NULL);
}

static pthread_mutex_t backing_mutex = PTHREAD_MUTEX_INITIALIZER;
static char backing[PM_PATH_MAX]; /* of the simulated host opened last, empty on a real one */

void pm_region_backed_by(const char *path)
{
	pthread_mutex_lock(&backing_mutex);
	snprintf(backing, sizeof(backing), "%s", path);
	pthread_mutex_unlock(&backing_mutex);
}

static bool backing_is_full(void)
{
	char path[sizeof(backing)];
	struct statvfs status;

	pthread_mutex_lock(&backing_mutex);
	memcpy(path, backing, sizeof(path));
	pthread_mutex_unlock(&backing_mutex);
	return path[0] && statvfs(path, &status) == 0 && status.f_bavail == 0;
}

/* Asked each time: a library or test runner may have put its own handler in between. */
static void ensure_installed(void)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	struct sigaction now, action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_sigbus;
	action.sa_flags = SA_SIGINFO | SA_ONSTACK;
	sigemptyset(&action.sa_mask);
	pthread_mutex_lock(&mutex);
	sigaction(SIGBUS, NULL, &now);
	if (!(now.sa_flags & SA_SIGINFO) || now.sa_sigaction != on_sigbus) {
		before = now;
		sigaction(SIGBUS, &action, NULL);
	}
	pthread_mutex_unlock(&mutex);
}

enum pm_code pm_region_guarded(void (*body)(void *argument), void *argument, struct pm_error *err)
{
	sigjmp_buf place;

	if (resume)
		return pm_fail(err, PM_E_INTERNAL, "guarded access inside guarded access");
	ensure_installed();
	if (sigsetjmp(place, 1)) {
		resume = NULL;
		if (backing_is_full())
			return pm_fail(err, PM_E_DISK_FULL, "no room for the pages of the simulated region");
		return pm_fail(err, PM_E_REGION_LOST, "the mapping was revoked while it was in use (SIGBUS)");
	}
	resume = &place;
	body(argument);
	resume = NULL;
	return PM_OK;
}

struct copy {
	void *to;
	const void *from;
	size_t bytes;
};

static void copy_body(void *argument)
{
	const struct copy *copy = argument;

	memcpy(copy->to, copy->from, copy->bytes);
}

enum pm_code pm_region_copy(void *to, const void *from, size_t bytes, struct pm_error *err)
{
	struct copy copy = {to, from, bytes};

	return pm_region_guarded(copy_body, &copy, err);
}
