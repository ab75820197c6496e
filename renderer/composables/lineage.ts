// SPDX-License-Identifier: GPL-2.0-or-later
import type { Snapshot } from '@api'

type Named = Pick<Snapshot, 'name' | 'parent'>

/** Snapshots in the given order, each followed by those that build on it. None gets lost, whatever the parents say. */
export function lineage<S extends Named>(snapshots: readonly S[]): { snapshot: S; depth: number }[] {
  const names = new Set(snapshots.map(({ name }) => name))
  const children = new Map<string, S[]>()
  const roots: S[] = []
  for (const snapshot of snapshots) {
    const parent = snapshot.parent?.name
    if (parent === undefined || parent === snapshot.name || !names.has(parent)) roots.push(snapshot)
    else children.set(parent, [...(children.get(parent) ?? []), snapshot])
  }
  const listed = new Set<S>()
  const rows: { snapshot: S; depth: number }[] = []
  const put = (snapshot: S, depth: number): void => {
    if (listed.has(snapshot)) return
    listed.add(snapshot)
    rows.push({ snapshot, depth })
    for (const child of children.get(snapshot.name) ?? []) put(child, depth + 1)
  }
  for (const root of roots) put(root, 0)
  for (const snapshot of snapshots) put(snapshot, 0) // of a circle, which only hand-made files have
  return rows
}
