// SPDX-License-Identifier: GPL-2.0-or-later
/** What can be wrong with blocks and page states. */
import { under, type Damage, type Row } from './damages.ts'
import type { FindingCode } from './findings.ts'
import { all, block, blockByte, busy, pageState, pageWord, record, recordState, type Change } from './patch.ts'
import { dataFirst, pageCount } from './specimen.ts'

// Block 1 is one allocation; block 2 is free and was never split; the first and the last are split.
const lastBlock = Math.ceil(pageCount / 512) - 1
const busyWith = (...changes: readonly Change[]): Change => all(...changes, busy)

const metadataDamages = under('metadata pages', [
  ['the first page free', pageState(0, 0), 'metadata-state'],
  ['the last page bad', pageState(pageCount - 1, 2), 'metadata-state'],
  ['a head among them', pageState(2, 3), 'metadata-state'],
  ['the last before the data bad', pageState(dataFirst - 1, 2), 'metadata-state'],
  ['their block free', all(block(0, 0x10), blockByte(0, 4, 1)), 'metadata-state'],
  ['the last block one head', block(lastBlock, 0x13), 'metadata-state'],
  ['a block word behind the last', block(lastBlock + 1, 1), 'metadata-state'],
  ['the same, while busy', busyWith(block(lastBlock + 1, 1)), 'metadata-state'],
  [
    'something behind the last page word',
    (region, { statesAt }) => (region[statesAt + (lastBlock + 1) * 128] = 1),
    'states-rest'
  ]
])

const blockDamages = under('block', [
  ['a state that is none', block(2, 5), 'block-state'],
  ['split without the flag', block(0, 4), 'block-state'],
  ['another flag', block(2, 0x20), 'block-state'],
  ['a state of unequal bytes', blockByte(1, 2, 1), 'block-state'],
  ['the same, while busy', busyWith(blockByte(1, 2, 1)), 'block-state'],
  ['a wrong check', blockByte(0, 6, 1), 'block-check'],
  ['a wrong check, while busy', busyWith(blockByte(0, 6, 1)), 'block-lags'],
  ['a page without the check', pageWord(300, 3), 'block-check'],
  ['a page without the check, while busy', busyWith(pageWord(300, 3)), 'block-lags'],
  ['a check of a free block', blockByte(2, 4, 1), 'block-check'],
  ['a check of a free block, while busy', busyWith(blockByte(2, 4, 1)), 'block-lags'],
  ['a check of an allocation, while busy', busyWith(blockByte(1, 4, 1)), 'block-lags'],
  ['fenced', block(2, 2), 'block-fence'],
  ['fenced, while busy', busyWith(block(2, 2)), 'block-lags'],
  ['fenced and zeroed, while busy', busyWith(block(2, 0x12)), 'block-lags'],
  ['fenced over words never used, while busy', busyWith(all(block(2, 2), pageWord(1031, 3))), 'block-lags'],
  ['fenced and zeroed over words in use, while busy', busyWith(all(block(2, 0x12), pageWord(1031, 3))), 'block-lags'],
  ['the same with another check', busyWith(all(block(2, 0x12), pageState(1031, 3))), 'block-lags'],
  ['a fence before a head’s block, while busy', busyWith(block(1, 2)), 'block-lags'],
  ['words in use under a free one never used', pageWord(1031, 3)],
  ['words in use under a free zeroed one', all(block(2, 0x10), pageWord(1031, 3)), 'block-words'],
  ['words in use under a free zeroed one, while busy', busyWith(all(block(2, 0x10), pageWord(1031, 3))), 'block-lags'],
  ['words in use under a zeroed allocation, while busy', busyWith(all(block(1, 0x13), pageWord(519, 3))), 'block-lags'],
  ['an allocation that is zeroed', block(1, 0x13)],
  ['an allocation of two blocks', busyWith(all(block(1, 3), block(2, 1)))],
  ['continues nothing', block(1, 1), 'block-headless'],
  ['continues nothing, while busy', busyWith(block(1, 1)), 'orphan-run'],
  ['both continue nothing, while busy', busyWith(all(block(1, 1), block(2, 1))), 'orphan-run'],
  ['continues a fence', all(pageState(511, 2), block(1, 1)), 'block-headless'],
  ['continues a fence, while busy', busyWith(all(pageState(511, 2), block(1, 1))), 'fence'],
  ['continues a run in pages', all(pageState(511, 3), block(1, 1), block(2, 3))],
  ['goes on in pages', all(block(2, 3), pageState(1536, 1), pageState(1537, 1))]
])

/** What a crash leaves while the region is busy; at rest nobody may take it. */
const nobodys: readonly (readonly [string, Change, FindingCode])[] = [
  ['a page without a head behind metadata', pageState(dataFirst, 1), 'orphan-run'],
  ['the last data page without a head', pageState(pageCount - 2, 1), 'orphan-run'],
  ['pages without a head over two words', all(pageState(319, 1), pageState(320, 1)), 'orphan-run'],
  ['two runs without a head', all(pageState(300, 1), pageState(302, 3), pageState(304, 1)), 'orphan-run'],
  ['a bad page', pageState(200, 2), 'fence'],
  ['two bad pages', all(pageState(200, 2), pageState(201, 2)), 'fence'],
  ['pages without a head behind a bad one', all(pageState(200, 2), pageState(201, 1), pageState(202, 1)), 'fence'],
  ['a page without a head behind a quarantine', pageState(403, 1), 'orphan-run'],
  ['a bad page before a quarantine', pageState(399, 2), 'fence'],
  ['a bad page behind a quarantine', pageState(403, 2), 'fence'],
  ['the head of an unnamed run gone', pageState(10, 0), 'orphan-run'],
  ['the head of an unnamed run a fence', pageState(10, 2), 'fence'],
  ['a run in pages behind a gap', all(block(2, 3), pageState(1537, 1)), 'orphan-run'],
  ['a quarantine without its record', recordState('bad', 0), 'fence'],
  ['a quarantine of one page less', record('bad', (view) => view.setBigUint64(32, 2n, true)), 'fence']
]

const pageDamages = under('page states', [
  ...nobodys.map(([name, change]): Row => [name, change, 'page-nobodys']),
  ...nobodys.map(([name, change, finding]): Row => [`${name}, while busy`, busyWith(change), finding]),
  ['a page of a quarantine free', pageState(401, 0), 'quarantine-open'],
  ['a bad page behind a quarantine that leaves', all(recordState('bad', 3), pageState(403, 2)), 'page-nobodys']
])

export const pagesDamages: readonly Damage[] = [...metadataDamages, ...blockDamages, ...pageDamages]
