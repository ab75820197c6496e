// SPDX-License-Identifier: GPL-2.0-or-later
import type { WidgetKeys } from '../stores/widget-keys.ts'

export const mapKeys: WidgetKeys = {
  title: 'On the page map',
  keys: [
    ['← → ↑ ↓', 'Move by a cell, by a row'],
    ['PageUp PageDown', 'Move by a screen'],
    ['Home End', 'First and last page'],
    ['+ − 0', 'Zoom in, out, show all'],
    ['Enter', 'Select the allocation at the cursor'],
    ['[ ]', 'Previous and next allocation'],
    ['Wheel', 'Scroll; with Ctrl zoom']
  ]
}
