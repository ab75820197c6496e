/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which plan is loaded: the file STATE_DIR/loaded, beside the pool's log, because a degraded pool can note nothing.
 * It counts in the boot that wrote it only.
 */
#ifndef PMPOOL_HELPER_LOADED_H
#define PMPOOL_HELPER_LOADED_H

#include "session.h"

enum { NONCE_BYTES = 48 };

enum pm_code loaded_write(const struct pm_host *host, const char *pool, const char *nonce, struct pm_error *err);
/* False when nothing says so of this boot. *nonce stays empty when the plan of another pool is loaded. */
bool loaded_read(const struct pm_host *host, const char *pool, char nonce[NONCE_BYTES]);
void loaded_remove(const struct pm_host *host);

#endif
