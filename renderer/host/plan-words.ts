// SPDX-License-Identifier: GPL-2.0-or-later
/** Checks in one sentence. */
import type { Check, ReservationPlan } from '@api'
import { plural } from '../composables/format.ts'

export interface Words {
  readonly text: string
  readonly tone: 'good' | 'warn' | 'bad'
}

export const ofLevel = (checks: readonly Check[], level: Check['level']): Check[] =>
  checks.filter((check) => check.level === level)

/** Whether a planned reservation can be made. */
export function planWords({ checks }: Pick<ReservationPlan, 'checks'>): Words {
  const [fails, warns] = [ofLevel(checks, 'fail').length, ofLevel(checks, 'warn').length]
  if (fails) return { text: `This range cannot be reserved: ${plural(fails, 'check')} against it`, tone: 'bad' }
  if (warns) return { text: `This range can be reserved, with ${plural(warns, 'warning')}`, tone: 'warn' }
  return { text: 'This range can be reserved', tone: 'good' }
}

/** Whether a kexec from a host keeps what is in its pools. */
export function readinessWords(checks: readonly Check[]): Words {
  const [fails, warns] = [ofLevel(checks, 'fail').length, ofLevel(checks, 'warn').length]
  if (fails === 1) return { text: 'One thing stands against a kexec from here that keeps memory', tone: 'bad' }
  if (fails) return { text: `${fails} things stand against a kexec from here that keeps memory`, tone: 'bad' }
  if (warns)
    return { text: `A kexec from here keeps the pool’s memory; ${plural(warns, 'thing')} to know before`, tone: 'warn' }
  return { text: 'A kexec from here keeps the pool’s memory', tone: 'good' }
}
