/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every verb, once: dispatch, usage and help come from here, and a test holds resources/man/pmpool.1 against it. */
#include "cli.h"

#define END                                   \
	{                                     \
		NULL, OPTION_FLAG, NULL, NULL \
	}

static const struct option_spec part_options[] = {
	{"offset", OPTION_SIZE, "SIZE", "start of the part inside the region (default 0)"},
	{"size", OPTION_SIZE, "SIZE", "its length (default: to the region's end)"},
	END,
};
static const struct option_spec create_options[] = {
	{"region", OPTION_TEXT, "REGION", "id from region list; needed where several can be used"},
	{"offset", OPTION_SIZE, "SIZE", "start of the part inside the region (default 0)"},
	{"size", OPTION_SIZE, "SIZE", "its length (default: to the region's end)"},
	{"log-slots", OPTION_COUNT, "N", "entries of the event log, 128 to 65536 (default: by the size)"},
	{"overwrite", OPTION_TEXT, "WORD", "destroy what is there; region recognise names the word"},
	END,
};
static const struct option_spec extend_options[] = {
	{"region", OPTION_TEXT, "REGION", "id from region list"},
	{"offset", OPTION_SIZE, "SIZE", "start of the part inside the region (default 0)"},
	{"size", OPTION_SIZE, "SIZE", "its length (default: to the region's end)"},
	{"overwrite", OPTION_TEXT, "WORD", "destroy what is there; region recognise names the word"},
	END,
};
static const struct option_spec audit_options[] = {
	{"older-than-boot", OPTION_TEXT, "UUID", "what counts as a leak is older than it (default: the running boot)"},
	END,
};
static const struct option_spec reservation_plan_options[] = {
	{"pmem", OPTION_FLAG, NULL, "as persistent memory (!) instead of reserved ($)"},
	{"loader", OPTION_TEXT, "NAME", "grub, bls, systemd-boot, extlinux or plain (default: those that are found)"},
	END,
};
static const struct option_spec reservation_keep_options[] = {
	{"pmem", OPTION_FLAG, NULL, "as persistent memory (!) instead of reserved ($)"},
	END,
};
static const struct option_spec map_options[] = {
	{"first", OPTION_COUNT, "PAGE", "with --json: first page, a multiple of 32 (default 0)"},
	{"count", OPTION_COUNT, "PAGES", "with --json: at most so many pages"},
	END,
};
static const struct option_spec find_options[] = {
	{"from", OPTION_TEXT, "PAGE", "from this page on, or address (default: from the pool's start, or end)"},
	{"previous", OPTION_FLAG, NULL, "the previous one, searched downwards"},
	{"pages", OPTION_COUNT, "N", "a free run of at least so many pages (default 1)"},
	END,
};
static const struct option_spec alloc_options[] = {
	{"order", OPTION_COUNT, "N", "2^N naturally aligned pages"},
	{"pages", OPTION_COUNT, "N", "any number of pages, instead of --order"},
	{"align", OPTION_TEXT, "SIZE|ORDER", "its physical address is a multiple of it"},
	{"within", OPTION_TEXT, "SIZE|ORDER", "it crosses no multiple of it, by physical address"},
	{"from", OPTION_SIZE, "ADDRESS", "it lies at or above this physical address"},
	{"to", OPTION_SIZE, "ADDRESS", "it ends at or below this physical address"},
	{"below", OPTION_SIZE, "ADDRESS", "another word for --to, as in --below 4G"},
	{"place", OPTION_TEXT, "WHERE", "first, most-free, node=N (NUMA) or region=N (default first)"},
	{"name", OPTION_TEXT, "NAME", "give it a record with this name"},
	{"owner", OPTION_TEXT, "TEXT", "who uses it (with --name)"},
	{"purpose", OPTION_TEXT, "TEXT", "what for (with --name)"},
	END,
};
static const struct option_spec yes_options[] = {
	{"yes", OPTION_FLAG, NULL, "do not ask; needed without a terminal"},
	END,
};
static const struct option_spec label_options[] = {
	{"owner", OPTION_TEXT, "TEXT", "who uses it; empty: nobody"},
	{"purpose", OPTION_TEXT, "TEXT", "what for; empty: nothing"},
	END,
};
static const struct option_spec bad_list_options[] = {
	{"from", OPTION_COUNT, "PAGE", "from this page index on (default 0)"},
	END,
};
static const struct option_spec bad_add_options[] = {
	{"pages", OPTION_COUNT, "N", "how many (default 1)"},
	{"why", OPTION_TEXT, "TEXT", "the reason, at most 63 bytes; needed"},
	END,
};
static const struct option_spec fill_part_options[] = {
	{"offset", OPTION_SIZE, "SIZE", "from the start of the allocation (default 0)"},
	{"length", OPTION_SIZE, "SIZE", "how much (default: to its end)"},
	{"seed", OPTION_COUNT, "N", "of random and the walking ones (default 0)"},
	{"data", OPTION_TEXT, "FILE", "what the pattern data repeats, at most 64 KiB; - for standard input"},
	END,
};
static const struct option_spec write_options[] = {
	{"offset", OPTION_SIZE, "SIZE", "from the start of the allocation (default 0)"},
	END,
};
static const struct option_spec read_options[] = {
	{"offset", OPTION_SIZE, "SIZE", "from the start of the allocation (default 0)"},
	{"length", OPTION_SIZE, "SIZE", "how much (default: to its end)"},
	END,
};
static const struct option_spec log_options[] = {
	{"limit", OPTION_COUNT, "N", "at most so many entries, 1 to 1000 (default 100)"},
	{"before", OPTION_COUNT, "SEQUENCE", "only entries before this one"},
	{"after", OPTION_COUNT, "SEQUENCE", "only entries after this one"},
	END,
};
static const struct option_spec name_options[] = {
	{"name", OPTION_TEXT, "NAME", "in the state directory, by name"},
	END,
};
static const struct option_spec snapshot_create_options[] = {
	{"name", OPTION_TEXT, "NAME", "in the state directory, by name"},
	{"all", OPTION_FLAG, NULL, "free pages too"},
	{"parent", OPTION_TEXT, "FILE", "write only what differs from this snapshot"},
	{"parent-name", OPTION_TEXT, "NAME", "the same, one of the state directory"},
	END,
};
static const struct option_spec snapshot_verify_options[] = {
	{"name", OPTION_TEXT, "NAME", "in the state directory, by name"},
	{"parent", OPTION_TEXT, "FILE", "what it builds on (default: the file of that name beside it)"},
	END,
};
static const struct option_spec snapshot_compare_options[] = {
	{"name", OPTION_TEXT, "NAME", "the earlier one, in the state directory"},
	{"after-name", OPTION_TEXT, "NAME", "the later one, in the state directory"},
	{"parent", OPTION_TEXT, "FILE", "what BEFORE builds on (default: the file of that name beside it)"},
	{"after-parent", OPTION_TEXT, "FILE", "what AFTER builds on (default: the file of that name beside it)"},
	END,
};
static const struct option_spec snapshot_export_options[] = {
	{"name", OPTION_TEXT, "NAME", "in the state directory, by name"},
	{"format", OPTION_TEXT, "raw|elf", "which form; needed"},
	{"parent", OPTION_TEXT, "FILE", "what it builds on (default: the file of that name beside it)"},
	END,
};
static const struct option_spec snapshot_import_options[] = {
	{"base", OPTION_SIZE, "ADDRESS", "physical address of a raw image's first byte (default: as its pool says)"},
	{"all", OPTION_FLAG, NULL, "free pages too"},
	END,
};
static const struct option_spec snapshot_restore_options[] = {
	{"name", OPTION_TEXT, "NAME", "in the state directory, by name"},
	{"allocation", OPTION_TEXT, "ALLOCATION", "the content of this one"},
	{"content", OPTION_FLAG, NULL, "the content of each allocation that is as it was"},
	{"pool", OPTION_FLAG, NULL, "the whole pool, metadata too"},
	{"parent", OPTION_TEXT, "FILE", "what it builds on (default: the file of that name beside it)"},
	{"confirm", OPTION_TEXT, "WORD", "overwrite what is there; the refusal names the word"},
	{"yes", OPTION_FLAG, NULL, "do not ask; not enough for --pool"},
	END,
};
static const struct option_spec snapshot_delete_options[] = {
	{"yes", OPTION_FLAG, NULL, "do not ask; needed without a terminal"},
	{"confirm", OPTION_TEXT, "NAME", "delete it, also when others build on it; asks nothing then"},
	END,
};
static const struct option_spec plan_options[] = {
	{"kernel", OPTION_TEXT, "PATH", "image to load (default: the running kernel's)"},
	{"initrd", OPTION_TEXT, "PATH", "its initrd (default: the one that belongs to it); empty: none"},
	{"cmdline", OPTION_TEXT, "TEXT", "its command line (default: the running one, made safe)"},
	{"append", OPTION_TEXT, "TEXT", "options to add to it"},
	{"drop-reservation", OPTION_FLAG, NULL, "leave memmap= out on purpose: a test of loss"},
	END,
};
static const struct option_spec load_options[] = {
	{"plan", OPTION_TEXT, "FILE", "the plan that kexec plan --json printed; - for standard input"},
	{"kernel", OPTION_TEXT, "PATH", "as in kexec plan"},
	{"initrd", OPTION_TEXT, "PATH", "as in kexec plan"},
	{"cmdline", OPTION_TEXT, "TEXT", "as in kexec plan"},
	{"append", OPTION_TEXT, "TEXT", "as in kexec plan"},
	{"drop-reservation", OPTION_FLAG, NULL, "as in kexec plan"},
	END,
};
static const struct option_spec jump_options[] = {
	{"nonce", OPTION_TEXT, "NONCE", "refuse unless this plan is loaded (default: the one loaded last)"},
	{"yes", OPTION_FLAG, NULL, "do not ask; needed without a terminal"},
	END,
};
static const struct option_spec expect_options[] = {
	{"nonce", OPTION_TEXT, "NONCE", "of the plan (default: of the plan loaded last)"},
	{"content", OPTION_TEXT, "WHEN", "keep the bytes: always, never, or auto (default): up to 1 GiB of them"},
	{"pattern", OPTION_TEXT, "PATTERN", "fill the free pages with it first, and expect it there"},
	{"seed", OPTION_COUNT, "N", "of the pattern (default 0)"},
	{"data", OPTION_TEXT, "FILE", "what the pattern data repeats, at most 64 KiB; - for standard input"},
	END,
};
static const struct option_spec document_options[] = {
	{"format", OPTION_TEXT, "FORMAT", "html, json, junit, ktap or text (default: by the file's suffix)"},
	{"output", OPTION_TEXT, "FILE", "a new file (default: standard output)"},
	END,
};
static const struct option_spec fill_options[] = {
	{"region", OPTION_TEXT, "REGION", "a region that no pool has, instead of a pool"},
	{"offset", OPTION_SIZE, "SIZE", "of it: start of the part (default 0)"},
	{"size", OPTION_SIZE, "SIZE", "of it: length of the part (default: to the region's end)"},
	{"overwrite", OPTION_TEXT, "WORD", "of it: destroy what is there; the refusal names the word"},
	{"seed", OPTION_COUNT, "N", "of random and the walking ones (default 0)"},
	{"data", OPTION_TEXT, "FILE", "what the pattern data repeats, at most 64 KiB; - for standard input"},
	{"from", OPTION_TEXT, "PAGE|ADDRESS", "from this page on (default: from the pool's first)"},
	{"to", OPTION_TEXT, "PAGE|ADDRESS", "to the page before this one, or the byte before it (default: to the end)"},
	END,
};
static const struct option_spec hold_options[] = {
	{"region", OPTION_TEXT, "REGION", "a region that no pool has, instead of a pool"},
	{"offset", OPTION_SIZE, "SIZE", "of it: start of the part (default 0)"},
	{"size", OPTION_SIZE, "SIZE", "of it: length of the part (default: to the region's end)"},
	{"seed", OPTION_COUNT, "N", "of random and the walking ones (default 0)"},
	{"data", OPTION_TEXT, "FILE", "what the pattern data repeats, at most 64 KiB; - for standard input"},
	{"from", OPTION_TEXT, "PAGE|ADDRESS", "from this page on (default: from the pool's first)"},
	{"to", OPTION_TEXT, "PAGE|ADDRESS", "to the page before this one, or the byte before it (default: to the end)"},
	END,
};
static const struct option_spec memory_test_options[] = {
	{"region", OPTION_TEXT, "REGION", "a region that no pool has, instead of a pool"},
	{"offset", OPTION_SIZE, "SIZE", "of it: start of the part (default 0)"},
	{"size", OPTION_SIZE, "SIZE", "of it: length of the part (default: to the region's end)"},
	{"overwrite", OPTION_TEXT, "WORD", "of it: destroy what is there; the refusal names the word"},
	{"passes", OPTION_COUNT, "N", "how often, 1 to 10000 (default 1)"},
	{"tests", OPTION_TEXT, "TEST,...", "which (default: all)"},
	{"quarantine", OPTION_FLAG, NULL, "put failing pages in quarantine"},
	{"from", OPTION_TEXT, "PAGE|ADDRESS", "from this page on (default: from the pool's first)"},
	{"to", OPTION_TEXT, "PAGE|ADDRESS", "to the page before this one, or the byte before it (default: to the end)"},
	{"report", OPTION_TEXT, "FILE", "write the result to a new file too"},
	{"format", OPTION_TEXT, "FORMAT", "html, json, junit, ktap or text (default: by the file's suffix)"},
	END,
};
static const struct option_spec fault_options[] = {
	{"seed", OPTION_COUNT, "N", "the same fault for the same seed (default: by chance)"},
	{"pages", OPTION_COUNT, "N", "how many pages (default: by the kind)"},
	{"from", OPTION_TEXT, "PAGE|ADDRESS", "from this page on (default: from the pool's first)"},
	{"to", OPTION_TEXT, "PAGE|ADDRESS", "to the page before this one, or the byte before it (default: to the end)"},
	{"confirm", OPTION_TEXT, "WORD", "on a real host: falsify its memory; the refusal names the word"},
	END,
};

