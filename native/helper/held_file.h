/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file of the state directory whose bytes were asked for last, open with what it builds on: who looks through a
 * snapshot asks for many parts of it. A file that was replaced, changed or deleted is another one; so is one whose
 * parent was. One that nobody asked for in a while is let go of, so that a deleted one gives its room back.
 */
#ifndef PMPOOL_HELPER_HELD_FILE_H
#define PMPOOL_HELPER_HELD_FILE_H

#include "session.h"
#include "store.h"
#include "store_chain.h"

struct held_file;

/* *snapshot and *window (room to read in) are borrowed until the next call or held_file_drop. As chain_open. */
enum pm_code held_file_open(struct session *session, const struct store_kind *kind, const char *name,
			    struct pm_snapshot **snapshot, struct pm_window **window, struct pm_error *err);
void held_file_drop(struct session *session);
void held_file_idle(struct session *session); /* lets go of it when it is time */

#endif
