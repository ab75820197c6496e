/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host: a real Linux machine, or a simulated one that lives in a directory and goes through the same code.
 *
 * A simulated host is a directory with the same files under it as the real one has under /:
 *   DIR/proc/cmdline  DIR/proc/iomem  DIR/proc/sys/kernel/random/boot_id  DIR/sys/kernel/kexec_loaded ...
 *   DIR/dev/mem       a sparse file whose offset is the physical address (only reserved ranges hold bytes)
 *   DIR/var/lib/pmpool/...  host-side files: snapshots, expectations
 * so that guard, parser and pool see no difference. Its "kexec" rewrites boot_id, cmdline and iomem.
 */
#ifndef PMPOOL_HOST_H
#define PMPOOL_HOST_H

#include "error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pm_host {
	bool simulated;
	char root[1024]; /* "" on a real host, else the simulated host's directory without a trailing slash */
	char state_dir[1024]; /* real path of host-side files: ROOT/var/lib/pmpool */
};

/* simulate: NULL for the machine we run on. A simulated host is made when DIR does not exist yet (1 GiB region at
 * 4 GiB; size in bytes from region_bytes when not 0). */
enum pm_code pm_host_open(struct pm_host *host, const char *simulate, uint64_t region_bytes, struct pm_error *err);

/* Make a simulated host in DIR with regions of these sizes, the first at 4 GiB, unless one is there already. */
enum { PM_SIMULATED_REGIONS_MAX = 256 };
enum pm_code pm_host_simulated_make(const char *folder, const uint64_t *sizes, size_t count, struct pm_error *err);
/* Was the host in DIR made with regions of other sizes. False when that is not known. */
bool pm_host_simulated_differs(const char *folder, const uint64_t *sizes, size_t count);

/* Read a small text file of the host ("/proc/cmdline"); at most size-1 bytes, NUL-terminated, trailing newline cut. */
enum pm_code pm_host_read(const struct pm_host *host, const char *path, char *buffer, size_t size,
			  struct pm_error *err);
/* Same, of any length; *text is malloc'd. */
enum pm_code pm_host_read_all(const struct pm_host *host, const char *path, char **text, struct pm_error *err);

enum pm_code pm_host_boot_id(const struct pm_host *host, uint8_t boot_id[16], struct pm_error *err);

/* /proc/iomem: ranges [first, last], both inclusive; depth 0 is the top level. */
struct pm_iomem_entry {
	uint64_t first, last;
	unsigned depth;
	char name[64];
};
struct pm_iomem {
	size_t count;
	struct pm_iomem_entry *entries;
	bool hidden; /* all addresses zero: no CAP_SYS_ADMIN */
};
enum pm_code pm_iomem_parse(const char *text, struct pm_iomem *iomem); /* hostile input */
/* /proc/iomem of the host, read and parsed: as pm_iomem_parse, and the errors of pm_host_read_all. */
enum pm_code pm_iomem_read(const struct pm_host *host, struct pm_iomem *iomem, struct pm_error *err);
void pm_iomem_free(struct pm_iomem *iomem);

/* How much of [base, base+bytes) is top-level System RAM (neighbours merged), and what else covers it. */
struct pm_iomem_cover {
	uint64_t ram_bytes, reserved_bytes, persistent_bytes, uncovered_bytes;
};
void pm_iomem_cover(const struct pm_iomem *iomem, uint64_t base, uint64_t bytes, struct pm_iomem_cover *cover);

/* memmap= and pmpool= of a kernel command line. */
enum pm_reservation_kind {
	PM_RESERVATION_MEMMAP_RESERVED, /* memmap=SIZE$BASE */
	PM_RESERVATION_MEMMAP_PMEM, /* memmap=SIZE!BASE */
	PM_RESERVATION_PMPOOL, /* pmpool=BASE,SIZE */
	PM_RESERVATION_EATEN /* memmap=SIZE[KMG]G-like leftover: the `$` is gone; or what is no range at all */
};
struct pm_reservation {
	enum pm_reservation_kind kind;
	uint64_t base, bytes; /* for EATEN: 0 and what was read as a size, 0 when nothing was */
	char text[96]; /* the option as it stands on the command line, e.g. "memmap=64M$0x10000000" */
};
enum pm_code pm_cmdline_parse(const char *cmdline, struct pm_reservation *list, size_t capacity, size_t *count);

/* "none", "integrity", "confidentiality"; "none" where /sys/kernel/security/lockdown is missing. */
void pm_host_lockdown(const struct pm_host *host, char mode[32]);

#endif
