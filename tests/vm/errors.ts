// SPDX-License-Identifier: GPL-2.0-or-later

export type LabVmErrorCode =
  | 'tool-missing' // a program of the host; the message names the Debian package
  | 'build-failed'
  | 'port-taken'
  | 'qemu-exited' // QEMU never started, or the guest reset or powered off
  | 'timeout'
  | 'ssh-failed'

export class LabVmError extends Error {
  readonly code: LabVmErrorCode

  constructor(code: LabVmErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'LabVmError'
    this.code = code
  }
}

/** The last lines of a log, for an error message. */
export function tail(text: string, lines = 25): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n')
}
