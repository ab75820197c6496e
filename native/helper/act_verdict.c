/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verdicts after the jump. They stay on the host: one for each expectation, the newest. */
#include "acts.h"
#include "json_build.h"
#include "long_act.h"
#include "stored_result.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define VERDICTS_MAX 100u

struct verdict_job {
	struct pm_host host;
	int fd;
	struct json_object *verdict;
};

enum pm_code act_verdict_begin(struct call *call)
{
	struct verdict_job *job = calloc(1, sizeof(*job));
	enum pm_code code;

	if (!job)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory for a verdict");
	job->host = call->session->host;
	code = store_open(&call->session->host, &store_expectations, param_text(call, "expectation", ""), &job->fd,
			  &call->err);
	if (code != PM_OK)
		free(job);
	else
		call->state = job;
	return code;
}

enum pm_code act_verdict_work(struct call *call)
{
	struct verdict_job *job = call->state;

	return pm_verdict_reach(&job->host, job->fd, &call->task, &job->verdict, &call->err);
}

/* A pool that is gone cannot note its own verdict. */
static void note_verdict(struct call *call)
{
	struct attached *attached;

	if (session_pool(call->session, json_text(call->result, "pool"), &attached, NULL) == PM_OK)
		note_act(call->session, attached, PM_VERB_VERDICT, 0,
			 json_count(json_member(call->result, "pages"), "changed"), json_text(call->result, "class"),
			 NULL);
}

/* The verdict stands although it could not be kept: a full disk is no reason not to answer. */
static void store_verdict(struct call *call, const char *name)
{
	struct pm_error err = {0};

	if (stored_result_put(&call->session->host, &store_verdicts, name, call->result, &err) != PM_OK)
		fprintf(stderr, "pmpool: the verdict could not be stored: %s\n", err.message);
}

enum pm_code act_verdict_end(struct call *call, enum pm_code worked)
{
	struct verdict_job *job = call->state;
	enum pm_code code = settled(call, worked);

	if (code == PM_OK) {
		call->result = json_object_get(job->verdict);
		json_set_text(call->result, "expectation", param_text(call, "expectation", ""));
		store_verdict(call, param_text(call, "expectation", ""));
		note_verdict(call);
	}
	json_object_put(job->verdict);
	close(job->fd);
	free(job);
	return code;
}

enum pm_code act_verdict_list(struct call *call)
{
	static const char *const keys[] = {"intact",	    "class",	   "summary",	"simulated",   "pool",
					   "poolName",	    "boot",	   "checks",	"regions",     "pages",
					   "content",	    "changedRuns", "taken",	"diagnoses",   "host",
					   "freePages",	    "records",	   "reachedAt", "expectation", "durationMs",
					   "comparedBytes", NULL};
	struct json_object *list = NULL;
	enum pm_code code =
		stored_results(&call->session->host, &store_verdicts, keys, VERDICTS_MAX, &list, &call->err);

	call->result = json_object_new_object();
	json_set(call->result, "verdicts", list);
	return code;
}
