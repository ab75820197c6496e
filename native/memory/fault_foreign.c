/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What another kernel puts into memory that it takes for its own: programs, images, page tables, text. */
#include "fault_work.h"
#include <elf.h>
#include <stdio.h>

static void put(uint8_t *page, size_t at, const void *value, size_t bytes)
{
	memcpy(page + at, value, bytes);
}

static void put16(uint8_t *page, size_t at, uint16_t value)
{
	put(page, at, &value, sizeof(value));
}

static void put32(uint8_t *page, size_t at, uint32_t value)
{
	put(page, at, &value, sizeof(value));
}

static void put64(uint8_t *page, size_t at, uint64_t value)
{
	put(page, at, &value, sizeof(value));
}

/* Instructions of x86-64 as compilers write them; the bytes behind `fixed` are displacements or constants. */
static const struct {
	uint8_t bytes[8];
	uint8_t fixed, length;
} instructions[] = {
	{{0x55}, 1, 1},
	{{0x48, 0x89, 0xe5}, 3, 3},
	{{0x41, 0x57}, 2, 2},
	{{0x53}, 1, 1},
	{{0x48, 0x83, 0xec}, 3, 4},
	{{0x48, 0x8b, 0x45}, 3, 4},
	{{0x48, 0x89, 0x45}, 3, 4},
	{{0xe8}, 1, 5},
	{{0x48, 0x8d, 0x3d}, 3, 7},
	{{0x48, 0x85, 0xc0}, 3, 3},
	{{0x74}, 1, 2},
	{{0x75}, 1, 2},
	{{0x0f, 0x84}, 2, 6},
	{{0x31, 0xc0}, 2, 2},
	{{0x89, 0xc7}, 2, 2},
	{{0x48, 0x8b, 0x05}, 3, 7},
	{{0x48, 0x83, 0xc4}, 3, 4},
	{{0x5b}, 1, 1},
	{{0x5d}, 1, 1},
	{{0xc3}, 1, 1},
	{{0x0f, 0x1f, 0x40, 0}, 4, 4},
	{{0xf3, 0x0f, 0x1e, 0xfa}, 4, 4},
	{{0xbe}, 1, 5},
	{{0x66, 0x90}, 2, 2},
};

static void put_code(struct random *random, uint8_t *to, size_t bytes)
{
	for (size_t done = 0; done < bytes;) {
		size_t n = random_below(random, sizeof(instructions) / sizeof(*instructions));
		size_t length = instructions[n].length, fixed = instructions[n].fixed;
		uint8_t code[8];

		memcpy(code, instructions[n].bytes, sizeof(code));
		for (size_t i = fixed; i < length; i++) /* small distances: the high bytes are 0 or 0xff */
			code[i] = i < fixed + 2 ? (uint8_t)random_next(random) : code[fixed + 1] & 0x80 ? 0xff : 0;
		length = length < bytes - done ? length : bytes - done;
		memcpy(to + done, code, length);
		done += length;
	}
}

/* A position-independent program: header, its segments, the interpreter's name, code behind them. */
bool spoil_elf(struct fault_work *work, uint64_t page, char *detail)
{
	static const char interpreter[] = "/lib64/ld-linux-x86-64.so.2";
	struct random *random = &work->random;
	uint64_t text = random_between(random, 2, 64) * 4096, data = random_between(random, 1, 16) * 4096;
	Elf64_Ehdr header = {
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT, ELFOSABI_NONE},
		.e_type = ET_DYN,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_entry = 0x1000 + random_below(random, text / 16) * 16,
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_shoff = 0x1000 + text + data + 0x400,
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 4,
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = 29,
		.e_shstrndx = 28,
	};
	Elf64_Phdr segments[4] = {
		{PT_PHDR, PF_R, 0x40, 0x40, 0x40, sizeof(segments), sizeof(segments), 8},
		{PT_INTERP, PF_R, 0x120, 0x120, 0x120, sizeof(interpreter), sizeof(interpreter), 1},
		{PT_LOAD, PF_R | PF_X, 0, 0, 0, 0x1000 + text, 0x1000 + text, 0x1000},
		{PT_LOAD, PF_R | PF_W, 0x1000 + text, 0x1000 + text, 0x1000 + text, data, data + 0x200, 0x1000},
	};

	memset(work->after, 0, 0x200);
	put(work->after, 0, &header, sizeof(header));
	put(work->after, sizeof(header), segments, sizeof(segments));
	put(work->after, 0x120, interpreter, sizeof(interpreter));
	put_code(random, work->after + 0x200, PM_PAGE_SIZE - 0x200);
	snprintf(detail, DETAIL_BYTES, "first page of a 64-bit ELF program, entry 0x%llx",
		 (unsigned long long)header.e_entry);
	return true;
}

