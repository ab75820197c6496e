/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lab VM's whole initramfs: load the modules in /modules in name order, mount root= and hand over to its
 * /sbin/init. The distribution's initramfs does the same in six times the instructions, and under TCG
 * instructions are what a boot is made of.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MODULE_DIR "/modules"
#define NEW_ROOT "/newroot"
#define CMDLINE_MAX 4096
#define ROOT_DEVICE_MAX 128
#define MOUNT_TRIES 1000
#define MOUNT_RETRY_US 10000

static void module_load(const char *name)
{
	char path[sizeof(MODULE_DIR) + 1 + NAME_MAX];
	int fd;

	snprintf(path, sizeof(path), MODULE_DIR "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
		fprintf(stderr, "init: %s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void modules_load(void)
{
	struct dirent **entries;
	int count = scandir(MODULE_DIR, &entries, is_visible, alphasort);

	for (int i = 0; i < count; i++) {
		module_load(entries[i]->d_name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

/* Fills in the value of root=, or leaves the default where the command line has none. */
static void root_device(char device[ROOT_DEVICE_MAX])
{
	char cmdline[CMDLINE_MAX] = "";
	char *save = NULL;
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (read(fd, cmdline, sizeof(cmdline) - 1) < 0)
		cmdline[0] = '\0';
	close(fd);
	for (char *word = strtok_r(cmdline, " \n", &save); word; word = strtok_r(NULL, " \n", &save))
		if (!strncmp(word, "root=", 5))
			snprintf(device, ROOT_DEVICE_MAX, "%s", word + 5);
}

static int root_mount(const char *device)
{
	for (int i = 0; i < MOUNT_TRIES; i++) {
		if (!mount(device, NEW_ROOT, "ext4", 0, NULL))
			return 0;
		usleep(MOUNT_RETRY_US);
	}
	fprintf(stderr, "init: mount %s: %s\n", device, strerror(errno));
	return -1;
}

static int root_switch(void)
{
	if (umount2("/proc", MNT_DETACH) || mount("/dev", NEW_ROOT "/dev", NULL, MS_MOVE, NULL))
		return -1;
	if (chdir(NEW_ROOT) || mount(".", "/", NULL, MS_MOVE, NULL))
		return -1;
	return chroot(".") || chdir("/") ? -1 : 0;
}

int main(int argc, char **argv)
{
	char device[ROOT_DEVICE_MAX] = "/dev/vda";

	(void)argc;
	mkdir("/proc", 0755);
	mkdir("/dev", 0755);
	mkdir(NEW_ROOT, 0755);
	if (mount("proc", "/proc", "proc", 0, NULL) || mount("dev", "/dev", "devtmpfs", 0, NULL))
		perror("init: mount");
	modules_load();
	root_device(device);
	if (!root_mount(device) && !root_switch())
		execv("/sbin/init", argv);
	perror("init: switch to the root file system");
	/* Returning would panic the kernel and lose the message above behind its own. */
	for (;;)
		pause();
}
