import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bootEngine } from '../../src/agent/own-engine.ts'
import { memoryLog } from './observations.ts'

let file = ''
beforeEach(async () => {
  file = path.join(await mkdtemp(path.join(tmpdir(), 'yiwang-engine-')), 'snmp-engine.json')
})
afterEach(() => rm(path.dirname(file), { recursive: true }))

const boot = async () => {
  const { log, lines } = memoryLog()
  const { engineId, boots } = await bootEngine(file, log)
  return { engineId: engineId.toString('hex'), boots, said: lines.length }
}

test('the engine is the same at each start, and has booted once more, on the disk', async () => {
  const first = await boot()
  expect(first).toMatchObject({ boots: 1, said: 0 })
  expect(first.engineId).toMatch(/^8000000005[0-9a-f]{32}$/u)
  expect(await boot()).toEqual({ ...first, boots: 2 })
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ engineId: first.engineId, boots: 2 })
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test.each([
  ['is cut', '{"engineId":"8000'],
  ['is of another kind', '{"engineId":"80000000051122","boots":0}'],
  ['has booted as often as an engine may', `{"engineId":"80000000051122","boots":${2 ** 31 - 2}}`],
])('a file that %s makes a new engine, and that is said', async (_name, text) => {
  await writeFile(file, text)
  const engine = await boot()
  expect(engine).toMatchObject({ boots: 1, said: 1 })
  expect(engine.engineId).not.toBe('80000000051122')
})
