// SPDX-License-Identifier: GPL-2.0-or-later
import type { WidgetKeys } from '../stores/widget-keys.ts'

/** Keys of the hex area, for the list of shortcuts. */
export const hexKeys: WidgetKeys = {
  title: 'On the bytes',
  keys: [
    ['← → ↑ ↓', 'move the cursor; with Shift, select'],
    ['Home End', 'start and end of the row; with Ctrl, of the pool'],
    ['Page ↑ Page ↓', 'a screen up or down'],
    ['Tab', 'from digits to text, and on'],
    ['Ctrl+A', 'select the allocation, or the page'],
    ['Ctrl+C', 'copy the selection: digits as hex, text as text'],
    ['Ctrl+V', 'paste over, while Edit is on'],
    ['Enter', 'follow the pointer at the cursor'],
    ['Menu', 'or Shift+F10: what can be done with the bytes'],
    ['Escape', 'drop the selection']
  ]
}
