/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "persist.h"
#include "cpu.h"
#include <string.h>

#define CACHE_LINE 64u

void (*pm_store_hook)(const void *at, size_t bytes);
void (*pm_flush_hook)(const void *at, size_t bytes);
void (*pm_fence_hook)(void);

void pm_store_bytes(void *to, const void *from, size_t bytes)
{
	uint8_t *target = to;
	const uint8_t *source = from;
	size_t done = 0;

	for (; done + 8 <= bytes; done += 8) {
		uint64_t word;

		memcpy(&word, source + done, 8);
		pm_store64((uint64_t *)(void *)(target + done), word);
	}
	if (done < bytes) {
		memcpy(target + done, source + done, bytes - done);
		pm_stored(target + done, bytes - done);
	}
}

void pm_store_zero(void *to, size_t bytes)
{
	uint64_t *word = to;

	for (size_t i = 0; i < bytes / 8; i++)
		pm_store64(word + i, 0);
}

#if defined(__x86_64__)
static inline void flush_line(const uint8_t *line)
{
	unsigned features = pm_cpu_features();

	/* Written as bytes after a prefix where an old assembler may not know the name. */
	if (features & PM_CPU_CLWB)
		__asm__ volatile(".byte 0x66; xsaveopt %0" : "+m"(*(volatile uint8_t *)(uintptr_t)line));
	else if (features & PM_CPU_CLFLUSHOPT)
		__asm__ volatile(".byte 0x66; clflush %0" : "+m"(*(volatile uint8_t *)(uintptr_t)line));
	else if (features & PM_CPU_CLFLUSH)
		__asm__ volatile("clflush %0" : "+m"(*(volatile uint8_t *)(uintptr_t)line));
}

static inline void fence_now(void)
{
	__asm__ volatile("sfence" ::: "memory");
}
#elif defined(__aarch64__)
static inline void flush_line(const uint8_t *line)
{
	__asm__ volatile("dc cvac, %0" ::"r"(line) : "memory");
}

static inline void fence_now(void)
{
	__asm__ volatile("dsb ish" ::: "memory");
}
#else
static inline void flush_line(const uint8_t *line)
{
	(void)line;
}

static inline void fence_now(void)
{
	atomic_thread_fence(memory_order_seq_cst);
}
#endif

void pm_flush(const void *from, size_t bytes)
{
	uintptr_t line = (uintptr_t)from & ~(uintptr_t)(CACHE_LINE - 1);

	for (; line < (uintptr_t)from + bytes; line += CACHE_LINE) {
		flush_line((const uint8_t *)line);
		if (pm_flush_hook)
			pm_flush_hook((const void *)line, CACHE_LINE);
	}
}

void pm_fence(void)
{
	fence_now();
	if (pm_fence_hook)
		pm_fence_hook();
}

void pm_persist(const void *from, size_t bytes)
{
	pm_flush(from, bytes);
	pm_fence();
}
