// SPDX-License-Identifier: GPL-2.0-or-later
import type { FileHandle } from 'node:fs/promises'

/** A write may take a part only, as on a disk that is all but full; the next one says why. */
export async function writeWhole(file: FileHandle, data: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < data.length;) {
    done += (await file.write(data, done, data.length - done, offset + done)).bytesWritten
  }
}
