/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who stands at the other end of a socket, and what polkit lets them do. Asked once a kind of act and connection;
 * when polkit cannot be asked, the answer is no.
 */
#ifndef PMPOOL_HELPER_GATE_H
#define PMPOOL_HELPER_GATE_H

#include "call.h"

struct gate {
	pid_t pid;
	uid_t uid;
	uint64_t start_time; /* of the process, clock ticks since boot: tells it from a later one with its pid */
	bool passed[ACT_KEXEC + 1];
};

/* The peer of a connected AF_UNIX socket, by SO_PEERCRED. */
enum pm_code gate_open(struct gate *gate, int socket_fd, struct pm_error *err);
/* A NULL gate is open: the client is the one who started us. */
enum pm_code gate_pass(struct gate *gate, enum act_kind kind, struct pm_error *err);

/* The 22nd field of /proc/PID/stat; the command's name in it may hold anything. */
bool stat_start_time(const char *stat, uint64_t *start_time);

#endif
