// SPDX-License-Identifier: GPL-2.0-or-later
/** Golden images: lines of `offset: byte byte …`; what is left out is zero. */
import { readFileSync } from 'node:fs'
import { inProject } from '../../scripts/lib/root.mjs'

export function goldenImage(file: string, bytes: number): Uint8Array {
  const image = new Uint8Array(bytes)
  for (const line of readFileSync(inProject('native', 'tests', 'golden', file), 'utf8').split('\n')) {
    const [, offset, content] = /^([0-9a-f]+):((?: [0-9a-f]{2})+)$/.exec(line) ?? []
    if (offset && content) image.set(Buffer.from(content.replaceAll(' ', ''), 'hex'), parseInt(offset, 16))
  }
  return image
}
