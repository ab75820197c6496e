// SPDX-License-Identifier: GPL-2.0-or-later
import type { Run, Verdict } from '@api'

export type Tone = 'good' | 'warn' | 'bad' | 'note' | ''
export interface Outcome {
  readonly word: string
  readonly tone: Tone
}

const stateWords: Record<Run['state'], Outcome> = {
  planned: { word: 'planned', tone: '' },
  expecting: { word: 'expectation', tone: 'note' },
  loading: { word: 'loading', tone: 'note' },
  armed: { word: 'armed', tone: 'warn' },
  jumping: { word: 'jumping', tone: 'note' },
  away: { word: 'away', tone: 'note' },
  verifying: { word: 'verifying', tone: 'note' },
  done: { word: 'done', tone: '' },
  failed: { word: 'failed', tone: 'bad' },
  cancelled: { word: 'cancelled', tone: '' }
}

const classWords: Record<Verdict['class'], string> = {
  intact: 'intact',
  'wrong-boot': 'wrong boot',
  'region-gone': 'region gone',
  'region-moved': 'region moved',
  'became-ram': 'became RAM',
  'superblock-lost': 'superblock lost',
  'metadata-torn': 'metadata torn',
  'records-changed': 'records changed',
  'content-changed': 'content changed'
}

export const verdictWord = (verdict: Verdict): string => classWords[verdict.class]

/** How a run stands, in a word or two. */
export function outcomeOf(run: Run): Outcome {
  if (run.state !== 'done' || !run.verdict) return stateWords[run.state]
  return { word: verdictWord(run.verdict), tone: run.verdict.intact ? 'good' : 'bad' }
}
