// SPDX-License-Identifier: GPL-2.0-or-later
export { fileAnswers } from './answers.ts'
export type { FileAnswers } from './answers.ts'
export { findLibrary } from './find.ts'
export { FileLibrary } from './library.ts'
export type { FileLibraryOptions } from './library.ts'
export type { Task } from './task.ts'
