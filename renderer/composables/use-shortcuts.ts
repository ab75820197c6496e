// SPDX-License-Identifier: GPL-2.0-or-later
import { useEventListener } from '@vueuse/core'
import { tabs } from './route.ts'
import { useDialogs } from '../stores/dialogs.ts'
import { useHosts } from '../stores/hosts.ts'
import { usePlace } from '../stores/place.ts'
import { usePool } from '../stores/pool.ts'
import { usePreferences, themeChoices } from '../stores/preferences.ts'

/** Shown by `?`, in this order. */
export const shortcuts: readonly (readonly [keys: string, does: string])[] = [
  ['?', 'This list'],
  ['n', 'Create a pool'],
  ['a', 'Allocate pages'],
  ['F2', 'Name and labels of the selected allocation'],
  ['Delete', 'Free the selected allocation'],
  ['s', 'Take a snapshot'],
  ['1 … 7', 'Map, inspector, snapshots, kexec, audit, timeline, memory tests'],
  ['/', 'Filter the allocations'],
  ['t', 'Running tasks'],
  ['d', 'Light, dark or as the system'],
  ['Escape', 'Close a dialog; drop the selection']
]

/** Keys while the page map has the focus. */
export const mapShortcuts: readonly (readonly [keys: string, does: string])[] = [
  ['← → ↑ ↓', 'Move by a cell, by a row'],
  ['PageUp PageDown', 'Move by a screen'],
  ['Home End', 'First and last page'],
  ['+ − 0', 'Zoom in, out, show all'],
  ['Enter', 'Select the allocation at the cursor'],
  ['[ ]', 'Previous and next allocation'],
  ['Wheel', 'Scroll; with Ctrl zoom']
]

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** Any, also those that views open by themselves: it has the keys then, Escape first of all. */
const isDialogOpen = (): boolean => document.querySelector('[role="dialog"], [role="alertdialog"]') !== null

/** Keys of the whole page, and the commands of the shell's menu. */
export function useShortcuts(): void {
  const dialogs = useDialogs()
  const place = usePlace()
  const pool = usePool()
  const hosts = useHosts()
  const preferences = usePreferences()
  /** A dialog opens only for what the page would let one click. */
  const allocate = (): void => {
    if (pool.changeable) dialogs.open('allocate')
  }
  const free = (): void => {
    if (pool.changeable && pool.selected) dialogs.open('free')
  }
  const label = (): void => {
    if (pool.changeable && pool.selected) dialogs.open('label')
  }
  const snapshot = (): void => {
    if (pool.reachable) dialogs.open('snapshot')
  }
  const withPool = (act: () => void) => (): void => {
    if (pool.info) act()
  }

  const createPool = (): void => {
    if (hosts.byId(place.host)) dialogs.createPool() // where no pool can be created, the dialog says why
  }

  const acts: Record<string, () => void> = {
    '?': () => dialogs.open('shortcuts'),
    n: createPool,
    a: allocate,
    F2: label,
    Delete: free,
    s: snapshot,
    t: () => dialogs.open('tasks'),
    d: () => preferences.nextTheme(),
    ...Object.fromEntries(tabs.map((tab, index) => [String(index + 1), withPool(() => place.showTab(tab))])),
    '/': () => document.querySelector<HTMLElement>('[data-filter]')?.focus(),
    Escape: () => (pool.selectedPage = null)
  }

  useEventListener(window, 'keydown', (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    if (isTyping(event.target) || isDialogOpen()) return
    const act = acts[event.key]
    if (!act) return
    event.preventDefault()
    act()
  })

  window.pmpool?.onMenu((command) => {
    const theme = themeChoices.find((choice) => command === `theme-${choice}`)
    if (theme) preferences.choice = theme
    else menuActs[command]?.()
  })
  const menuActs: Record<string, () => void> = {
    'new-pool': createPool,
    allocate,
    snapshot,
    kexec: withPool(() => place.showTab('kexec')),
    shortcuts: () => dialogs.open('shortcuts')
  }
}
