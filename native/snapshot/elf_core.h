/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the ELF cores that are written here and those that are read have in common. docs/snapshot.md describes them. */
#ifndef PMPOOL_ELF_CORE_H
#define PMPOOL_ELF_CORE_H

#include <elf.h>
#include <stdint.h>

#define PM_ELF_NOTE_NAME "PMPOOL"
/* Type of the note: the description of the snapshot, JSON. None that tools know by its number alone: early cores had 1,
 * which readelf calls NT_PRSTATUS. */
enum { PM_ELF_NOTE_META = 0x504d4d31, PM_ELF_NOTE_META_EARLY = 1 };

#if defined(__x86_64__)
#define PM_ELF_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define PM_ELF_MACHINE EM_AARCH64
#else
#define PM_ELF_MACHINE EM_NONE
#endif

/* More segments than these get merged over the gaps between them: their number has 16 bits in the header. */
#define PM_ELF_SEGMENTS_MAX 60000u

static inline uint64_t pm_elf_padded(uint64_t bytes)
{
	return (bytes + 3) & ~UINT64_C(3);
}

#endif