/* Documentation/arch/x86/boot.rst, protocol 2.15 */
bool spoil_kernel(struct fault_work *work, uint64_t page, char *detail)
{
	struct random *random = &work->random;
	uint8_t *after = work->after, sectors = (uint8_t)random_between(random, 15, 39);
	uint32_t paragraphs = (uint32_t)random_between(random, 0x40000, 0xc0000);

	memset(after, 0, 0x280);
	put_code(random, after + 0x280, PM_PAGE_SIZE - 0x280);
	put(after, 0, "MZ\xea\x07\x00\xc0\x07\x8c", 8); /* EFI stub, and the boot sector's far jump */
	put32(after, 0x3c, 0x40);
	put(after, 0x40, "PE\0\0\x64\x86", 6);
	after[0x1f1] = sectors;
	put16(after, 0x1f2, 1); /* the root is mounted read-only */
	put32(after, 0x1f4, paragraphs);
	put16(after, 0x1fa, 0xffff);
	put16(after, 0x1fe, 0xaa55);
	put16(after, 0x200, 0x6aeb);
	put(after, 0x202, "HdrS", 4);
	put16(after, 0x206, 0x020f);
	put16(after, 0x20e, (uint16_t)(sectors * 0x200u - 0x200u)); /* where the version's text stands */
	after[0x211] = 1; /* loaded high */
	put16(after, 0x212, 0x8000);
	put32(after, 0x214, 0x100000);
	put32(after, 0x22c, 0x7fffffff);
	put32(after, 0x230, 0x200000);
	after[0x234] = 1; /* relocatable */
	after[0x235] = 21;
	put16(after, 0x236, 0x7f);
	put32(after, 0x238, 2047);
	put64(after, 0x258, 0x1000000);
	put32(after, 0x260, (paragraphs * 16 + 0x1000000) & ~0xfffu);
	snprintf(detail, DETAIL_BYTES, "first page of a bzImage, boot protocol 2.15, %u sectors of setup", sectors);
	return true;
}

static const char *const entries[] = {
	"bin",
	"bin/sh",
	"bin/busybox",
	"bin/mount",
	"conf/initramfs.conf",
	"etc",
	"etc/fstab",
	"etc/modprobe.d",
	"init",
	"lib/modules/6.1.0-18-amd64/modules.dep",
	"sbin/modprobe",
	"scripts/functions",
	"scripts/local",
	"usr/lib/systemd/systemd-udevd",
	"usr/share/initramfs-tools",
	"var/log",
};

