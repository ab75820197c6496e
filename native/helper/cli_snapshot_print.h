/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_HELPER_CLI_SNAPSHOT_PRINT_H
#define PMPOOL_HELPER_CLI_SNAPSHOT_PRINT_H

#include "cli.h"

void print_snapshot(struct cli *cli, struct json_object *snapshot);
void print_whole(struct cli *cli, struct json_object *snapshot); /* that, after every checksum was checked */
void print_snapshots(struct cli *cli, struct json_object *result);
void print_snapshot_info(struct cli *cli, struct json_object *info);
void print_comparison(struct cli *cli, struct json_object *comparison);

#endif
