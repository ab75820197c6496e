/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"

const struct verb verbs[] = {
	{NULL, "serve", cli_serve, NULL, "Speak the protocol on standard input and output, or on systemd's socket", "",
	 0, 0, NULL, NULL, "  pmpool serve --simulate /tmp/host"},
	{NULL},
};
