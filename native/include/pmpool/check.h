/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Check and repair of a pool's metadata. Reads mapped regions without attaching them and without trusting anything,
 * also those that attach refuses; holds every structure against every other.
 *
 * One pass does both: what a checksum or a redundant copy determines is put right in a private copy of the metadata
 * (a *patch*), and the structures are then held against each other in that copy. So one damaged byte gives one
 * finding and not a trail of them, and the dry run of a repair is the check itself. What is inconsistent although
 * every checksum is right has more than one explanation: it is named and left alone, never guessed at.
 *
 * Work and memory are bounded by the regions' size and the limits below, whatever they hold.
 */
#ifndef PMPOOL_CHECK_H
#define PMPOOL_CHECK_H

#include "core.h"

enum pm_severity {
	PM_SEVERITY_DAMAGE, /* no crash and no process makes this */
	PM_SEVERITY_LEFTOVER, /* a crash, or an act under way, leaves this; attach takes it back */
	PM_SEVERITY_HINT, /* nothing is wrong with the pool; worth a look */
};
const char *pm_severity_name(enum pm_severity severity); /* "damage", "leftover", "hint" */

/* Columns: C name, name on the wire, severity, what it means, what repair does. A page that nobody owns is damage only
 * while the region is not busy: then pm_finding.severity differs from the table. */
