// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * The typed error that TypeScript throws and catches. Free of zod, so that a page under a strict CSP can import it.
 */
import type { ErrorName, LabError } from './errors.ts'

/** Errors that start in TypeScript rather than in the helper: the rows of native/include/pmpool/error.h once more. */
const ownErrors = {
  'file-exists': [1301, 'A file with this name is already there.', 'Choose another name.'],
  'file-not-found': [1302, 'No file with this name is there.', 'Check the name and the path it is looked for at.'],
  'disk-full': [1306, 'The file system is full.', 'Make room; nothing half-written was kept.'],
  'snapshot-parent': [
    1308,
    'The snapshot that this one builds on is missing or another one.',
    'Bring the parent back under its name, or give it with --parent.'
  ],
  'preflight-failed': [1410, 'A precondition of the kexec does not hold.', 'Mend the failed checks of the plan.'],
  'permission-denied': [
    1901,
    'polkit or the operating system did not allow it.',
    'Ask as a user who may, or authenticate.'
  ],
  'version-mismatch': [1902, 'Client and helper share no protocol version.', 'Install the same release on both.'],
  internal: [1903, 'This is a defect of pmpool.', 'Report it with the message.'],
  'host-unreachable': [
    1905,
    'The connection to the host could not be made.',
    'Check that the host is up and that `ssh HOST pmpool --version` works.'
  ],
  'helper-gone': [1906, 'The helper ended while it was needed.', 'The lab reconnects by itself; repeat the act then.'],
  'run-not-found': [1907, 'No run has this id.', 'List the runs.'],
  'run-state': [1908, 'The run is not at a step that allows this.', 'Look at its state.'],
  unsupported: [1910, 'This host or build cannot do it.', 'See the message.'],
  'host-not-found': [1911, 'No host has this id.', 'List the hosts.']
} as const satisfies Partial<Record<ErrorName, readonly [code: number, reason: string, remedy: string]>>

/** What JSON-RPC itself can answer with, named as the rest is. */
const rpcErrors: Record<number, readonly [name: string, reason: string, remedy: string]> = {
  [-32700]: ['parse', 'A message was not JSON.', 'Install the same release on both.'],
  [-32600]: ['invalid-request', 'A message was not a JSON-RPC 2.0 request.', 'Install the same release on both.'],
  [-32601]: ['method-not-found', 'The other side does not know this request.', 'Install the same release on both.'],
  [-32602]: ['invalid-params', 'A parameter is missing or not what it has to be.', 'Correct it, then repeat the act.'],
  [-32800]: ['cancelled', 'It was cancelled.', 'Start it again when you want it.'],
  [-32097]: ['lab-gone', 'The connection to the lab ended.', 'Start the lab again, or reload the page.'],
  [-32099]: ['lab-gone', 'The connection to the lab ended.', 'Start the lab again, or reload the page.']
}

export type OwnErrorName = keyof typeof ownErrors

export class PmpoolError extends Error implements LabError {
  readonly code: number
  readonly reason: string
  readonly remedy: string
  readonly confirm?: string

  constructor(error: LabError) {
    super(error.message)
    this.name = error.name
    this.code = error.code
    this.reason = error.reason
    this.remedy = error.remedy
    if (error.confirm !== undefined) this.confirm = error.confirm
  }

  /** As plain data, to store and to send. */
  toLabError(): LabError {
    const { code, name, message, reason, remedy, confirm } = this
    return { code, name, message, reason, remedy, ...(confirm === undefined ? {} : { confirm }) }
  }
}

/** An error of the table, with what happened this time. */
export function failure(name: OwnErrorName, message: string): PmpoolError {
  const [code, reason, remedy] = ownErrors[name]
  return new PmpoolError({ code, name, message, reason, remedy })
}

export function invalidParams(message: string): PmpoolError {
  return fromWire({ code: -32602, message })
}

export function cancelled(message = 'Cancelled.'): PmpoolError {
  return fromWire({ code: -32800, message })
}

export const isCancelled = (error: unknown): boolean => error instanceof PmpoolError && error.code === -32800

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** The error of a JSON-RPC reply, whatever the other side put into it. */
export function fromWire(error: { code: number; message: string; data?: unknown }): PmpoolError {
  const data = (typeof error.data === 'object' && error.data !== null ? error.data : {}) as Record<string, unknown>
  const [name, reason, remedy] = rpcErrors[error.code] ?? ['internal', ownErrors.internal[1], ownErrors.internal[2]]
  const confirm = text(data['confirm'])
  return new PmpoolError({
    code: error.code,
    message: error.message,
    name: text(data['name']) ?? name,
    reason: text(data['reason']) ?? reason,
    remedy: text(data['remedy']) ?? remedy,
    ...(confirm === undefined ? {} : { confirm })
  })
}

/** Any caught value as a typed error; what nobody foresaw becomes `internal`. */
export function asFailure(error: unknown): PmpoolError {
  if (error instanceof PmpoolError) return error
  if (isDiskFull(error)) return failure('disk-full', error.message)
  return failure('internal', error instanceof Error ? error.message : String(error))
}

const isDiskFull = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
