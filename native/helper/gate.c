/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gate.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define ASK_TIMEOUT_US (UINT64_C(180) * 1000000) /* somebody may have to type a password */

bool stat_start_time(const char *stat, uint64_t *start_time)
{
	const char *at = strrchr(stat, ')');
	char *end;

	/* after the name come the 3rd field and on, one blank before each */
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (!at)
		return false;
	errno = 0;
	*start_time = strtoull(at + 1, &end, 10);
	return errno == 0 && end != at + 1 && (*end == ' ' || *end == '\n');
}

static bool read_start_time(pid_t pid, uint64_t *start_time)
{
	char path[64], text[1024];
	size_t got;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	got = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[got] = '\0';
	return stat_start_time(text, start_time);
}

enum pm_code gate_open(struct gate *gate, int socket_fd, struct pm_error *err)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	memset(gate, 0, sizeof(*gate));
	if (getsockopt(socket_fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || size != sizeof(peer))
		return pm_fail(err, PM_E_PERMISSION_DENIED, "the client cannot be identified: %s", strerror(errno));
	gate->pid = peer.pid;
	gate->uid = peer.uid;
	if (peer.uid != 0 && !read_start_time(peer.pid, &gate->start_time))
		return pm_fail(err, PM_E_PERMISSION_DENIED, "the client, process %d, cannot be looked at",
			       (int)peer.pid);
	return PM_OK;
}

static const char *action_of(enum act_kind kind)
{
	switch (kind) {
	case ACT_READ:
		return "org.pmpool.read";
	case ACT_CHANGE:
		return "org.pmpool.change";
	case ACT_KEXEC:
		return "org.pmpool.kexec";
	case ACT_NONE:
		break;
	}
	return NULL;
}

static int append_question(sd_bus_message *message, const struct gate *gate, const char *action)
{
	int failed = sd_bus_message_append(message, "(sa{sv})", "unix-process", 3, "pid", "u", (uint32_t)gate->pid,
					   "start-time", "t", gate->start_time, "uid", "i", (int32_t)gate->uid);

	if (failed < 0)
		return failed;
	/* no details, 1: may ask the user, no cancellation id */
	return sd_bus_message_append(message, "sa{ss}us", action, 0, (uint32_t)1, "");
}

static int ask(sd_bus *bus, const struct gate *gate, const char *action, int *allowed, sd_bus_error *error)
{
	sd_bus_message *question = NULL, *answer = NULL;
	int challenge, failed;

	failed = sd_bus_message_new_method_call(bus, &question, "org.freedesktop.PolicyKit1",
						"/org/freedesktop/PolicyKit1/Authority",
						"org.freedesktop.PolicyKit1.Authority", "CheckAuthorization");
	if (failed >= 0)
		failed = append_question(question, gate, action);
	if (failed >= 0)
		failed = sd_bus_call(bus, question, ASK_TIMEOUT_US, error, &answer);
	if (failed >= 0)
		failed = sd_bus_message_enter_container(answer, 'r', "bba{ss}");
	if (failed >= 0)
		failed = sd_bus_message_read(answer, "bb", allowed, &challenge);
	sd_bus_message_unref(question);
	sd_bus_message_unref(answer);
	return failed;
}

static enum pm_code ask_polkit(const struct gate *gate, const char *action, struct pm_error *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus *bus = NULL;
	int allowed = 0, failed = sd_bus_open_system(&bus);
	enum pm_code code = PM_OK;

	if (failed >= 0)
		failed = ask(bus, gate, action, &allowed, &error);
	if (failed < 0)
		code = pm_fail(err, PM_E_PERMISSION_DENIED, "polkit cannot be asked about %s: %s", action,
			       error.message ? error.message : strerror(-failed));
	else if (!allowed)
		code = pm_fail(err, PM_E_PERMISSION_DENIED, "polkit does not allow uid %u to do %s",
			       (unsigned)gate->uid, action);
	sd_bus_error_free(&error);
	sd_bus_flush_close_unref(bus);
	return code;
}

enum pm_code gate_pass(struct gate *gate, enum act_kind kind, struct pm_error *err)
{
	enum pm_code code;

	/* root, and whoever we run as, needs no helper to do any of this */
	if (!gate || kind == ACT_NONE || gate->uid == 0 || gate->uid == geteuid() || gate->passed[kind])
		return PM_OK;
	code = ask_polkit(gate, action_of(kind), err);
	gate->passed[kind] = code == PM_OK;
	return code;
}