/* clang-format off */
#define PM_FINDINGS(X)                                                                                                 \
	/* superblocks */                                                                                              \
	X(SUPERBLOCK_A_DAMAGED, "superblock-a-damaged", DAMAGE, "Superblock A has a wrong checksum or makes no sense.",\
	  "writes it anew from B, or corrects its one wrong byte")                                                     \
	X(SUPERBLOCK_B_DAMAGED, "superblock-b-damaged", DAMAGE, "Superblock B has a wrong checksum or makes no sense.",\
	  "writes it anew from A, or corrects its one wrong byte")                                                     \
	X(SUPERBLOCK_A_STALE, "superblock-a-stale", LEFTOVER, "Superblock A is older than B.", "copies B to A")        \
	X(SUPERBLOCK_B_STALE, "superblock-b-stale", LEFTOVER, "Superblock B is older than A.", "copies A to B")        \
	X(SUPERBLOCKS_DIFFER, "superblocks-differ", DAMAGE, "A and B are whole but of two pools.",                     \
	  "refuses: either may be the pool that is meant")                                                             \
	X(REGION_MOVED, "region-moved", DAMAGE, "The region is not where, or not as long as, its superblock says.",    \
	  "refuses: boot with the memmap= the pool was made with")                                                     \
	X(RESERVED_NOT_ZERO, "reserved-not-zero", HINT, "Bytes that are reserved are not zero under a right checksum.",\
	  "leaves them: they may mean something to a newer pmpool")                                                    \
	/* the pool's regions */                                                                                       \
	X(MEMBER_MISSING, "member-missing", DAMAGE, "A region that the pool has is not here.",                         \
	  "refuses: bring the region back")                                                                            \
	X(MEMBER_DIFFERS, "member-differs", DAMAGE, "A region is not as region 0 has it in its books.",                \
	  "refuses: either may be right")                                                                              \
	X(MEMBER_UNKNOWN, "member-unknown", LEFTOVER, "A region says it belongs to the pool; region 0 does not know it.",\
	  "leaves it: a crash while the pool was extended leaves this")                                                \
	/* blocks and page states */                                                                                   \
	X(BLOCK_STATE_DAMAGED, "block-state-damaged", DAMAGE, "The four equal bytes of a block's state are not equal.",\
	  "takes what three of them say")                                                                              \
	X(BLOCK_CHECK_WRONG, "block-check-wrong", DAMAGE, "A block's check does not fit its page states.",             \
	  "corrects the one byte of page states or check that explains it")                                            \
	X(BLOCK_CHECK_LATE, "block-check-late", LEFTOVER, "A block's check lags behind its page states.",              \
	  "leaves it: attach computes it anew after a crash")                                                          \
	X(BLOCK_NOT_ZERO, "block-not-zero", DAMAGE, "A block that is not split has page states or a check that are not 0.",\
	  "writes zeros: its state word says that they are")                                                           \
	X(METADATA_STATES_WRONG, "metadata-states-wrong", DAMAGE, "Pages of the metadata are not marked as such.",     \
	  "marks them: the superblock says which they are")                                                            \
	X(RUN_WITHOUT_HEAD, "run-without-head", DAMAGE, "Pages continue an allocation that has no first page.",        \
	  "refuses: the allocation may be in use")                                                                     \
	X(FENCE_LEFT, "fence-left", LEFTOVER, "A fence of an allocation or a free that a crash cut short.",            \
	  "leaves it: attach takes the pages back")                                                                    \
	X(BAD_WITHOUT_RECORD, "bad-without-record", DAMAGE, "A page is fenced off, and no quarantine says why.",       \
	  "refuses: it may be bad memory whose record is lost")                                                        \
	/* records */                                                                                                  \
	X(RECORD_DAMAGED, "record-damaged", DAMAGE, "A record in use has a wrong checksum or makes no sense.",         \
	  "corrects the one wrong byte")                                                                               \
	X(RECORD_STATE_DAMAGED, "record-state-damaged", DAMAGE, "The eight equal bytes of a record's state are not equal.",\
	  "takes what most of them say")                                                                               \
	X(FREE_SLOT_DAMAGED, "free-slot-damaged", DAMAGE, "A byte of a free slot is wrong, or the last of it was not written.",\
	  "corrects it; in a slot that was never used, to zero")                                                       \
	X(FREE_SLOT_TORN, "free-slot-torn", HINT, "A free record slot holds a body that was half written.",        \
	  "leaves it: the next record takes the slot")                                                                 \
	X(RECORD_IN_FLIGHT, "record-in-flight", LEFTOVER, "A record is pending, leaving, or replaced by another.",     \
	  "leaves it: attach finishes or drops it")                                                                    \
	X(RECORD_WITHOUT_HEAD, "record-without-head", DAMAGE, "A record's allocation does not start where it says.",   \
	  "refuses: record or pages may be right")                                                                     \
	X(RECORD_LENGTH_WRONG, "record-length-wrong", DAMAGE, "A record's allocation is not as long as it says.",      \
	  "refuses: record or pages may be right")                                                                     \
	X(RUN_PAST_END, "run-past-end", DAMAGE, "A record's pages run past the end of the region.",                    \
	  "refuses: its true length is not known")                                                                     \
	X(RECORDS_OVERLAP, "records-overlap", DAMAGE, "Two records claim the same pages.",                             \
	  "refuses: either may be the owner")                                                                          \
	X(NAME_TWICE, "name-twice", DAMAGE, "Two allocations have the same name.",                                     \
	  "refuses: either may be meant")                                                                              \
	X(ID_TWICE, "id-twice", DAMAGE, "Two records have the same id.", "refuses: either may be the one")             \
	X(QUARANTINE_WITHOUT_PAGES, "quarantine-without-pages", DAMAGE, "A quarantine's pages are not fenced off.",    \
	  "refuses: they may be in use")                                                                               \
	X(DIRECTORY_BROKEN, "directory-broken", DAMAGE, "The chain of the directory's parts does not hold.",           \
	  "refuses: the records behind it are not known")                                                              \
	/* log */                                                                                                      \
	X(LOG_ENTRY_DAMAGED, "log-entry-damaged", DAMAGE, "An entry of the event log has a wrong checksum or place.",  \
	  "corrects the one wrong byte")                                                                               \
	X(LOG_ENTRY_TORN, "log-entry-torn", HINT, "The entry after the newest was half written.",                  \
	  "leaves it: the next entry takes its slot")                                                                  \
	X(LOG_GAP, "log-gap", DAMAGE, "Entries between older and newer ones are missing.",                             \
	  "refuses: what they said is not known")                                                                      \
	X(ALLOCATION_LOST, "allocation-lost", DAMAGE, "The event log knows an allocation of which nothing is left.",      \
	  "refuses: what the record said is not known")                                                                \
	X(LEAKED_RUN, "leaked-run", HINT, "An unnamed allocation that this boot's event log knows nothing of.",        \
	  "leaves it: somebody may use it")
/* clang-format on */

