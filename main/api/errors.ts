// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Typed errors on the wire. Numbers and names are those of native/include/pmpool/error.h; a test reads that header
 * and holds the two against each other.
 */
import { z } from 'zod'

export const errorCodes = {
  'region-system-ram': 1001,
  'region-not-reserved': 1002,
  'region-mixed': 1003,
  'region-cmdline-mismatch': 1004,
  'devmem-locked-down': 1005,
  'devmem-missing': 1006,
  'devmem-refused': 1007,
  'region-busy': 1008,
  'region-not-found': 1009,
  'region-too-small': 1010,
  'region-unaligned': 1011,
  'region-moved': 1012,
  'region-lost': 1013,
  'region-addresses-hidden': 1014,
  'pool-not-found': 1101,
  'region-occupied': 1102,
  'pool-format-newer': 1103,
  'pool-corrupt': 1104,
  'pool-read-only': 1105,
  'pool-changed': 1106,
  'name-invalid': 1107,
  'pool-format-older': 1108,
  'pool-degraded': 1109,
  'region-missing': 1110,
  'pool-foreign': 1111,
  'no-space': 1201,
  'order-too-large': 1202,
  'not-allocated': 1203,
  'name-taken': 1204,
  'directory-full': 1205,
  'out-of-range': 1206,
  'count-invalid': 1207,
  'page-in-use': 1208,
  'confirm-needed': 1209,
  'file-exists': 1301,
  'file-not-found': 1302,
  'file-corrupt': 1303,
  'file-truncated': 1304,
  'file-foreign': 1305,
  'disk-full': 1306,
  'io-failed': 1307,
  'snapshot-parent': 1308,
  'snapshot-foreign': 1309,
  'restore-failed': 1310,
  'kexec-unavailable': 1401,
  'kexec-not-loaded': 1402,
  'kexec-kernel-untrusted': 1403,
  'kexec-load-failed': 1404,
  'kexec-unsafe': 1405,
  'systemd-failed': 1406,
  'kexec-disabled': 1407,
  'cmdline-too-long': 1408,
  'expectation-not-found': 1409,
  'preflight-failed': 1410,
  'permission-denied': 1901,
  'version-mismatch': 1902,
  internal: 1903,
  'out-of-memory': 1904,
  'host-unreachable': 1905,
  'helper-gone': 1906,
  'run-not-found': 1907,
  'run-state': 1908,
  'not-initialized': 1909,
  unsupported: 1910,
  'host-not-found': 1911,
  busy: 1912
} as const

export type ErrorName = keyof typeof errorCodes
export type ErrorCode = (typeof errorCodes)[ErrorName]

/** JSON-RPC 2.0 and LSP codes that can also arrive. */
export const rpcCodes = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  cancelled: -32800
} as const

/** `error.data` of every typed error; `error.message` says what happened this time. */
export const ErrorData = z.object({
  name: z.string().describe('Name of the error, for example "region-system-ram".'),
  reason: z.string().describe('Why it is refused or failed, in a sentence.'),
  remedy: z.string().describe('What to do about it, in a sentence.'),
  confirm: z.string().optional().describe('region-occupied and confirm-needed only: the word that confirms it.')
})
export type ErrorData = z.infer<typeof ErrorData>

/** An error as the lab keeps and shows it. */
export const LabError = ErrorData.extend({
  code: z.number().int(),
  message: z.string().describe('What happened this time.')
})
export type LabError = z.infer<typeof LabError>
