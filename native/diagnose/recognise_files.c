// SPDX-License-Identifier: GPL-2.0-or-later
/* Files by their first bytes. Of what follows them in memory nothing tells that it belongs to them. */
#include "recognise.h"
#include <stdio.h>
#include <string.h>

void pm_note_text(char *note, size_t room, const uint8_t *bytes, size_t max)
{
	size_t i;

	for (i = 0; i + 1 < room && i < max && bytes[i]; i++)
		note[i] = bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char)bytes[i] : '?';
	note[i] = 0;
}

/* --- ELF: System V ABI, "ELF header" --- */

struct named {
	uint32_t number;
	const char *name;
};

static const char *name_of(const struct named *table, size_t count, uint32_t number)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].number == number)
			return table[i].name;
	return NULL;
}
#define NAME_OF(table, number) name_of(table, sizeof(table) / sizeof(*(table)), number)

unsigned recognise_elf(const struct bytes *bytes, char note[NOTE_BYTES])
{
	static const struct named types[] = {
		{1, "object file"}, {2, "executable"}, {3, "shared object"}, {4, "core file"}};
	static const struct named machines[] = {{3, "i386"},  {8, "MIPS"},	 {21, "PowerPC64"}, {22, "S390"},
						{40, "ARM"},  {62, "x86-64"},	 {183, "AArch64"},  {243, "RISC-V"},
						{247, "BPF"}, {258, "LoongArch"}};
	bool wide = bytes->count > 4 && bytes->at[4] == 2, big;
	uint32_t type, machine;
	const char *type_name, *machine_name;

	if (bytes->count < 64 ||
	    !STARTS_WITH(bytes, 0,
			 "\x7f"
			 "ELF") ||
	    bytes->at[4] < 1 || bytes->at[4] > 2 || bytes->at[5] < 1 || bytes->at[5] > 2 || bytes->at[6] != 1)
		return 0;
	big = bytes->at[5] == 2;
	type = big ? bytes->at[17] : number_at(bytes, 16, 2);
	machine = big ? bytes->at[18] * 256u + bytes->at[19] : number_at(bytes, 18, 2);
	type_name = NAME_OF(types, type);
	machine_name = NAME_OF(machines, machine);
	snprintf(note, NOTE_BYTES, "ELF %s %s for %s", wide ? "64-bit" : "32-bit", type_name ? type_name : "file",
		 machine_name ? machine_name : "another machine");
	return type_name ? 99 : 90;
}

/* --- kernels: Documentation/arch/x86/boot.rst, arm64/booting.rst, riscv/boot-image-header.rst --- */

unsigned recognise_kernel(const struct bytes *bytes, char note[NOTE_BYTES])
{
	if (STARTS_WITH(bytes, 0x202, "HdrS") && STARTS_WITH(bytes, 0x1fe, "\x55\xaa")) {
		snprintf(note, NOTE_BYTES, "bzImage, boot protocol %u.%02u", bytes->at[0x207], bytes->at[0x206]);
		return 99;
	}
	if (STARTS_WITH(bytes, 0x38, "ARM\x64") && number_at(bytes, 0x18, 4) < 16) {
		snprintf(note, NOTE_BYTES, "Linux Image for AArch64");
		return 95;
	}
	if (STARTS_WITH(bytes, 0x30, "RISCV\0\0\0") && STARTS_WITH(bytes, 0x38, "RSC\x05")) {
		snprintf(note, NOTE_BYTES, "Linux Image for RISC-V");
		return 99;
	}
	if (STARTS_WITH(bytes, 0, "\x27\x05\x19\x56") && bytes->count > 64 && bytes->at[30] == 2) {
		snprintf(note, NOTE_BYTES, "uImage of a kernel");
		return 90;
	}
	return 0;
}

/* --- initrd: Documentation/driver-api/early-userspace/buffer-format.rst, and the forms lib/decompress*.c takes --- */

static bool digits(const struct bytes *bytes, size_t from, size_t count, unsigned base)
{
	for (size_t i = from; i < from + count; i++) {
		uint8_t c = i < bytes->count ? bytes->at[i] : 0;
		unsigned value = c >= '0' && c <= '9'		      ? c - (unsigned)'0'
				 : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - (unsigned)'a' + 10u
								      : 99;

		if (value >= base)
			return false;
	}
	return true;
}

static unsigned cpio(const struct bytes *bytes, char note[NOTE_BYTES])
{
	size_t name = 0;

	if ((STARTS_WITH(bytes, 0, "070701") || STARTS_WITH(bytes, 0, "070702")) && digits(bytes, 6, 104, 16))
		name = 110;
	else if (STARTS_WITH(bytes, 0, "070707") && digits(bytes, 6, 70, 8))
		name = 76;
	if (!name || bytes->count <= name)
		return 0;
	snprintf(note, NOTE_BYTES, "cpio archive, first file ");
	pm_note_text(note + strlen(note), NOTE_BYTES - strlen(note), bytes->at + name, bytes->count - name);
	return 98;
}

