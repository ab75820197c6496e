// SPDX-License-Identifier: GPL-2.0-or-later
/** Snapshot files of the lab, in one folder, read without a helper. */
import { failure } from '../api/failure.ts'
import type { HelperMethod, HelperParams, HelperResult, LabFile, LabResult, Report } from '../api/index.ts'
import type { Task } from './task.ts'

export interface FileLibraryOptions {
  /** the files lie in it; made when the first one comes */
  readonly directory: string
  /** libpmpool.so; undefined: none was found */
  readonly library: string | undefined
  /** Asks a host of the lab. */
  readonly request: <M extends HelperMethod>(
    host: string,
    method: M,
    params: HelperParams<M>
  ) => Promise<HelperResult<M>>
}

/* eslint-disable @typescript-eslint/require-await -- not here yet */
export class FileLibrary {
  readonly #options: FileLibraryOptions

  constructor(options: FileLibraryOptions) {
    this.#options = options
  }

  async report(_of: object, _format: string): Promise<Report> {
    throw this.#missing()
  }

  async list(): Promise<LabFile[]> {
    throw this.#missing()
  }

  async fetch(_host: string, _name: string, _task: Task): Promise<LabFile> {
    throw this.#missing()
  }

  async write(_name: string, _offset: number, _data: Uint8Array, _last: boolean): Promise<LabFile | null> {
    throw this.#missing()
  }

  async verify(_name: string, _task: Task): Promise<LabFile> {
    throw this.#missing()
  }

  async compare(_before: string, _after: string, _task: Task): Promise<LabResult<'file/compare'>> {
    throw this.#missing()
  }

  async map(_name: string, _first: number, _count: number): Promise<LabResult<'file/map'>> {
    throw this.#missing()
  }

  async allocations(_name: string, _from: number, _limit: number): Promise<LabResult<'file/allocations'>> {
    throw this.#missing()
  }

  async export(_name: string, _format: 'raw' | 'elf', _task: Task): Promise<LabResult<'file/export'>> {
    throw this.#missing()
  }

  async read(_name: string, _page: number): Promise<LabResult<'file/read'>> {
    throw this.#missing()
  }

  async delete(_name: string): Promise<void> {
    throw this.#missing()
  }

  #missing(): Error {
    return failure('unsupported', `libpmpool is missing (${this.#options.library ?? 'it was not found'}).`)
  }
}
