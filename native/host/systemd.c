// SPDX-License-Identifier: GPL-2.0-or-later
#include "systemd.h"
#include <stdbool.h>
#include <string.h>
#include <systemd/sd-bus.h>

/* Fixed addresses: a privileged process does not let its environment choose whom it talks to. */
static int connect_to(const char *address, bool bus_client, sd_bus **bus)
{
	int result = sd_bus_new(bus);

	if (result >= 0)
		result = sd_bus_set_address(*bus, address);
	if (result >= 0)
		result = sd_bus_set_bus_client(*bus, bus_client);
	if (result >= 0)
		result = sd_bus_start(*bus);
	if (result < 0)
		*bus = sd_bus_unref(*bus);
	return result;
}

/* The system bus, or systemd's own socket where no bus runs. */
static int connect_any(sd_bus **bus)
{
	int result = connect_to("unix:path=/run/dbus/system_bus_socket", true, bus);

	return result >= 0 ? result : connect_to("unix:path=/run/systemd/private", false, bus);
}

enum pm_code pm_systemd_start(const char *unit, struct pm_error *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	enum pm_code code = PM_OK;
	sd_bus *bus = NULL;
	int result = connect_any(&bus);

	if (result < 0)
		return pm_fail(err, PM_E_SYSTEMD_FAILED, "No connection to systemd: %s.", strerror(-result));
	result = sd_bus_call_method(bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
				    "org.freedesktop.systemd1.Manager", "StartUnit", &error, NULL, "ss", unit,
				    "replace-irreversibly");
	if (result < 0)
		code = pm_fail(err, PM_E_SYSTEMD_FAILED, "StartUnit %s: %s.", unit,
			       error.message ? error.message : strerror(-result));
	sd_bus_error_free(&error);
	sd_bus_flush_close_unref(bus);
	return code;
}
