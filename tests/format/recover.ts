// SPDX-License-Identifier: GPL-2.0-or-later
/** What attach would do to a region that a crash left; on a copy. */
import { blockCodes, isSplit, states, type BlocksRead } from './blocks.ts'
import { replaced, standsAt } from './directory.ts'
import { runsOf } from './pages.ts'
import type { RegionRecord } from './records.ts'
import { blockPages, type Superblock } from './superblock.ts'

export interface Recovery {
  readonly runsTakenBack: number
  readonly pagesTakenBack: number
  readonly recordsFinished: number
  readonly recordsDropped: number
  readonly checksRenewed: number
  readonly blocksTakenBack: number
}

export interface Recovered {
  readonly recovery: Recovery
  /** effective states afterwards */
  readonly pages: Uint8Array
  readonly live: readonly RegionRecord[]
}

interface Settled {
  readonly live: readonly RegionRecord[]
  readonly finished: number
  readonly dropped: number
}

/** In the order of slots, each before the next is looked at. */
function settle(records: readonly RegionRecord[], pages: Uint8Array, superblock: Superblock): Settled {
  const old = replaced(records)
  const live = records.filter((record) => record.state === 'live' && !old.includes(record))
  let finished = old.length
  let dropped = 0
  for (const record of records) {
    const stands = record.kind !== 'quarantine' && standsAt(runsOf(pages, superblock), record)
    const ownsPage = !live.some(({ kind, page }) => kind !== 'member' && page === record.page)
    const free = (): Uint8Array => pages.fill(states.free, record.page, record.page + record.pages)
    if (record.state === 'leaving') {
      if (stands && ownsPage) free()
      finished++
    } else if (record.state === 'pending') {
      const named = record.kind === 'allocation' && !live.some(({ name }) => name === record.name)
      if (stands && ownsPage && named) live.push(record)
      else if (stands && ownsPage && record.kind === 'directory') free()
      if (live.includes(record)) finished++
      else dropped++
    }
  }
  return { live, finished, dropped }
}

/** A fenced block whose words are in use becomes split, any other free; checks, and words under the flag, made right. */
function settleBlocks({ blocks, own }: BlocksRead, pages: Uint8Array): { taken: number; renewed: number } {
  let taken = 0
  let renewed = 0
  for (const [nth, block] of blocks.entries()) {
    const [first, end] = [nth * blockPages, (nth + 1) * blockPages]
    const fenced = block.code === blockCodes.fenced
    const stray = !isSplit(block) && block.zeroed && !block.wordsAreZero
    if (fenced && stray) pages.set(own.subarray(first, end), first)
    else if (fenced) pages.fill(states.free, first, end)
    taken += fenced && !stray ? 1 : 0
    if (isSplit(block)) renewed += block.check === block.words ? 0 : 1
    else if (fenced && stray) renewed += block.words === 0 ? 0 : 1
    else renewed += stray || block.check !== 0 ? 1 : 0
  }
  return { taken, renewed }
}

/** Fences, and continuing pages without a head; the number of fences and of all of them. */
function takeBackPages(pages: Uint8Array, live: readonly RegionRecord[], superblock: Superblock): [number, number] {
  const kept = new Uint8Array(pages.length)
  for (const { kind, page, pages: count } of live) if (kind === 'quarantine') kept.fill(1, page, page + count)
  let fences = 0
  let taken = 0
  for (let page = superblock.dataFirst; page < superblock.dataEnd; page++) {
    const isFence = pages[page] === states.bad && kept[page] === 0
    const before = page > superblock.dataFirst ? pages[page - 1] : states.free
    const headless = pages[page] === states.continues && before !== states.continues && before !== states.head
    if (!isFence && !headless) continue
    pages[page] = states.free
    fences += isFence ? 1 : 0
    taken++
  }
  return [fences, taken]
}

export function recover(
  blocks: BlocksRead,
  before: Uint8Array,
  records: readonly RegionRecord[],
  superblock: Superblock
): Recovered {
  const pages = before.slice()
  const { live, finished, dropped } = settle(records, pages, superblock)
  const { taken, renewed } = settleBlocks(blocks, pages)
  const [runsTakenBack, pagesTakenBack] = takeBackPages(pages, live, superblock)
  return {
    recovery: {
      runsTakenBack,
      pagesTakenBack,
      recordsFinished: finished,
      recordsDropped: dropped,
      checksRenewed: renewed,
      blocksTakenBack: taken
    },
    pages,
    live
  }
}
