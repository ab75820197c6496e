// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lock order: team.mutex is the only one; no stage runs under it.
 *
 * An item takes a seat when its first stage begins and leaves it after its last one. A thread that looks for work takes
 * the lowest item that may go on, and begins a new one only when none may: so what is furthest gets out of the way
 * first. An ordered stage is open to the item whose turn it is.
 */
#include "pmpool/team.h"
#include "meter.h"
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

enum { THREADS_MAX = 8, SLOTS_MAX = THREADS_MAX + 2, STAGES_MAX = 8 };
#define STACK_BYTES ((size_t)512 << 10)

struct seat {
	bool taken, running;
	size_t stage; /* that the item is in or waits for */
	uint64_t item;
};

struct team {
	const struct pm_stage *stages;
	size_t stage_count;
	void *context;
	uint64_t (*bytes)(void *context, uint64_t item);
	struct pm_task *task;

	pthread_mutex_t mutex;
	pthread_cond_t changed;
	unsigned waiting; /* threads */
	unsigned seat_count;
	struct seat seats[SLOTS_MAX];
	uint64_t next; /* item to begin */
	uint64_t end; /* items from here on see no further stage: all of them, or the one that failed or was the end */
	uint64_t turn[STAGES_MAX]; /* of ordered stages: the item that may enter */
	uint64_t done; /* bytes */
	bool cancelled;
	enum pm_code code; /* of item `end` */
	struct pm_error err;
};

/* Asked once: who has made buffers for so many slots gets no more. */
static unsigned threads_wanted(void)
{
	static _Atomic unsigned known;
	unsigned wanted = atomic_load(&known);

	if (!wanted) {
		long online = sysconf(_SC_NPROCESSORS_ONLN);
		unsigned none = 0;

		wanted = online < 1 ? 1 : online > THREADS_MAX ? THREADS_MAX : (unsigned)online;
		if (!atomic_compare_exchange_strong(&known, &none, wanted))
			wanted = none;
	}
	return wanted;
}

/* Two more than threads, so that one who waits for its turn to write keeps nobody from beginning. */
unsigned pm_team_slots(void)
{
	return threads_wanted() + 2;
}

static bool may_run(const struct team *team, const struct seat *seat)
{
	return seat->taken && !seat->running &&
	       (!team->stages[seat->stage].ordered || team->turn[seat->stage] == seat->item);
}

/* Items behind the end leave their seats; a free one, else NULL. */
static struct seat *free_seat(struct team *team)
{
	struct seat *found = NULL;

	for (unsigned i = 0; i < team->seat_count; i++) {
		struct seat *seat = &team->seats[i];

		if (seat->taken && !seat->running && seat->item >= team->end)
			seat->taken = false;
		if (!seat->taken && !found)
			found = seat;
	}
	return found;
}

static struct seat *seat_to_run(struct team *team)
{
	struct seat *empty = free_seat(team), *found = NULL;

	for (unsigned i = 0; i < team->seat_count; i++)
		if (may_run(team, &team->seats[i]) && (!found || team->seats[i].item < found->item))
			found = &team->seats[i];
	if (found || !empty || team->next >= team->end)
		return found;
	*empty = (struct seat){.taken = true, .item = team->next};
	/* the first stage may be ordered, and its turn another item's that still runs there */
	if (!may_run(team, empty)) {
		empty->taken = false;
		return NULL;
	}
	team->next++;
	return empty;
}

static bool all_done(const struct team *team)
{
	for (unsigned i = 0; i < team->seat_count; i++)
		if (team->seats[i].taken)
			return false;
	return team->next >= team->end;
}

/* The lowest item that failed decides, so that what is told does not depend on which thread was faster. */
static void end_at(struct team *team, uint64_t item, enum pm_code code, const struct pm_error *err)
{
	if (item >= team->end)
		return;
	team->end = item;
	team->code = code;
	team->err = *err;
	team->err.code = code;
}

