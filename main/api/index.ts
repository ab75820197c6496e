// SPDX-License-Identifier: GPL-2.0-or-later
export * from './errors.ts'
export * from './model.ts'
export * from './lab.ts'
export * from './methods.ts'
