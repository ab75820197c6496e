// SPDX-License-Identifier: GPL-2.0-or-later
// The steps of npm test in their order, and what each needs set up first (parts of setup.mjs).

const native = ['apt:build', 'npm', 'native']
const page = [...native, 'apt:browser', 'bundles']

export const steps = /** @type {const} */ ({
  lint: ['npm'],
  format: ['apt:build', 'npm'],
  typecheck: ['npm'],
  vitest: native,
  native,
  sanitizers: ['apt:build', 'npm'],
  fuzz: ['apt:build', 'npm'],
  e2e: page,
  shell: page,
  pack: [...page, 'apt:pack'],
  vm: [...page, 'apt:vm']
})

/** @typedef {keyof typeof steps} StepName */

export const stepNames = /** @type {StepName[]} */ (Object.keys(steps))

/**
 * The steps that the command line asks for: all, or those after --only, in the table's order.
 * @param {string[]} args
 * @returns {StepName[]}
 */
export function chosenSteps(args) {
  const at = args.findIndex((arg) => arg === '--only' || arg.startsWith('--only='))
  if (at < 0) return stepNames
  const list = args[at]?.includes('=') ? args[at].slice('--only='.length) : (args[at + 1] ?? '')
  const names = list.split(',').filter(Boolean)
  const unknown = names.filter((name) => !Object.hasOwn(steps, name))
  if (names.length === 0 || unknown.length > 0) {
    throw new RangeError(`--only: no step ${unknown.join(', ') || 'named'}; there are ${stepNames.join(', ')}`)
  }
  return stepNames.filter((name) => names.includes(name))
}
