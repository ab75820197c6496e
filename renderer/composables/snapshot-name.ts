// SPDX-License-Identifier: GPL-2.0-or-later

const pad = (value: number): string => String(value).padStart(2, '0')

/** A file name out of the pool's name and the local time: "lab-20261122-130509". */
export function snapshotName(pool: string, now: Date): string {
  const plain = pool.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 60) || 'pool'
  const day = `${now.getFullYear()}${pad(now.getMonth() + 1)}${pad(now.getDate())}`
  return `${plain}-${day}-${pad(now.getHours())}${pad(now.getMinutes())}${pad(now.getSeconds())}`
}
