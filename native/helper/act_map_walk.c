/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A walk over a pool's pages, so many at a time that no other request waits long. */
#include "act_map.h"
#include "guarded.h"
#include <stdlib.h>

/* 16 GiB of memory. Where every block is split these are 1 MiB of page words: a few milliseconds. */
#define PIECE_PAGES (UINT64_C(1) << 22)

static void piece(void *argument)
{
	struct pool_walk *walk = argument;

	walk->over = walk->piece(walk, walk->pool, PIECE_PAGES);
}

/* The pool may have been attached anew since the last piece. */
static enum pm_code walk_on(struct call *call, struct pool_walk *walk, const struct pm_pool *pool)
{
	static const enum pm_code ok = PM_OK; /* a piece has no code of its own */
	enum pm_code code;

	walk->pool = pool;
	code = guarded_run(piece, walk, &ok, pool, walk->doing, &call->err);
	call->more = code == PM_OK && !walk->over;
	return code;
}

static enum pm_code ended(struct call *call, enum pm_code code)
{
	struct pool_walk *walk = call->state;

	if (code == PM_OK && call->more)
		return PM_OK;
	if (code == PM_OK)
		call->result = walk->answer(walk);
	call->more = false;
	call->state = NULL;
	free(walk);
	return code;
}

enum pm_code pool_walk_begin(struct call *call, struct pool_walk *walk, const struct pm_pool *pool)
{
	call->state = walk;
	walk->sequence = guarded_log_sequence(pool);
	return ended(call, walk_on(call, walk, pool));
}

enum pm_code act_pool_step(struct call *call)
{
	struct attached *attached;
	enum pm_code code;

	if (atomic_load(&call->task.cancelled))
		return ended(call, pm_fail(&call->err, PM_E_CANCELLED, "cancelled"));
	code = call_pool(call, &attached);
	return ended(call, code == PM_OK ? walk_on(call, call->state, &attached->pool) : code);
}