static void stage_run(struct team *team, struct seat *seat)
{
	const struct pm_stage *stage = &team->stages[seat->stage];
	struct pm_error err = {0};
	enum pm_code code;

	seat->running = true;
	pthread_mutex_unlock(&team->mutex);
	code = stage->run(team->context, (unsigned)(seat - team->seats), seat->item, &err);
	pthread_mutex_lock(&team->mutex);
	seat->running = false;
	if (stage->ordered)
		team->turn[seat->stage] = seat->item + 1;
	if (code)
		end_at(team, seat->item, code == PM_TEAM_END ? PM_OK : code, &err);
	else if (++seat->stage == team->stage_count) {
		seat->taken = false;
		team->done += team->bytes ? team->bytes(team->context, seat->item) : 0;
	}
	if (team->waiting)
		pthread_cond_broadcast(&team->changed);
}

static void look_at_task(struct team *team)
{
	if (team->task && atomic_load_explicit(&team->task->cancelled, memory_order_relaxed) && !team->cancelled) {
		team->cancelled = true;
		team->end = 0; /* nobody goes on, whatever has failed before */
		team->code = pm_fail(&team->err, PM_E_CANCELLED, "Cancelled.");
	}
}

/* meter: of the calling thread, the only one that tells progress; else NULL. */
static void work(struct team *team, struct pm_meter *meter)
{
	pthread_mutex_lock(&team->mutex);
	for (;;) {
		struct seat *seat;

		look_at_task(team);
		seat = seat_to_run(team);
		if (seat) {
			stage_run(team, seat);
		} else if (all_done(team)) {
			break;
		} else {
			team->waiting++;
			pthread_cond_wait(&team->changed, &team->mutex);
			team->waiting--;
		}
		if (meter) {
			uint64_t more = team->done - meter->done;

			pthread_mutex_unlock(&team->mutex);
			pm_meter_step(meter, more, NULL);
			pthread_mutex_lock(&team->mutex);
		}
	}
	pthread_cond_broadcast(&team->changed);
	pthread_mutex_unlock(&team->mutex);
}

static void *thread_run(void *argument)
{
	work(argument, NULL);
	return NULL;
}

/* As many as can be had: the calling thread alone does it, too. */
static unsigned threads_start(struct team *team, pthread_t *threads, unsigned wanted)
{
	/* faults of the thread itself cannot be blocked: pm_region_guarded catches SIGBUS */
	static const int own[] = {SIGBUS, SIGSEGV, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGABRT};
	pthread_attr_t attributes;
	unsigned started = 0;
	sigset_t blocked, before;

	sigfillset(&blocked);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		sigdelset(&blocked, own[i]);
	if (pthread_attr_init(&attributes) != 0)
		return 0;
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	pthread_sigmask(SIG_BLOCK, &blocked, &before); /* inherited */
	while (started < wanted && pthread_create(&threads[started], &attributes, thread_run, team) == 0)
		started++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return started;
}

enum pm_code pm_team_run(uint64_t items, const struct pm_stage *stages, size_t stage_count, void *context,
			 uint64_t (*bytes)(void *context, uint64_t item), uint64_t total_bytes, struct pm_task *task,
			 struct pm_error *err)
{
	struct team team = {
		.stages = stages,
		.stage_count = stage_count,
		.context = context,
		.bytes = bytes,
		.task = task,
		.end = items,
	};
	pthread_t threads[THREADS_MAX];
	unsigned wanted = threads_wanted(), started = 0;
	struct pm_meter meter;

	if (!stage_count || stage_count > STAGES_MAX)
		return pm_fail(err, PM_E_INTERNAL, "Work of %zu stages.", stage_count);
	pthread_mutex_init(&team.mutex, NULL);
	pthread_cond_init(&team.changed, NULL);
	team.seat_count = pm_team_slots();
	pm_meter_start(&meter, task, total_bytes);
	if (items > 1)
		started = threads_start(&team, threads, wanted - 1);
	work(&team, &meter);
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	pthread_cond_destroy(&team.changed);
	pthread_mutex_destroy(&team.mutex);
	if (team.code) {
		if (err)
			*err = team.err;
		return team.code;
	}
	meter.done = team.done; /* the last item may have been another thread's */
	pm_meter_end(&meter);
	return PM_OK;
}
