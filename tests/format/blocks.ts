// SPDX-License-Identifier: GPL-2.0-or-later
/** Blocks of 512 pages: what each says of its pages, and the check over those that it leaves to the page states. */
import { allZero, checkOf, viewOf } from './bytes.ts'
import type { Finding, FindingCode } from './findings.ts'
import { blockPages, type Superblock } from './superblock.ts'

/** Of a page; the low two bits of a block's state are one of these too. */
export const states = { free: 0, continues: 1, bad: 2, head: 3 } as const
export const blockCodes = { free: 0, continues: 1, fenced: 2, head: 3, split: 4 } as const
const zeroed = 0x10
const wordsBytes = blockPages / 4

export interface Block {
  /** one of blockCodes; -1: none of them */
  readonly code: number
  readonly zeroed: boolean
  readonly check: number
  /** check of what stands in its words */
  readonly words: number
  readonly wordsAreZero: boolean
}

function parseBlock(blocks: Uint8Array, states: Uint8Array, nth: number): Block {
  const view = viewOf(blocks)
  const word = view.getUint32(nth * 8, true)
  const byte = word & 0xff
  const words = states.subarray(nth * wordsBytes, (nth + 1) * wordsBytes)
  const code = byte & ~zeroed
  const sane = word === byte * 0x01010101 && (code < blockCodes.split || byte === (blockCodes.split | zeroed))
  return {
    code: sane ? code : -1,
    zeroed: (byte & zeroed) !== 0,
    check: view.getUint32(nth * 8 + 4, true),
    words: checkOf(words),
    wordsAreZero: allZero(words)
  }
}

export const isSplit = ({ code }: Block): boolean => code === blockCodes.split

/** What is wrong with a block in a region that nobody was changing; undefined: nothing. */
function troubleOf(block: Block): FindingCode | undefined {
  if (block.check !== (isSplit(block) ? block.words : 0)) return 'block-check'
  if (block.code === blockCodes.fenced) return 'block-fence'
  return !isSplit(block) && block.zeroed && !block.wordsAreZero ? 'block-words' : undefined
}

export interface BlocksRead {
  readonly blocks: readonly Block[]
  /** each page's own state, two bits in a byte of its own; to the end of the last block */
  readonly own: Uint8Array
  readonly findings: readonly Finding[]
}

export function readBlocks(
  blocksSection: Uint8Array,
  statesSection: Uint8Array,
  { pageCount }: Superblock,
  busy: boolean
): BlocksRead {
  const count = Math.ceil(pageCount / blockPages)
  const blocks = Array.from({ length: count }, (_, nth) => parseBlock(blocksSection, statesSection, nth))
  const own = Uint8Array.from(
    { length: count * blockPages },
    (_, page) => ((statesSection[page >> 2] ?? 0) >> (2 * (page & 3))) & 3
  )
  const findings: Finding[] = []
  for (const [nth, block] of blocks.entries()) {
    const where = `block ${nth}`
    const wrong = block.code < 0 ? 'block-state' : troubleOf(block)
    if (wrong) findings.push({ code: busy && wrong !== 'block-state' ? 'block-lags' : wrong, where })
  }
  if (!allZero(blocksSection.subarray(count * 8))) findings.push({ code: 'metadata-state', where: 'blocks' })
  if (!allZero(statesSection.subarray(count * wordsBytes))) findings.push({ code: 'states-rest', where: 'page states' })
  return { blocks, own, findings }
}

/** What counts for each page: its block's state, or where that is split its own. */
export function effectiveStates({ blocks, own }: BlocksRead): Uint8Array {
  const pages = own.slice()
  for (const [nth, block] of blocks.entries()) {
    if (isSplit(block)) continue
    const first = nth * blockPages
    pages.fill(block.code === blockCodes.head ? states.continues : block.code & 3, first, first + blockPages)
    if (block.code === blockCodes.head) pages[first] = states.head
  }
  return pages
}

/** Whole blocks that continue nothing: damage in a region that nobody was changing. */
export function checkContinues({ blocks }: BlocksRead, pages: Uint8Array, dataFirst: number): Finding[] {
  const continues = (page: number): boolean => page > dataFirst && (pages[page - 1] ?? 0) % 2 === 1
  return [...blocks.entries()]
    .filter(([nth, { code }]) => code === blockCodes.continues && nth * blockPages >= dataFirst)
    .filter(([nth]) => !continues(nth * blockPages))
    .map(([nth]) => ({ code: 'block-headless', where: `block ${nth}` }))
}

/** Metadata pages, the pages past the end, and the blocks that they are in. */
export function checkMetadata({ blocks }: BlocksRead, pages: Uint8Array, superblock: Superblock): Finding[] {
  const { pageCount, dataFirst, dataEnd } = superblock
  const findings: Finding[] = []
  const must = (page: number, state: number): void => {
    if (pages[page] !== state) findings.push({ code: 'metadata-state', where: `page ${page}` })
  }
  for (let page = 0; page < dataFirst; page++) must(page, page === 0 ? states.head : states.continues)
  must(dataEnd, states.head)
  for (let page = pageCount; page < pages.length; page++) must(page, states.bad)
  const whole = Math.floor(dataFirst / blockPages)
  for (const [nth, block] of blocks.entries()) {
    const mixed = nth === Math.floor(dataEnd / blockPages) || (nth === whole && dataFirst % blockPages !== 0)
    if (mixed ? !isSplit(block) : nth < whole && (isSplit(block) || block.zeroed))
      findings.push({ code: 'metadata-state', where: `block ${nth}` })
  }
  return findings
}
