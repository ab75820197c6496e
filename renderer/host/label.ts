// SPDX-License-Identifier: GPL-2.0-or-later
/** Names in boxes that may be too narrow for them. */

const fewest = 3 // letters before the ellipsis; fewer tell nothing

/** The text, its beginning with an ellipsis, or nothing: what fits in `room`, in the units of `widthOf`. */
export function shortened(text: string, room: number, widthOf: (text: string) => number): string {
  if (widthOf(text) <= room) return text
  const letters = [...text]
  let [fits, over] = [0, letters.length]
  const cut = (count: number): string => `${letters.slice(0, count).join('').trimEnd()}…`
  while (over - fits > 1) {
    const middle = (fits + over) >> 1
    if (widthOf(cut(middle)) <= room) fits = middle
    else over = middle
  }
  return fits < fewest ? '' : cut(fits)
}