static const struct option_spec check_options[] = {
	{"offset", OPTION_SIZE, "SIZE", "where in the region the pool begins (with REGION; default 0)"},
	END,
};
static const struct option_spec repair_options[] = {
	{"offset", OPTION_SIZE, "SIZE", "where in the region the pool begins (with REGION; default 0)"},
	{"apply", OPTION_FLAG, NULL, "write the repair; without it nothing is changed"},
	{"backup", OPTION_TEXT, "FILE", "copy the backup of the metadata here (with --apply)"},
	{"yes", OPTION_FLAG, NULL, "do not ask; needed without a terminal"},
	END,
};

const struct verb verbs[] = {
	{"host", "info", cli_host_info, "host/info", "Show the host: kernel, boot id, command line", "", 0, 0, NULL,
	 NULL, "  pmpool host info\n  pmpool --simulate /tmp/host host info --json"},
	{"host", "reset", cli_host_reset, NULL, "Boot a simulated host as it was made", "", 0, 0, NULL,
	 "A cold boot: memmap= is back and nothing is loaded; what the memory holds stays. The way back after a kexec\n"
	 "that lost the reservation. Refused on a real host. With --json it prints the result of host/info.",
	 "  pmpool --simulate /tmp/host host reset"},
	{"host", "memory", cli_host_memory, "host/memory",
	 "Show physical memory as kernel, command line and firmware tell it", "", 0, 0, NULL,
	 "Where firmware and kernel differ, the option that explains it; and what could be reserved.",
	 "  pmpool host memory\n  pmpool host memory --json"},
	{"host", "readiness", cli_host_readiness, "host/readiness",
	 "Check what a pool needs to outlive a kexec on this host", "", 0, 0, NULL,
	 "Changes nothing. Exit code 3 when a check fails.", "  pmpool host readiness"},
	{"reservation", "plan", cli_reservation_plan, "reservation/plan",
	 "Say what the boot loader needs so that a range is left alone", "BASE SIZE", 2, 2, reservation_plan_options,
	 "Changes nothing. Exit code 3 when the range cannot be given away.",
	 "  pmpool reservation plan 0x140000000 256M\n  pmpool reservation plan 5G 1G --loader grub"},
	{"reservation", "keep", cli_reservation_keep, "reservation/keep",
	 "Remember what was meant, to check it after the reboot", "BASE SIZE", 2, 2, reservation_keep_options, NULL,
	 "  pmpool reservation keep 0x140000000 256M"},
	{"reservation", "list", cli_reservation_list, "reservation/list",
	 "Hold what was kept against the host as it is now", "", 0, 0, NULL,
	 "Waiting: not rebooted since. Exit code 3 when one differs.", "  pmpool reservation list"},
	{"reservation", "forget", cli_reservation_forget, "reservation/forget", "Forget what was kept", "ID", 1, 1,
	 NULL, "The command line does not change.", "  pmpool reservation forget reserved-140000000-10000000"},
	{"region", "list", cli_region_list, "region/list",
	 "List the ranges that the kernel command line gives away, and devdax devices", "", 0, 0, NULL,
	 "Those that may not be opened are listed with the reason and the way out.", "  pmpool region list"},
	{"region", "recognise", cli_region_recognise, "region/recognise",
	 "Say what a region, or a part of it, holds already", "REGION", 1, 1, part_options, NULL,
	 "  pmpool region recognise mem:0x100000000\n  pmpool region recognise mem:0x100000000 --offset 64M --size 64M"},
	{"pool", "create", cli_pool_create, "pool/create", "Make a pool in a region or a part of it", "NAME", 1, 1,
	 create_options, "What is there already is named, and destroyed only when --overwrite says its word.",
	 "  pmpool pool create lab\n  pmpool pool create lab --region mem:0x100000000 --size 256M"},
	{"pool", "list", cli_pool_list, "pool/list", "List the pools of this host", "", 0, 0, NULL, NULL,
	 "  pmpool pool list"},
	{"pool", "info", cli_pool_info, "pool/info", "Show a pool with its usage counted afresh", "POOL", 1, 1, NULL,
	 NULL, "  pmpool pool info lab"},
	{"pool", "map", cli_pool_map, "pool/map", "Draw how densely a pool is allocated", "POOL", 1, 1, map_options,
	 NULL, "  pmpool pool map lab\n  pmpool pool map lab --json --first 0 --count 4096"},
	{"pool", "range", cli_pool_range, "pool/range", "Count what stands in a range of pages", "POOL FROM TO", 3, 3,
	 NULL, "FROM is the first page and TO one past the last, as page index or physical address (0x...).",
	 "  pmpool pool range lab 0 4096\n  pmpool pool range lab 0x100000000 0x140000000"},
	{"pool", "find", cli_pool_find, "pool/find", "Find the next free run, allocation or run of bad pages",
	 "POOL free|allocation|bad", 2, 2, find_options,
	 "An allocation counts by its first page; a free or bad run is cut at the page that is searched from.",
	 "  pmpool pool find lab free --pages 512\n  pmpool pool find lab bad --from 100000 --previous"},
	{"pool", "rename", cli_pool_rename, "pool/rename", "Give a pool another name", "POOL NAME", 2, 2, NULL,
	 "Its UUID stays.", "  pmpool pool rename lab bench"},
	{"pool", "extend", cli_pool_extend, "pool/extend", "Add a region, or a part of one, to a pool", "POOL", 1, 1,
	 extend_options,
	 "It joins whole or not at all. What is there already is named, and destroyed only when --overwrite says its "
	 "word.\nA pool keeps its regions: without one of them it can only be read.",
	 "  pmpool pool extend lab --region mem:0x200000000\n"
	 "  pmpool pool extend lab --region dax:dax0.0 --offset 1G --size 1G"},
	{"pool", "delete", cli_pool_delete, "pool/delete", "Delete a pool and all that is in it", "POOL", 1, 1,
	 yes_options, "On a terminal it asks for the pool's name first. It cannot be undone.",
	 "  pmpool pool delete lab\n  pmpool pool delete lab --yes"},
	{NULL, "audit", cli_audit, "pool/audit", "Show fragmentation, owners, ages, leaks and bad pages of a pool",
	 "POOL", 1, 1, audit_options,
	 "A leak is an unnamed allocation made before the running boot, or before the oldest entry of the log.",
	 "  pmpool audit lab\n  pmpool audit lab --json | jq .fragmentation"},
	{NULL, "alloc", cli_alloc, "allocation/create", "Allocate pages", "POOL", 1, 1, alloc_options,
	 "Any order up to the pool's size, any number of pages. Without a name only the page states know of it.",
	 "  pmpool alloc lab --order 9\n  pmpool alloc lab --pages 3 --name db --owner postgres\n"
	 "  pmpool alloc lab --pages 100 --align 2M --within 1G --below 4G\n"
	 "  pmpool alloc lab --order 9 --place node=1"},
	{NULL, "free", cli_free, "allocation/free", "Free an allocation", "POOL ALLOCATION", 2, 2, yes_options,
	 "On a terminal it asks first. It cannot be undone.",
	 "  pmpool free lab db\n  pmpool free lab 512 --yes\n  pmpool free lab 0x100200000"},
	{NULL, "list", cli_list, "allocation/list", "List the allocations of a pool", "POOL", 1, 1, NULL, NULL,
	 "  pmpool list lab"},
	{NULL, "rename", cli_rename, "allocation/rename", "Give an allocation another name", "POOL ALLOCATION NAME", 3,
	 3, NULL, "An unnamed one gets a record with it.", "  pmpool rename lab db db-old\n  pmpool rename lab 512 db"},
	{NULL, "label", cli_label, "allocation/relabel", "Change the owner or the purpose of a named allocation",
	 "POOL ALLOCATION", 2, 2, label_options, "What is left out stays.",
	 "  pmpool label lab db --owner postgres --purpose 'shared buffers'"},
	{NULL, "resize", cli_resize, "allocation/resize", "Shrink an allocation, or grow it where it is",
	 "POOL ALLOCATION PAGES", 3, 3, NULL,
	 "Grows into free pages behind it only; otherwise it says what stands there.\n"
	 "Pages that it gives up are free at once, whatever they hold.",
	 "  pmpool resize lab db 512"},
	{"bad", "list", cli_bad_list, "bad/list", "List the bad pages: who quarantined them and why", "POOL", 1, 1,
	 bad_list_options, NULL, "  pmpool bad list lab"},
	{"bad", "add", cli_bad_add, "bad/add", "Quarantine free pages: they are never handed out", "POOL PAGE|ADDRESS",
	 2, 2, bad_add_options, "The place is a page index, or a physical address in hexadecimal.",
	 "  pmpool bad add lab 4711 --why 'memtest86+ pass 2'\n"
	 "  pmpool bad add lab 0x100234567 --pages 2 --why 'EDAC uncorrected error'"},
	{"bad", "remove", cli_bad_remove, "bad/remove", "Take pages out of quarantine", "POOL PAGE|ADDRESS", 2, 2,
	 yes_options, "All that were quarantined together, by the first of them. On a terminal it asks first.",
	 "  pmpool bad remove lab 4711\n  pmpool bad remove lab 0x100234000 --yes"},
	{NULL, "fill", cli_fill, "allocation/fill", "Fill an allocation, or a part of it, with a pattern",
	 "POOL ALLOCATION PATTERN", 3, 3, fill_part_options,
	 "The patterns are those of pattern fill. Each word follows from its physical address.",
	 "  pmpool fill lab db address\n  pmpool fill lab db random --seed 7 --offset 4K --length 64K"},
	{NULL, "write", cli_write, "allocation/write", "Write a file, or standard input, into an allocation",
	 "POOL ALLOCATION [FILE|-]", 2, 3, write_options, NULL,
	 "  pmpool write lab db content.bin\n  echo hello | pmpool write lab db --offset 4K"},
	{NULL, "read", cli_read, "allocation/read", "Read an allocation into a new file, or to standard output",
	 "POOL ALLOCATION [FILE|-]", 2, 3, read_options, "With --json at most 1 MiB, as base64.",
	 "  pmpool read lab db copy.bin\n  pmpool read lab db --length 16 | hexdump -C"},
	{NULL, "check", cli_check, "pool/check", "Hold all metadata of a pool against itself", "POOL|REGION", 1, 1,
	 check_options,
	 "Reads the regions without attaching them, also a pool that is refused as damaged: name its region then.\n"
	 "Exits with 0 when nothing is wrong, 3 when there is damage or something that a crash left. Hints do not count.",
	 "  pmpool check lab\n  pmpool check mem:0x100000000 --offset 64M --json"},
	{NULL, "repair", cli_repair, "pool/repair", "Show how damaged metadata would be repaired, or repair it",
	 "POOL|REGION", 1, 1, repair_options,
	 "What a checksum or a copy determines is put right; what has more than one explanation is named and left alone.\n"
	 "A backup of all metadata is stored first, with --apply, in the state directory under backups.",
	 "  pmpool repair lab\n  pmpool repair lab --apply --backup lab.pmbackup"},
	{NULL, "log", cli_log, "log/list", "Show a pool's event log, newest first", "POOL", 1, 1, log_options, NULL,
	 "  pmpool log lab --limit 20"},
	{"snapshot", "create", cli_snapshot_create, "snapshot/create", "Write a pool's pages and metadata to a file",
	 "POOL [FILE|-]", 1, 2, snapshot_create_options,
	 "A word is a file of yours; a name after --name or --parent-name is one of the state directory.\n"
	 "With a parent only what differs from it is written, and reading it needs the parent.\n"
	 "A snapshot that is cancelled or killed leaves no file.",
	 "  pmpool snapshot create lab before.pmsnap\n  pmpool snapshot create lab --name before\n"
	 "  pmpool snapshot create lab after.pmsnap --parent before.pmsnap\n"
	 "  pmpool snapshot create lab - | ssh store 'cat > before.pmsnap'"},
	{"snapshot", "list", cli_snapshot_list, "snapshot/list", "List the snapshots of the state directory", "", 0, 0,
	 NULL, "Damaged ones are listed too.", "  pmpool snapshot list"},
	{"snapshot", "info", cli_snapshot_info, NULL, "Show what a snapshot holds: pool, host, regions, usage",
	 "[FILE|-]", 0, 1, name_options, "Needs no host. Of a damaged file it shows what can be read.",
	 "  pmpool snapshot info before.pmsnap\n  pmpool snapshot info --name before"},
	{"snapshot", "verify", cli_snapshot_verify, "snapshot/verify", "Check every checksum of a snapshot", "[FILE|-]",
	 0, 1, snapshot_verify_options, "A parent is looked for beside the file.",
	 "  pmpool snapshot verify before.pmsnap\n  pmpool snapshot verify --name before"},
	{"snapshot", "compare", cli_snapshot_compare, "snapshot/compare",
	 "Hold a snapshot against another one, or against the pool as it is", "[BEFORE [AFTER]]", 0, 2,
	 snapshot_compare_options, "Without AFTER the pool is read as it is now. Exit code 3 when something differs.",
	 "  pmpool snapshot compare before.pmsnap after.pmsnap\n  pmpool snapshot compare before.pmsnap\n"
	 "  pmpool snapshot compare --name before --after-name after --json"},
	{"snapshot", "export", cli_snapshot_export, NULL, "Write a snapshot as a raw image or an ELF core",
	 "[FILE] OUT|-", 1, 2, snapshot_export_options,
	 "raw: all regions by physical address from the lowest on, sparse. elf: a core whose addresses are physical\n"
	 "ones, for gdb and readelf. Metadata is part of both. Of a damaged snapshot what can be read is kept.",
	 "  pmpool snapshot export before.pmsnap before.core --format elf\n"
	 "  gdb -batch -ex 'x/4gx 0x100000000' -c before.core\n"
	 "  pmpool snapshot export --name before before.img --format raw"},
	{"snapshot", "import", cli_snapshot_import, NULL, "Make a snapshot of a raw image or an ELF core", "IN OUT|-",
	 2, 2, snapshot_import_options, "The pool in it is found by its superblocks.",
	 "  pmpool snapshot import before.core again.pmsnap\n"
	 "  pmpool snapshot import dump.img found.pmsnap --base 4G"},
	{"snapshot", "bytes", cli_snapshot_bytes, "snapshot/bytes", "Show bytes of a pool as a snapshot has them",
	 "NAME OFFSET [LENGTH]", 2, 3, held_bytes_options,
	 "Of the state directory, with what it builds on. -- stands for bytes that it does not hold.",
	 "  pmpool snapshot bytes before 0x200000 64\n  pmpool snapshot bytes before 0 --page 512"},
	{"snapshot", "restore", cli_snapshot_restore, "snapshot/restore",
	 "Write what a snapshot holds back into its pool, and verify it", "[FILE] [POOL]", 0, 2,
	 snapshot_restore_options,
	 "On a terminal it asks first. --content: of each allocation that is still there as it was. --pool: everything,\n"
	 "metadata too, into the same place; what that would destroy has to be named with --confirm.",
	 "  pmpool snapshot restore before.pmsnap --allocation db\n"
	 "  pmpool snapshot restore --name before lab --content --yes\n"
	 "  pmpool snapshot restore before.pmsnap --pool --confirm pool-1a2b"},
	{"snapshot", "delete", cli_snapshot_delete, "snapshot/delete", "Delete a snapshot of the state directory",
	 "NAME", 1, 1, snapshot_delete_options,
	 "On a terminal it asks first. It cannot be undone. One that others build on has to be named with --confirm.",
	 "  pmpool snapshot delete before\n  pmpool snapshot delete before --yes"},
	{"pattern", "fill", cli_pattern_fill, "pattern/fill", "Fill the free pages of a pool with a pattern",
	 "[POOL] PATTERN", 1, 2, fill_options,
	 "address, address-inverted, walking-ones, walking-zeros, checkerboard, checkerboard-inverted, random, zeros,\n"
	 "ones, or data with --data. Nothing is stored: a pattern says by itself what each word should be.",
	 "  pmpool pattern fill lab address\n  pmpool pattern fill lab random --seed 7 --from 512 --to 1024\n"
	 "  pmpool pattern fill address --region mem:0x100000000 --size 1G"},
	{"pattern", "check", cli_pattern_check, "pattern/check", "Hold the free pages of a pool against a pattern",
	 "[POOL] PATTERN", 1, 2, hold_options, "Exits with 3 when a page changed, and says what happened to it.",
	 "  pmpool pattern check lab address\n  pmpool pattern check lab random --seed 7 --json"},
	{"memory", "test", cli_memory_test, "memory/test", "Test the free pages of a pool", "[POOL]", 0, 1,
	 memory_test_options,
	 "own-address, walking-ones, walking-zeros, checkerboard, moving-inversions, random. The pages hold zeros\n"
	 "afterwards. The result stays in the state directory. Exits with 3 when a page failed.",
	 "  pmpool memory test lab\n  pmpool memory test lab --passes 10 --tests own-address,random --quarantine\n"
	 "  pmpool memory test lab --from 0x120000000 --to 0x130000000 --report result.html"},
	{"memory", "results", cli_memory_results, "memory/results", "List the memory tests made on this host", "", 0, 0,
	 NULL, NULL, "  pmpool memory results\n  pmpool memory results --json | jq '.results[0]'"},
	{"memory", "read", cli_memory_read, "memory/read", "Show bytes of a pool as they stand in memory",
	 "POOL OFFSET [LENGTH]", 2, 3, memory_read_options,
	 "Metadata and free pages too. OFFSET is page index * 4096 + byte in the page; 256 bytes when no LENGTH is given.",
	 "  pmpool memory read lab 0x200000 64\n  pmpool memory read lab 0 --address 0x100200000\n"
	 "  pmpool memory read lab 0 4K --page 512 --raw > page.bin"},
	{"memory", "write", cli_memory_write, "memory/write", "Change bytes inside an allocation", "POOL OFFSET", 2, 2,
	 memory_write_options,
	 "On a terminal it asks first. Nothing is written when something else than the bytes of --expect stands there, or\n"
	 "when they do not all lie in one allocation.",
	 "  pmpool memory write lab 0x200010 --hex 'de ad be ef'\n"
	 "  pmpool memory write lab 16 --page 512 --hex 01 --expect 00 --yes"},
	{"memory", "search", cli_memory_search, "memory/search", "Look for bytes in a pool", "POOL PATTERN", 2, 2,
	 memory_search_options, "The pattern is text, or with --hex bytes. Places may overlap.",
	 "  pmpool memory search lab 'BUG: ' --ignore-case\n"
	 "  pmpool memory search lab --hex '48 8b ?? 4?' --align 8 --allocated"},
	{"fault", "inject", cli_fault_inject, "fault/inject", "Falsify a pool on purpose, to see the checks find it",
	 "POOL KIND", 2, 2, fault_options,
	 "bit-flip, bit-flips, stuck-bit, zeroed, ones, filled, aliased, displaced, shifted, torn, elf, kernel, initrd,\n"
	 "page-table, text, overwritten (content of allocated pages); superblock, states, record (metadata).",
	 "  pmpool --simulate /tmp/host fault inject lab bit-flip\n"
	 "  pmpool fault inject lab zeroed --pages 3 --seed 7 --confirm falsify-lab"},
	{"kexec", "plan", cli_kexec_plan, "kexec/plan",
	 "Say what a kexec would do, and whether the pool would survive it", "POOL", 1, 1, plan_options,
	 "Changes nothing. Exit code 3 when a check fails.",
	 "  pmpool kexec plan lab\n  pmpool kexec plan lab --json > plan.json"},
	{"kexec", "load", cli_kexec_load, "kexec/load", "Load the next kernel with kexec_file_load, as planned",
	 "[POOL]", 0, 1, load_options, "Plans first when a pool is given; loads a plan as it stands with --plan.",
	 "  pmpool kexec load lab\n  pmpool kexec load --plan plan.json"},
	{"kexec", "unload", cli_kexec_unload, "kexec/unload", "Unload what is loaded", "", 0, 0, NULL, NULL,
	 "  pmpool kexec unload"},
	{"kexec", "jump", cli_kexec_jump, "kexec/jump", "Start kexec.target: leave this kernel for the loaded one",
	 "POOL", 1, 1, jump_options,
	 "Asks for the host's name first. On a simulated host only the boot id and the map change.",
	 "  pmpool kexec jump lab\n  pmpool kexec jump lab --yes"},
	{NULL, "expect", cli_expect, "expectation/create", "Write down what must be true after the kexec", "POOL", 1, 1,
	 expect_options,
	 "A digest of each allocated page or its bytes, the records, the superblock, facts of the host.\n"
	 "With the bytes every change can be explained; with digests alone, small ones can.",
	 "  pmpool expect lab\n  pmpool expect lab --content always --pattern random --seed 7"},
	{"expectation", "bytes", cli_expectation_bytes, "expectation/bytes",
	 "Show bytes of a pool as an expectation has them", "NAME OFFSET [LENGTH]", 2, 3, held_bytes_options,
	 "-- stands for bytes that it does not hold: all, when it was written with digests alone.",
	 "  pmpool expectation bytes run-1 0x200000 64"},
	{"verdict", "list", cli_verdict_list, "verdict/list", "List the verdicts reached on this host", "", 0, 0, NULL,
	 NULL, "  pmpool verdict list"},
	{NULL, "verdict", cli_verdict, "verdict/reach", "Hold the host against an expectation", "[EXPECTATION]", 0, 1,
	 document_options,
	 "The newest one when none is named. Exit code 3 when it is not intact. It stays in the state directory.",
	 "  pmpool verdict\n  pmpool verdict --output verdict.html\n  pmpool verdict --format ktap"},
	{NULL, "report", cli_report, NULL, "Make a document of a verdict, a comparison or a memory test", "FILE|-", 1,
	 1, document_options, "FILE is what --json printed, or a file of the state directory.",
	 "  pmpool report verdict.json --output verdict.html\n"
	 "  pmpool verdict --json | pmpool report - --format junit"},
	{NULL, "serve", cli_serve, NULL, "Speak the protocol on standard input and output, or on systemd's socket", "",
	 0, 0, NULL, "JSON-RPC 2.0 with Content-Length framing (docs/protocol.md). Ends with its input.",
	 "  pmpool serve --simulate /tmp/host"},
	{NULL},
};
