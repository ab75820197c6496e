// SPDX-License-Identifier: GPL-2.0-or-later
import type { WidgetKeys } from '../stores/widget-keys.ts'

export const mapKeys: WidgetKeys = {
  title: 'On the page map',
  keys: [
    ['← → ↑ ↓', 'Move by a cell, by a row'],
    ['PageUp PageDown', 'Move by a screen'],
    ['Home End', 'First and last page'],
    ['Shift with these', 'Choose a range of pages'],
    ['+ − 0', 'Zoom in, out, show all'],
    ['Enter', 'Select the allocation at the cursor'],
    ['Escape', 'Drop the range'],
    ['Drag', 'Choose a range; with the middle button or Space pan'],
    ['Wheel', 'Scroll; with Ctrl, or a pinch, zoom'],
    ['Double click', 'Zoom in']
  ]
}
