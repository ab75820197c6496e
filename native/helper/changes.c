/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pool/changed: the newest sequence of each attached pool's event log, looked at every 50 ms, told every 100 ms. The same
 * turn lets go of a file that nobody reads any more. */
#include "guarded.h"
#include "held_file.h"
#include "json_build.h"
#include "server.h"

#define LOOK_MS 50
#define TELL_MS 100

int changes_wait_ms(const struct server *server)
{
	return server->session.pools || server->session.held ? LOOK_MS : -1;
}

static void tell(struct server *server, struct attached *attached, uint64_t sequence)
{
	struct json_object *params = json_object_new_object();

	json_set_text(params, "pool", attached->uuid);
	json_set_count(params, "sequence", sequence);
	rpc_notify(&server->output, "pool/changed", params);
}

void changes_notify(struct server *server)
{
	uint64_t now = monotonic_ms();

	held_file_idle(&server->session);
	for (struct attached *attached = server->session.pools; attached; attached = attached->next) {
		uint64_t sequence;

		if (!attached->open || attached->gone || now - attached->notified_at_ms < TELL_MS)
			continue;
		sequence = guarded_log_sequence(&attached->pool);
		if (sequence == 0 || sequence == attached->notified) /* 0: lost, which the next request tells */
			continue;
		attached->notified = sequence;
		attached->notified_at_ms = now;
		tell(server, attached, sequence);
	}
}