struct magic {
	const char *bytes;
	size_t length, offset;
	const char *name;
};
#define MAGIC(bytes, offset, name)                     \
	{                                              \
		bytes, sizeof(bytes) - 1, offset, name \
	}

static const struct magic *find_magic(const struct magic *table, size_t count, const struct bytes *bytes)
{
	for (size_t i = 0; i < count; i++)
		if (starts_with(bytes, table[i].offset, table[i].bytes, table[i].length))
			return &table[i];
	return NULL;
}

/* Magic numbers of two or three bytes need more than themselves. */
static bool stream_sound(const struct bytes *bytes)
{
	if (bytes->count < 64)
		return false;
	switch (bytes->at[0]) {
	case 0x1f: /* gzip: no reserved flag, a known system */
		return !(bytes->at[3] & 0xe0) && (bytes->at[8] == 0 || bytes->at[8] == 2 || bytes->at[8] == 4) &&
		       (bytes->at[9] <= 13 || bytes->at[9] == 255);
	case 0x5d: /* lzma: a usual dictionary, and a length that is unknown or below 2^32 */
		return number_at(bytes, 1, 4) >= 1u << 16 && !(number_at(bytes, 1, 4) & (number_at(bytes, 1, 4) - 1)) &&
		       (number_at(bytes, 9, 4) == 0 || number_at(bytes, 9, 4) == UINT32_MAX) && bytes->at[13] == 0;
	case 0x28: /* zstd: no reserved bit */
		return !(bytes->at[4] & 0x08);
	default:
		return true;
	}
}

unsigned recognise_initrd(const struct bytes *bytes, char note[NOTE_BYTES])
{
	static const struct magic streams[] = {
		MAGIC("\x1f\x8b\x08", 0, "gzip"),
		MAGIC("\xfd"
		      "7zXZ\0\0",
		      0, "xz"),
		MAGIC("\x28\xb5\x2f\xfd", 0, "zstd"),
		MAGIC("\x04\x22\x4d\x18", 0, "lz4"),
		MAGIC("\x02\x21\x4c\x18", 0, "lz4, the kernel's form"),
		MAGIC("\x31\x41\x59\x26\x53\x59", 4, "bzip2"),
		MAGIC("\x5d\0\0", 0, "lzma"),
		MAGIC("\x89LZO\0\r\n\x1a\n", 0, "lzop"),
	};
	unsigned confidence = cpio(bytes, note);
	const struct magic *stream;

	if (confidence)
		return confidence;
	stream = find_magic(streams, sizeof(streams) / sizeof(*streams), bytes);
	if (!stream || !stream_sound(bytes))
		return 0;
	snprintf(note, NOTE_BYTES, "compressed stream (%s)", stream->name);
	return 75; /* most often an initrd, but any file can be compressed */
}

/* Seen in memory around boot and kexec; none of them has a kind of its own. */
unsigned recognise_file(const struct bytes *bytes, char note[NOTE_BYTES])
{
	static const struct magic files[] = {
		MAGIC("\xd0\x0d\xfe\xed\0", 0, "device tree"),
		MAGIC("RSD PTR ", 0, "ACPI root pointer"),
		MAGIC("_SM3_", 0, "SMBIOS entry point"),
		MAGIC("IBI SYST", 0, "EFI system table"),
		MAGIC("EFI PART", 512, "GPT partition table"),
		MAGIC("hsqs", 0, "squashfs"),
		MAGIC("\x53\xef", 1080, "ext2, ext3 or ext4 superblock"),
		MAGIC("XFSB", 0, "XFS superblock"),
		MAGIC("LUKS\xba\xbe", 0, "LUKS header"),
		MAGIC("NAMESPACE_INFO\0\0", 0, "pmem namespace info block"),
		MAGIC("SQLite format 3\0", 0, "SQLite database"),
		MAGIC("\x89PNG\r\n\x1a\n", 0, "PNG image"),
		MAGIC("PK\x03\x04", 0, "ZIP archive"),
		MAGIC("\x9f\xeb\x01\0", 0, "BTF"),
		MAGIC("KDUMP   ", 0, "kdump header"),
		MAGIC("VMCOREINFO\0", 12, "VMCOREINFO note"),
	};
	const struct magic *file = find_magic(files, sizeof(files) / sizeof(*files), bytes);

	if (!file)
		return 0;
	/* two bytes are no proof: a block size and a revision that exist */
	if (file->length == 2 && (number_at(bytes, 1048, 4) > 6 || number_at(bytes, 1100, 4) > 1))
		return 0;
	snprintf(note, NOTE_BYTES, "%s", file->name);
	return file->length > 4 ? 90 : 60;
}
