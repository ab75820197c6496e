// SPDX-License-Identifier: GPL-2.0-or-later
import { recordBytes, tooLong } from '../composables/record-text.ts'

export interface RecordTexts {
  name: string
  owner: string
  purpose: string
}

/** What is wrong with each, as a sentence; empty when it fits. Without a name there is no record to hold the others. */
export const recordWrong = ({ name, owner, purpose }: RecordTexts): RecordTexts => ({
  name: tooLong('A name', name, recordBytes.name),
  owner: name ? tooLong('An owner', owner, recordBytes.owner) : '',
  purpose: name ? tooLong('A purpose', purpose, recordBytes.purpose) : ''
})
