// SPDX-License-Identifier: GPL-2.0-or-later
export { defaultDataDirectory, Lab } from './lab.ts'
export type { LabOptions } from './lab.ts'
export type { PageSession } from './pageSession.ts'
