/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a verb that reads says beside its result: the pool is not whole. */
#include "cli.h"
#include "text.h"

/* The verbs whose result looks whole and is not. */
static int (*const partial[])(struct cli *cli) = {
	cli_list, cli_pool_list, cli_bad_list, cli_audit,	  cli_snapshot_create,
	cli_read, cli_log,	 cli_expect,   cli_pattern_check,
};

static void say(const struct attached *attached, const char *what)
{
	fputs("pmpool: pool \"", stderr);
	print_clean(stderr, attached->pool.sb.pool_name);
	fprintf(stderr, "\" is degraded: %s\n", what);
}

void cli_say_degraded(const struct attached *attached)
{
	char what[160];

	for (uint32_t i = 0; attached->open && i < attached->pool.region_count; i++) {
		struct pm_error state = session_region_state(attached, i);

		if (state.code == PM_OK)
			continue;
		snprintf(what, sizeof(what), "region %u is %s; what stands there is not shown", (unsigned)i,
			 state.code == PM_E_REGION_MISSING ? "missing" : pm_error_name(state.code));
		say(attached, what);
	}
	if (attached->open && attached->contested)
		say(attached, "two places say that they are the same region of it; one of them is not shown");
}

void cli_say_partial(const struct cli *cli)
{
	for (size_t i = 0; !cli->json && i < sizeof(partial) / sizeof(partial[0]); i++) {
		if (cli->verb->run != partial[i])
			continue;
		for (const struct attached *at = cli->session.pools; at; at = at->next)
			cli_say_degraded(at);
	}
}
