// SPDX-License-Identifier: GPL-2.0-or-later
export { HelperConnection } from './connection.ts'
export type { HelperProgress, HelperRequestOptions, OpenOptions, PoolChange } from './connection.ts'
export { findHelper } from './find.ts'
export { openLink, transportTitle } from './transport.ts'
export type { HelperOptions } from './transport.ts'
