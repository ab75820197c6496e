/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "evict.h"
#include "core/cpu.h"
#include <stdatomic.h>
#include <stdint.h>

#define CACHE_LINE 64u

#if defined(__x86_64__)
bool evict(const void *from, size_t bytes)
{
	bool unordered = pm_cpu_features() & PM_CPU_CLFLUSHOPT;
	uintptr_t line = (uintptr_t)from & ~(uintptr_t)(CACHE_LINE - 1);

	for (; line < (uintptr_t)from + bytes; line += CACHE_LINE) {
		volatile uint8_t *at = (volatile uint8_t *)line;

		if (unordered) /* clflushopt, as bytes after a prefix: an old assembler may not know the name */
			__asm__ volatile(".byte 0x66; clflush %0" : "+m"(*at));
		else /* every x86-64 has it */
			__asm__ volatile("clflush %0" : "+m"(*at));
	}
	__asm__ volatile("mfence" ::: "memory"); /* reads, too, come after it */
	return true;
}
#elif defined(__aarch64__)
bool evict(const void *from, size_t bytes)
{
	uintptr_t line = (uintptr_t)from & ~(uintptr_t)(CACHE_LINE - 1);

	for (; line < (uintptr_t)from + bytes; line += CACHE_LINE)
		__asm__ volatile("dc civac, %0" ::"r"(line) : "memory");
	__asm__ volatile("dsb sy" ::: "memory");
	return true;
}
#else
bool evict(const void *from, size_t bytes)
{
	(void)from, (void)bytes;
	atomic_thread_fence(memory_order_seq_cst);
	return false;
}
#endif
