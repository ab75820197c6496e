// SPDX-License-Identifier: GPL-2.0-or-later
/** The contract. pipe.ts and client.ts, the code that speaks it, are imported by their own names. */
export * from './errors.ts'
export * from './failure.ts'
export * from './model.ts'
export * from './check.ts'
export * from './compare.ts'
export * from './diagnosis.ts'
export * from './memory.ts'
export * from './lab.ts'
export { chunkBytes, mapPages, ProgressToken } from './method.ts'
export * from './methods.ts'
export * from './labMethods.ts'
