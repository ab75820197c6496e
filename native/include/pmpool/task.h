/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Progress and cancellation of a long act, handed down from the request or the command line. */
#ifndef PMPOOL_TASK_H
#define PMPOOL_TASK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct pm_task {
	atomic_bool cancelled;
	/* Called from the working thread at most every 100 ms and once at the end; NULL when nobody listens. */
	void (*progress)(void *context, uint64_t done_bytes, uint64_t total_bytes);
	/* Called once when the pool's metadata has been copied and only pages are left to read: a caller that holds the
	 * region's lock lets go of it here. NULL when nobody cares. */
	void (*metadata_copied)(void *context);
	void *context;
};

#endif
