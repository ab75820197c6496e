// SPDX-License-Identifier: GPL-2.0-or-later
import { base64ToBytes } from '../composables/base64.ts'
import type { Request } from '../stores/pool-reads.ts'
import type { Against } from '../stores/inspector.ts'
import type { HeldBytes, ReadBytes } from './bytes-cache.ts'

interface Of {
  readonly host: string
  readonly pool: string
}

export function liveBytes(request: Request, of: () => Of): ReadBytes {
  return async (offset, length) => {
    const { data } = await request('memory/read', { ...of(), offset, length })
    return { bytes: base64ToBytes(data), missing: [] }
  }
}

export function heldBytes(request: Request, host: () => string, against: Against): ReadBytes {
  const ask = (offset: number, length: number): Promise<{ data: string; missing: HeldBytes['missing'] }> =>
    against.kind === 'snapshot'
      ? request('snapshot/bytes', { host: host(), name: against.name, offset, length })
      : request('expectation/bytes', { host: host(), expectation: against.name, offset, length })
  return async (offset, length) => {
    const { data, missing } = await ask(offset, length)
    return { bytes: base64ToBytes(data), missing }
  }
}
