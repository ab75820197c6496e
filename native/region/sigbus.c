/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIGBUS on a revoked or truncated mapping, brought back to the thread that touched it. */
#include "pmpool/region.h"
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>

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

static void install(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_sigbus;
	action.sa_flags = SA_SIGINFO | SA_ONSTACK;
	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, &before);
}

enum pm_code pm_region_guarded(void (*body)(void *argument), void *argument, struct pm_error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	sigjmp_buf place;

	pthread_once(&once, install);
	if (resume)
		return pm_fail(err, PM_E_INTERNAL, "guarded access inside guarded access");
	if (sigsetjmp(place, 1)) {
		resume = NULL;
		return pm_fail(err, PM_E_REGION_LOST, "the mapping was revoked while it was in use (SIGBUS)");
	}
	resume = &place;
	body(argument);
	resume = NULL;
	return PM_OK;
}
