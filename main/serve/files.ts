// SPDX-License-Identifier: GPL-2.0-or-later
/** The files of the built page. */
import { readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8'
}

export interface PageFile {
  readonly type: string
  readonly body: Buffer
}

/** undefined when there is no such file in the folder. */
export async function pageFile(folder: string, pathname: string): Promise<PageFile | undefined> {
  const file = fileOf(folder, pathname)
  const type = file && types[extname(file)]
  if (!file || !type) return undefined
  try {
    return { type, body: await readFile(file) }
  } catch {
    return undefined
  }
}

/** The file that a path of a URL means; undefined when it leads out of the folder. */
function fileOf(folder: string, pathname: string): string | undefined {
  try {
    const path = decodeURIComponent(pathname)
    if (path.includes('\0') || path.includes('\\')) return undefined
    const file = join(folder, path === '/' ? 'index.html' : path)
    return file.startsWith(folder + sep) ? file : undefined
  } catch {
    return undefined // not UTF-8
  }
}
