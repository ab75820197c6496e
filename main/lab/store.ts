// SPDX-License-Identifier: GPL-2.0-or-later
/** JSON files of the lab: written whole or not at all, read through a schema, never thrown away. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { z } from 'zod'

export type Log = (line: string) => void

/** undefined when there is none, or one that this lab cannot read: that is set aside, and the log says where. */
export function readStored<S extends z.ZodType>(file: string, schema: S, log: Log): z.output<S> | undefined {
  if (!existsSync(file)) return undefined
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    const aside = freeName(`${file}.damaged`)
    renameSync(file, aside)
    log(
      `${file} is damaged, or of a newer lab (${firstLine(error)}). It was set aside as ${aside}; nothing in it is lost.`
    )
    return undefined
  }
}

/** On disk, name and all, when this returns: the machine of a lab may be the one that its run restarts. */
export function writeStored(file: string, value: unknown): void {
  const partial = `${file}.partial`
  try {
    whileOpen(partial, 'w', (handle) => {
      writeFileSync(handle, JSON.stringify(value, null, 2) + '\n')
      fsyncSync(handle)
    })
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  }
  renameSync(partial, file)
  whileOpen(dirname(file), 'r', fsyncSync)
}

function whileOpen(file: string, flags: 'r' | 'w', act: (handle: number) => void): void {
  const handle = openSync(file, flags, 0o600)
  try {
    act(handle)
  } finally {
    closeSync(handle)
  }
}

function freeName(name: string): string {
  for (let n = 1; ; n++) if (!existsSync(`${name}-${n}`)) return `${name}-${n}`
}

function firstLine(error: unknown): string {
  if (error instanceof Error && 'issues' in error) {
    const [issue] = error.issues as { path: PropertyKey[]; message: string }[]
    return `${issue?.path.map(String).join('.')}: ${issue?.message}`
  }
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
}
