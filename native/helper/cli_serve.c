/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"
#include "gate.h"
#include "privilege.h"
#include "server.h"
#include "store.h"
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

/* systemd's socket unit has Accept=yes: one process a connection, so one client cannot disturb another. */
static enum pm_code take_socket(struct server *server, struct gate *gate, struct pm_error *err)
{
	int count = sd_listen_fds(1);
	enum pm_code code;

	if (count == 0)
		return PM_OK;
	if (count != 1 || sd_is_socket(SD_LISTEN_FDS_START, AF_UNIX, SOCK_STREAM, 0) <= 0)
		return pm_fail(err, PM_E_UNSUPPORTED,
			       "expected one connected AF_UNIX socket from systemd (Accept=yes in the socket unit)");
	code = gate_open(gate, SD_LISTEN_FDS_START, err);
	if (code != PM_OK)
		return code;
	server->in_fd = server->output.fd = SD_LISTEN_FDS_START;
	server->gate = gate;
	session_act_for(&server->session, gate->uid);
	return PM_OK;
}

/* Answers get a descriptor of their own; what a library prints must not end up between them. */
static void take_stdio(struct server *server)
{
	server->in_fd = STDIN_FILENO;
	server->output.fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	dup2(STDERR_FILENO, STDOUT_FILENO);
}

int cli_serve(struct cli *cli)
{
	static struct server server;
	static struct gate gate;
	struct pm_error err = {0};
	enum pm_code code;
	int exit_code;

	server.session = cli->session;
	pthread_mutex_init(&server.output.lock, NULL);
	server.output.fd = -1;
	signal(SIGPIPE, SIG_IGN);
	code = take_socket(&server, &gate, &err);
	if (code == PM_OK && server.output.fd < 0)
		take_stdio(&server);
	if (code == PM_OK)
		code = privilege_drop(&server.session.host, &err);
	if (code != PM_OK)
		return cli_fail(cli, &err, "");
	store_sweep(&server.session.host);
	exit_code = server_run(&server);
	cli->session = server.session; /* whose pools main lets go of */
	return exit_code;
}
