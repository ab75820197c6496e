/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json_build.h"
#include <pmpool/kexec.h>
#include <stdlib.h>
#include <string.h>

static void set_file(struct session *session, struct json_object *info, const char *name, const char *path,
		     const char *otherwise)
{
	char text[256];

	if (pm_host_read(&session->host, path, text, sizeof(text), NULL) != PM_OK)
		json_set_text(info, name, otherwise);
	else
		json_set_text(info, name, text);
}

enum pm_code json_host_info(struct session *session, struct json_object **info, struct pm_error *err)
{
	uint8_t boot_id[16];
	char *cmdline = NULL;
	char lockdown[32];
	struct json_object *object;
	enum pm_code code = pm_host_boot_id(&session->host, boot_id, err);

	if (code == PM_OK)
		code = pm_host_read_all(&session->host, "/proc/cmdline", &cmdline, err);
	if (code != PM_OK)
		return code;
	cmdline[strcspn(cmdline, "\n")] = '\0';
	pm_host_lockdown(&session->host, lockdown);
	object = json_object_new_object();
	set_file(session, object, "hostname", "/proc/sys/kernel/hostname", "simulated");
	json_set_bool(object, "simulated", session->host.simulated);
	json_set_uuid(object, "bootId", boot_id);
	set_file(session, object, "kernel", "/proc/sys/kernel/osrelease", "unknown");
	json_set_text(object, "cmdline", cmdline);
	json_set_text(object, "lockdown", lockdown);
	json_set_bool(object, "kexecLoaded", pm_kexec_loaded(&session->host));
	json_set_count(object, "uid", session->uid);
	json_set_text(object, "user", session->user);
	free(cmdline);
	*info = object;
	return PM_OK;
}