/* cpio, "newc": Documentation/driver-api/early-userspace/buffer-format.rst */
bool spoil_initrd(struct fault_work *work, uint64_t page, char *detail)
{
	struct random *random = &work->random;
	size_t at = 0, count = 0;

	random_bytes(random, work->after, PM_PAGE_SIZE);
	while (at < PM_PAGE_SIZE) {
		const char *name = entries[random_below(random, sizeof(entries) / sizeof(*entries))];
		size_t length = strlen(name) + 1, body = random_below(random, 700), header;
		bool folder = !strchr(name, '.') && body < 200;
		char entry[110 + 64];

		body = folder ? 0 : body;
		memset(entry, 0, sizeof(entry)); /* names are padded with zeros */
		header =
			(size_t)snprintf(entry, sizeof(entry),
					 "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s",
					 (unsigned)random_between(random, 1, 99999), folder ? 040755u : 0100755u, 0u,
					 0u, folder ? 2u : 1u, (unsigned)random_between(random, 1600000000, 1750000000),
					 (unsigned)body, 0u, 0u, 0u, 0u, (unsigned)length, 0u, name) +
			1;
		header = (header + 3) & ~(size_t)3;
		put(work->after, at, entry, header < PM_PAGE_SIZE - at ? header : PM_PAGE_SIZE - at);
		if (body && at + header + body < PM_PAGE_SIZE)
			put_code(random, work->after + at + header, body);
		at += header + ((body + 3) & ~(size_t)3);
		count++;
	}
	snprintf(detail, DETAIL_BYTES, "first page of a cpio archive (newc), %zu entries", count);
	return true;
}

/* A lowest-level table: runs of neighbouring frames with the same rights, and holes. */
bool spoil_page_table(struct fault_work *work, uint64_t page, char *detail)
{
	static const uint64_t rights[] = {
		UINT64_C(0x8000000000000063), /* kernel data: present, writable, accessed, dirty, no execution */
		UINT64_C(0x0000000000000161), /* kernel code: present, accessed, dirty, global */
		UINT64_C(0x8000000000000867), /* a program's data */
		UINT64_C(0x0000000000000025), /* a program's code */
	};
	struct random *random = &work->random;
	unsigned present = 0;

	memset(work->after, 0, PM_PAGE_SIZE);
	for (unsigned i = 0; i < 512;) {
		unsigned run = (unsigned)random_between(random, 4, 96);
		uint64_t frame = random_between(random, 0x100, 0x3fffff);
		uint64_t flags = rights[random_below(random, sizeof(rights) / sizeof(*rights))];

		if (i && random_chance(random, 4)) {
			i += run / 4;
			continue;
		}
		for (; run && i < 512; run--, i++, frame++, present++)
			put64(work->after, i * 8u, frame << PM_PAGE_SHIFT | flags);
	}
	snprintf(detail, DETAIL_BYTES, "x86-64 page table with %u present entries", present);
	return true;
}

static const char *const lines[] = {
	"systemd[1]: Started Journal Service.",
	"kernel: BIOS-provided physical RAM map:",
	"kernel: e820: update [mem 0x00000000-0x00000fff] usable ==> reserved",
	"kernel: NX (Execute Disable) protection: active",
	"kernel: Zone ranges:",
	"kernel: smpboot: Allowing 8 CPUs, 0 hotplug CPUs",
	"sshd[842]: Server listening on 0.0.0.0 port 22.",
	"kernel: EXT4-fs (sda1): mounted filesystem with ordered data mode",
	"kernel: random: crng init done",
	"dbus-daemon[611]: [system] Successfully activated service 'org.freedesktop.hostname1'",
	"cron[590]: (CRON) INFO (Running @reboot jobs)",
};

bool spoil_text(struct fault_work *work, uint64_t page, char *detail)
{
	struct random *random = &work->random;
	unsigned second = (unsigned)random_below(random, 3600), count = 0;

	for (size_t at = 0; at < PM_PAGE_SIZE; count++) {
		char line[160];
		size_t length;

		second += (unsigned)random_below(random, 3);
		length = (size_t)snprintf(line, sizeof(line), "Jan 12 %02u:%02u:%02u host %s\n", 8 + second / 3600 % 8,
					  second / 60 % 60, second % 60,
					  lines[random_below(random, sizeof(lines) / sizeof(*lines))]);
		length = length < PM_PAGE_SIZE - at ? length : PM_PAGE_SIZE - at;
		put(work->after, at, line, length);
		at += length;
	}
	snprintf(detail, DETAIL_BYTES, "%u lines of a system log", count);
	return true;
}
