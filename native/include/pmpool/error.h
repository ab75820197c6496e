/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Typed errors. The one table behind the C codes, the JSON-RPC error codes, the command line's
 * "error: ..." lines and main/api/errors.ts (a test holds the two against each other).
 *
 * Columns: number on the wire, C name, name on the wire, why it is refused, the way out.
 */
#ifndef PMPOOL_ERROR_H
#define PMPOOL_ERROR_H

/* clang-format off */
#define PM_ERRORS(X)                                                                                                   \
	/* the guard: may this range be mapped at all */                                                                \
	X(1001, REGION_SYSTEM_RAM, "region-system-ram", "Linux uses this range as ordinary memory.",                    \
	  "Reserve it with memmap=SIZE$BASE on the kernel command line and boot again.")                                \
	X(1002, REGION_NOT_RESERVED, "region-not-reserved", "Nothing on the kernel command line gives this range away.",\
	  "Use a range that memmap= or pmpool= names; `pmpool region list` shows them.")                                \
	X(1003, REGION_MIXED, "region-mixed", "Part of this range is System RAM in /proc/iomem.",                       \
	  "Choose a range that lies inside the reserved one over its whole length.")                                    \
	X(1004, REGION_CMDLINE_MISMATCH, "region-cmdline-mismatch",                                                     \
	  "The memmap= that reached the kernel is not a reservation; a boot loader or shell ate its `$`.",              \
	  "Escape the `$` for your boot loader (GRUB: \\\\\\$), boot again and compare /proc/cmdline.")                  \
	X(1005, DEVMEM_LOCKED_DOWN, "devmem-locked-down", "Kernel lockdown closes /dev/mem.",                           \
	  "Boot without Secure Boot or lockdown=, or use a devdax device.")                                             \
	X(1006, DEVMEM_MISSING, "devmem-missing", "/dev/mem does not exist on this host.",                              \
	  "Use a kernel with CONFIG_DEVMEM, or a devdax device.")                                                       \
	X(1007, DEVMEM_REFUSED, "devmem-refused", "The kernel refuses to map this range.",                              \
	  "Check that no driver (nd_pmem, device_dax) is bound to it, and that the helper runs as root.")               \
	X(1008, REGION_BUSY, "region-busy", "Another process is changing this region.", "Try again when it has ended.") \
	X(1009, REGION_NOT_FOUND, "region-not-found", "No region on this host has this id.",                            \
	  "List the regions: `pmpool region list`.")                                                                    \
	X(1010, REGION_TOO_SMALL, "region-too-small", "A pool needs at least 1 MiB.", "Choose a larger part.")          \
	X(1011, REGION_UNALIGNED, "region-unaligned", "Start or length is not a multiple of the region's grain.",       \
	  "Round both to the grain that `pmpool region list` shows.")                                                   \
	X(1012, REGION_MOVED, "region-moved", "The pool was made for another physical address or size.",                \
	  "Boot with the memmap= the pool was made with.")                                                              \
	X(1013, REGION_LOST, "region-lost", "The mapping was revoked while in use (SIGBUS).",                           \
	  "A driver claimed the range: unbind it, then reconnect.")                                                     \
	X(1014, REGION_ADDRESSES_HIDDEN, "region-addresses-hidden", "/proc/iomem shows zeros to this process.",         \
	  "Run the helper with CAP_SYS_ADMIN (as root).")                                                               \
	/* pools */                                                                                                     \
	X(1101, POOL_NOT_FOUND, "pool-not-found", "No pool with this UUID or name is on this host.",                    \
	  "List the pools: `pmpool pool list`.")                                                                        \
	X(1102, REGION_OCCUPIED, "region-occupied", "The range already holds something.",                               \
	  "Choose another range, or confirm with the overwrite word that the message names.")                           \
	X(1103, POOL_FORMAT_NEWER, "pool-format-newer", "A newer format wrote this pool.",                              \
	  "Use a newer pmpool; nothing was changed.")                                                                   \
	X(1104, POOL_CORRUPT, "pool-corrupt", "The pool's metadata contradicts itself.",                                \
	  "`pmpool check` names what is wrong, `pmpool repair` shows what can be put right. Change nothing before.")                                         \
	X(1105, POOL_READ_ONLY, "pool-read-only", "This pool can only be read here.",                                   \
	  "Its feature flags need a newer pmpool to write.")                                                            \
	X(1106, POOL_CHANGED, "pool-changed", "It is no longer the object that was shown.",                             \
	  "Look at it again, then repeat the act.")                                                                     \
	X(1107, NAME_INVALID, "name-invalid", "Names are 1 to 63 bytes of printable UTF-8 without `/`, not only blanks.",\
	  "Choose another name.")                                                                                       \
	X(1108, POOL_FORMAT_OLDER, "pool-format-older", "A pmpool from before its first release wrote this pool.",      \
	  "Copy what you need with that version, then create the pool anew.")                                           \
	X(1109, POOL_DEGRADED, "pool-degraded", "A region of this pool is missing, moved or damaged.",                  \
	  "`pmpool pool info` names it; bring it back as it was. Until then the pool can only be read.")                \
	X(1110, REGION_MISSING, "region-missing", "A region of this pool is not on this host.",                         \
	  "Boot with the memmap= or attach the device that it was on.")                                                 \
	X(1111, POOL_FOREIGN, "pool-foreign", "This region belongs to another pool.",                                   \
	  "Choose another region, or overwrite it on purpose.")                                                         \
	/* allocations */                                                                                               \
	X(1201, NO_SPACE, "no-space", "No free run is long enough at this alignment.",                                  \
	  "Free something, or ask for fewer pages or a lower order.")                                                   \
	X(1202, ORDER_TOO_LARGE, "order-too-large", "The order is larger than the region.", "Ask for a lower order.")   \
	X(1203, NOT_ALLOCATED, "not-allocated", "No allocation has this name or starts at this page.",                  \
	  "List the allocations: `pmpool list`.")                                                                       \
	X(1204, NAME_TAKEN, "name-taken", "An allocation of this pool already has this name.", "Choose another name.")  \
	X(1205, DIRECTORY_FULL, "directory-full", "Every record slot of this pool is in use.",                          \
	  "Free a named allocation, or allocate without a name.")                                                       \
	X(1206, OUT_OF_RANGE, "out-of-range", "The bytes lie outside the allocation or region.",                        \
	  "Take fewer, from an earlier place, or a larger allocation or region.")                                       \
	X(1207, COUNT_INVALID, "count-invalid", "The page count is zero or too large.",                                 \
	  "Ask for at least one page, and for no more than the pool has.")                                              \
	X(1208, PAGE_IN_USE, "page-in-use", "A page of this range is allocated, bad already, or metadata.",              \
	  "Free the allocation first, or choose other pages.")                                                          \
	X(1209, CONFIRM_NEEDED, "confirm-needed", "This destroys or falsifies what is there.",                          \
	  "Repeat it with the word that the message names, when that is what you mean.")                                \
	/* host-side files */                                                                                           \
	X(1301, FILE_EXISTS, "file-exists", "A file with this name is already there.", "Choose another name.")          \
	X(1302, FILE_NOT_FOUND, "file-not-found", "No file with this name is there.",                                   \
	  "Check the name and the path it is looked for at.")                                                           \
	X(1303, FILE_CORRUPT, "file-corrupt", "A checksum in the file does not match.", "Use another copy.")            \
	X(1304, FILE_TRUNCATED, "file-truncated", "The file ends before its trailer.", "Take the snapshot again.")      \
	X(1305, FILE_FOREIGN, "file-foreign", "This is not a file of pmpool, or of a newer version.",                   \
	  "Use the pmpool that wrote it.")                                                                              \
	X(1306, DISK_FULL, "disk-full", "The file system is full.", "Make room; nothing half-written was kept.")        \
	X(1307, IO_FAILED, "io-failed", "The operating system reported an error.", "See the message for its cause.")    \
	X(1308, SNAPSHOT_PARENT, "snapshot-parent", "The snapshot that this one builds on is missing or another one.",  \
	  "Bring the parent back under its name, or give it with --parent.")                                            \
	X(1309, SNAPSHOT_FOREIGN, "snapshot-foreign", "The snapshot is of another pool or of other regions.",           \
	  "Choose a snapshot of this pool.")                                                                            \
	X(1310, RESTORE_FAILED, "restore-failed", "What was written does not read back as written.",                    \
	  "The memory may be faulty: test it, `pmpool memory test`.")                                                   \
	/* kexec */                                                                                                     \
	X(1401, KEXEC_UNAVAILABLE, "kexec-unavailable", "This kernel cannot load another with kexec_file_load.",        \
	  "Use a kernel with CONFIG_KEXEC_FILE.")                                                                       \
	X(1402, KEXEC_NOT_LOADED, "kexec-not-loaded", "No kernel is loaded; systemd would do a real reboot.",           \
	  "Load the plan first.")                                                                                       \
	X(1403, KEXEC_KERNEL_UNTRUSTED, "kexec-kernel-untrusted",                                                       \
	  "The kernel or initrd is not a root-owned file that only root can write.", "chown root and chmod go-w it.")   \
	X(1404, KEXEC_LOAD_FAILED, "kexec-load-failed", "The kernel refused the image.", "See dmesg for the cause.")    \
	X(1405, KEXEC_UNSAFE, "kexec-unsafe", "After this kexec the region would not be reserved.",                     \
	  "Keep every memmap= of the region on the next command line.")                                                 \
	X(1406, SYSTEMD_FAILED, "systemd-failed", "systemd did not start kexec.target.", "See the journal.")            \
	X(1407, KEXEC_DISABLED, "kexec-disabled", "kexec_load_disabled is set; it cannot be unset.", "Reboot the host.")\
	X(1408, CMDLINE_TOO_LONG, "cmdline-too-long", "The next command line is longer than the kernel takes.",         \
	  "Shorten it.")                                                                                                \
	X(1409, EXPECTATION_NOT_FOUND, "expectation-not-found", "No expectation with this id is stored on this host.",  \
	  "Plan a new run.")                                                                                            \
	X(1410, PREFLIGHT_FAILED, "preflight-failed", "A precondition of the kexec does not hold.",                     \
	  "Mend the failed checks of the plan.")                                                                        \
	/* the connection and the process */                                                                            \
	X(1901, PERMISSION_DENIED, "permission-denied", "polkit or the operating system did not allow it.",             \
	  "Ask as a user who may, or authenticate.")                                                                    \
	X(1902, VERSION_MISMATCH, "version-mismatch", "Client and helper share no protocol version.",                   \
	  "Install the same release on both.")                                                                          \
	X(1903, INTERNAL, "internal", "This is a defect of pmpool.", "Report it with the message.")                     \
	X(1904, OUT_OF_MEMORY, "out-of-memory", "The helper could not get memory for this.", "Ask for less at once.")   \
	X(1905, HOST_UNREACHABLE, "host-unreachable", "The connection to the host could not be made.",                  \
	  "Check that the host is up and that `ssh HOST pmpool --version` works.")                                      \
	X(1906, HELPER_GONE, "helper-gone", "The helper ended while it was needed.",                                    \
	  "The lab reconnects by itself; repeat the act then.")                                                         \
	X(1907, RUN_NOT_FOUND, "run-not-found", "No run has this id.", "List the runs.")                                \
	X(1908, RUN_STATE, "run-state", "The run is not at a step that allows this.", "Look at its state.")             \
	X(1909, NOT_INITIALIZED, "not-initialized", "The first request must be initialize.", "Send initialize.")        \
	X(1910, UNSUPPORTED, "unsupported", "This host or build cannot do it.", "See the message.")                     \
	X(1911, HOST_NOT_FOUND, "host-not-found", "No host has this id.", "List the hosts.")                            \
	X(1912, BUSY, "busy", "As many long tasks run as the helper allows.", "Wait for one to end or cancel it.")
/* clang-format on */

enum pm_code {
	PM_OK = 0,
#define PM_ERROR_ENUM(number, id, name, why, remedy) PM_E_##id = (number),
	PM_ERRORS(PM_ERROR_ENUM)
#undef PM_ERROR_ENUM
	/* JSON-RPC and LSP */
	PM_E_PARSE = -32700,
	PM_E_INVALID_REQUEST = -32600,
	PM_E_METHOD_NOT_FOUND = -32601,
	PM_E_INVALID_PARAMS = -32602,
	PM_E_CANCELLED = -32800,
};

/* What happened this time, beside the code's own reason and remedy. */
struct pm_error {
	enum pm_code code;
	char message[384];
};

/* Row of the table for a code; NULL fields never occur for codes above. */
const char *pm_error_name(enum pm_code code);
const char *pm_error_reason(enum pm_code code);
const char *pm_error_remedy(enum pm_code code);

/* Fill *err (when not NULL) and return code, so that `return pm_fail(err, PM_E_..., "...")` reads well. */
enum pm_code pm_fail(struct pm_error *err, enum pm_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4), cold));

#endif
