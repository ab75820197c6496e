/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libpmpool: snapshot files without a helper, and reports, for programs in other languages. JSON in, JSON out; the
 * shapes are those of main/api. The library is under GPL-2.0-or-later, and so is what it is linked or loaded into.
 *
 * No state is kept between calls but in a task, and any number of threads may call at once; a task belongs to one
 * call. Nothing is printed, no signal handler is set, no environment is read.
 *
 * Answers: every function that returns `char *` gives a NUL-terminated object, {"ok": ...} or
 * {"error": {code, name, message, reason, remedy}} as in error.h, that the caller frees with pm_ffi_free. NULL only when
 * there is no memory even for an error.
 *
 * A `chain` is a JSON array of paths: the file itself, and behind it what it builds on, up to the one that stands by
 * itself. Parents may be left out where no page of them is needed: a call that comes to need one answers
 * snapshot-parent. Files are opened for reading; links and everything that is no regular file are refused.
 */
#ifndef PMPOOL_FFI_H
#define PMPOOL_FFI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PM_FFI_PUBLIC __attribute__((visibility("default")))
#define PM_FFI_VERSION 1 /* of this interface: grows with every change that is no addition */

PM_FFI_PUBLIC uint32_t pm_ffi_version(void);
PM_FFI_PUBLIC void pm_ffi_free(char *answer);

/* --- long acts --- */

struct pm_ffi_task;
PM_FFI_PUBLIC struct pm_ffi_task *pm_ffi_task_new(void); /* NULL without memory */
/* From any thread, while the call runs: it ends with the error `cancelled` within 200 ms. */
PM_FFI_PUBLIC void pm_ffi_task_cancel(struct pm_ffi_task *task);
/* From any thread: bytes[0] done of bytes[1] in all; both 0 before the first news. */
PM_FFI_PUBLIC void pm_ffi_task_progress(const struct pm_ffi_task *task, uint64_t bytes[2]);
/* After the call. */
PM_FFI_PUBLIC void pm_ffi_task_free(struct pm_ffi_task *task);

/* --- files --- */

/* LabFile without `name`, `path` and `parent.present`. Reads metadata only. A file that is cut off or corrupted is
 * described as far as it is whole; `damage` says what is wrong with it. */
PM_FFI_PUBLIC char *pm_ffi_describe(const char *chain);
/* The same after every checksum, and every digest of a page that the chain has, was checked: `damage` is final. */
PM_FFI_PUBLIC char *pm_ffi_verify(const char *chain, struct pm_ffi_task *task);
/* Comparison. The names of the two sides are the file names without ".pmsnap". */
PM_FFI_PUBLIC char *pm_ffi_compare(const char *before_chain, const char *after_chain, struct pm_ffi_task *task);
/* {first, count, sequence}: page states of `count` pages from `first` (a multiple of 32) on, two bits each, into
 * `words` 64-bit words of 32 pages; fewer at the pool's end and when there is no room. */
PM_FFI_PUBLIC char *pm_ffi_map(const char *chain, uint64_t first, uint64_t count, uint64_t *states, size_t words);
/* {allocations, next, sequence}: at most `limit` (1 to 10,000) allocations from page `from` on. */
PM_FFI_PUBLIC char *pm_ffi_allocations(const char *chain, uint64_t from, uint32_t limit);
/* {digest}: 4096 bytes of a pool page, and their digest in 32 hex digits. out-of-range when the file does not hold
 * it. */
PM_FFI_PUBLIC char *pm_ffi_page(const char *chain, uint64_t page, uint8_t *bytes);
/* {bytes}: the size of the new file `to`, a sparse raw image or an ELF core ("raw", "elf"). file-exists when it is
 * there; no file is left behind on an error. */
PM_FFI_PUBLIC char *pm_ffi_export(const char *chain, const char *to, const char *format, struct pm_ffi_task *task);

/* --- reports --- */

/* {text}: a Verdict, Comparison or MemoryTest as "html", "json", "junit", "ktap" or "text". */
PM_FFI_PUBLIC char *pm_ffi_report(const char *object, const char *format);

#ifdef __cplusplus
}
#endif

#endif
