// SPDX-License-Identifier: GPL-2.0-or-later
/** What methods.ts and labMethods.ts are written with. */
import { z } from 'zod'

/** Most bytes that one allocation/write, allocation/read or snapshot/read carries (before base64). */
export const chunkBytes = 1 << 20
/** Most pages that one pool/map answers. */
export const mapPages = 1 << 24

export const count = z.number().int().nonnegative()
export const page = count.describe('page index inside the pool')
export const base64 = z.base64()
export const chunk = base64.max(Math.ceil(chunkBytes / 3) * 4).describe(`at most ${chunkBytes} bytes`)
export const none = z.object({})
/** As in LSP: the caller mints it; `$/progress` carries it back with {done, total} in bytes. */
export const ProgressToken = z.union([z.string(), z.number().int()])
export const progressToken = ProgressToken.optional()

export const method = <P extends z.ZodObject, R extends z.ZodType>(doc: string, params: P, result: R) => ({
  doc,
  params,
  result
})