enum pm_finding_code {
#define PM_FINDING_ENUM(id, name, severity, meaning, repair) PM_FINDING_##id,
	PM_FINDINGS(PM_FINDING_ENUM)
#undef PM_FINDING_ENUM
		PM_FINDING_CODES
};
const char *pm_finding_name(enum pm_finding_code code);
const char *pm_finding_meaning(enum pm_finding_code code);
const char *pm_finding_repair(enum pm_finding_code code);

#define PM_NOWHERE UINT64_MAX

struct pm_finding {
	enum pm_finding_code code;
	enum pm_severity severity;
	uint32_t region_index;
	uint32_t mapping; /* index of its mapping; UINT32_MAX: of none */
	uint64_t offset, bytes; /* in the region; PM_NOWHERE, 0: it is about pages */
	uint64_t page, pages; /* page indexes of the region; PM_NOWHERE, 0: it is about bytes */
	bool repairable; /* the patches put it right: those from first_patch on, and words patched for another finding */
	size_t first_patch, patches;
	char text[192]; /* the evidence; printable */
	char refusal[128]; /* why repair leaves it alone; empty when repairable or nothing is wrong */
};

struct pm_patch { /* of one aligned word of eight bytes */
	uint32_t mapping;
	uint64_t offset; /* bytes from the region's start */
	uint64_t old_word, new_word;
};

/* Regions of one pool that are reported on. */
struct pm_checked_region {
	uint32_t index; /* as the superblock says */
	uint32_t mapping;
	bool readable; /* a superblock could be read; the fields below hold */
	bool busy; /* a process changes it, or died while it did */
	struct pm_superblock sb; /* the copy that holds, corrected */
	uint64_t blocks_split, records, record_slots, log_entries; /* what was looked at */
};

#define PM_CHECK_FINDINGS_MAX 4096u /* listed; more are counted only */
#define PM_CHECK_CORRECTIONS_MAX 4096u /* wrong bytes searched for; beyond, what is damaged is not repairable */

struct pm_check {
	const struct pm_memory *memory;
	size_t region_count;
	struct pm_checked_region *regions; /* region_count of them, in the order of the mappings */
	size_t finding_count, patch_count;
	struct pm_finding *findings;
	struct pm_patch *patches;
	uint64_t counts[PM_FINDING_CODES]; /* of each code, those not listed too */
	uint64_t severities[3]; /* by enum pm_severity */
	uint64_t repairable; /* findings that the patches put right */
	uint64_t refused; /* findings of damage that they do not */
	uint8_t token[16]; /* of pool and patches: what was shown is what is applied */
	struct pm_check_work *work; /* the private copies */
};

struct pm_check_options {
	uint8_t boot_id
		[16]; /* unnamed allocations that this boot's log does not know are leaked; all zero: not asked */
	bool alone; /* the mapping is one region of perhaps several: do not look for the others */
};

/*
 * Check the regions of one pool, in any order; read only. Whoever wants a still picture holds their locks. The bytes of
 * `mappings` have to stay mapped until pm_check_free.
 * PM_OK: it was checked, see the findings. POOL_NOT_FOUND, POOL_FORMAT_NEWER, POOL_FORMAT_OLDER, POOL_FOREIGN (regions
 * of two pools), OUT_OF_MEMORY: nothing was, and nothing is held.
 */
enum pm_code pm_check(const struct pm_mapping *mappings, size_t count, const struct pm_check_options *options,
		      const struct pm_memory *memory, struct pm_check *check);
void pm_check_free(struct pm_check *check);

/* Extents of all metadata of a mapping, as it was found: what a backup holds. *cursor starts at 0; false at the end. */
bool pm_check_extent(const struct pm_check *check, uint32_t mapping, uint64_t *cursor, uint64_t *offset,
		     uint64_t *bytes);

/*
 * Write the patches of `check` into its mappings; the caller holds the locks and has stored a backup. Every old byte is
 * compared before any is written: POOL_CHANGED, and nothing is. Appends a REPAIR entry to the log where there is one.
 * POOL_READ_ONLY when a region has unknown ro_compat flags.
 */
enum pm_code pm_repair_apply(const struct pm_check *check, const struct pm_mapping *mappings, const struct pm_act *act);

/* How long the region that starts at `base` is, as the superblocks that can be reached say, corrected where they can be;
 * 0 when none can be read. For who has to map it. */
uint64_t pm_check_region_bytes(const void *base, uint64_t bytes);

#endif
