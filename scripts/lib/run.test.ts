// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { alive } from './alive.mjs'
import { CommandFailed, must, run } from './run.mjs'
import { inProject } from './root.mjs'

test.each([
  ['succeeds', ['sh', '-c', 'echo out; echo err >&2'], 0, 'exit code 0'],
  ['fails', ['sh', '-c', 'echo out; echo err >&2; exit 3'], 3, 'exit code 3'],
  ['is killed', ['sh', '-c', 'echo out; echo err >&2; kill -KILL $$'], 128, 'ended by SIGKILL']
])('a command that %s', async (_title, argv, code, outcome) => {
  const result = await run(argv)
  expect(result).toMatchObject({ code, outcome })
  expect(result.output.split('\n').sort()).toEqual(['', 'err', 'out'])
})

test('a command that is not there', async () => {
  expect(await run(['pmpool-no-such-command'])).toMatchObject({
    code: 127,
    outcome: expect.stringContaining('ENOENT') as string
  })
})

test('a command that must succeed shows what it wrote', async () => {
  const error: unknown = await must(['sh', '-c', 'echo why; exit 1']).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(CommandFailed)
  expect(error).toMatchObject({ output: 'why\n', message: 'sh -c echo why; exit 1: exit code 1' })
})

test("a script's end is the end of its children and theirs", async () => {
  const script = `
    import { endWithChildren, run } from ${JSON.stringify(inProject('scripts/lib/run.mjs'))}
    endWithChildren()
    await run(['sh', '-c', 'sleep 1000 & echo $!; wait'], { onOutput: (text) => process.stdout.write(text) })
    console.log('carried on')
  `
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const [grandchild] = (await once(parent.stdout, 'data')) as [Buffer]
  let more = ''
  parent.stdout.on('data', (text: Buffer) => (more += text.toString()))
  parent.kill('SIGTERM')
  const [code] = (await once(parent, 'close')) as [number]
  expect(code).toBe(143)
  expect(more).toBe('')
  await expect.poll(() => alive(Number(grandchild.toString()))).toBe(false)
})
