import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadIdentity, loadKey, storeIdentity, storeKey } from '../../src/agent/identity.ts'
import { filePlanCache } from '../../src/agent/plan-cache.ts'
import { EnvironmentFault, UsageFault } from '../../src/core/fault.ts'
import { newSigningKey } from '../../src/core/signing-key.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { memoryLog } from './observations.ts'
import { job } from './stub-probes.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'yiwang-agent-'))
})
afterEach(() => rm(folder, { recursive: true }))

const keys = { key: 'key-1', signingKey: newSigningKey().privatePem }
const identity = { id: 'a-1', collector: 'https://collector.example.cn:9410', vantage: 'private' } as const

describe('who the agent is', () => {
  test('is stored and loaded, the key apart and for its owner only', async () => {
    const own = path.join(folder, 'state', 'agent')
    await storeIdentity(own, identity, keys)
    expect(await loadIdentity(own)).toEqual(identity)
    expect(await loadKey(own)).toBe('key-1')
    expect(await readFile(path.join(own, 'agent.json'), 'utf8')).not.toContain('key-1')
    expect((await stat(own)).mode & 0o777).toBe(0o700)
    expect((await stat(path.join(own, 'key'))).mode & 0o777).toBe(0o600)
    expect((await readdir(own)).toSorted()).toEqual(['agent.json', 'key', 'signing-key.pem'])
  })

  test('a new key replaces the old one', async () => {
    await storeIdentity(folder, identity, keys)
    await storeKey(folder, 'key-2')
    expect(await loadKey(folder)).toBe('key-2')
  })

  test('a folder without an agent says how to get one', async () => {
    await expect(loadIdentity(folder)).rejects.toThrow(/yiwang agent enroll/u)
    await expect(loadKey(folder)).rejects.toThrow(UsageFault)
  })

  test.each([0o640, 0o604, 0o644, 0o620])('a key that others may touch (%o) is refused', async (mode) => {
    await storeIdentity(folder, identity, keys)
    await chmod(path.join(folder, 'key'), mode)
    await expect(loadKey(folder)).rejects.toThrow(/chmod 600/u)
  })

  test.each(['', 'two words', 'a\nb', '密钥'])(
    'a key file with %j is refused and not repeated',
    async (text) => {
      await storeIdentity(folder, identity, keys)
      await writeFile(path.join(folder, 'key'), text)
      const error = await loadKey(folder).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(UsageFault)
      expect(String(error)).toContain('one line with the key')
    },
  )

  test('all that is wrong with it is told at once', async () => {
    await writeFile(
      path.join(folder, 'agent.json'),
      '{"id":"","collector":"collector","vantage":"moon","x":1}',
    )
    const error: unknown = await loadIdentity(folder).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(UsageFault)
    expect((error as UsageFault).problems.length).toBe(4)
  })

  test('what is no JSON is the operator’s to mend', async () => {
    await writeFile(path.join(folder, 'agent.json'), '{')
    await expect(loadIdentity(folder)).rejects.toThrow(UsageFault)
  })

  test('a folder that cannot be made is a fault of the surroundings', async () => {
    await writeFile(path.join(folder, 'file'), '')
    await expect(storeIdentity(path.join(folder, 'file', 'agent'), identity, keys)).rejects.toThrow(
      EnvironmentFault,
    )
  })
})

describe('the cached plan', () => {
  const plan: Plan = { revision: 3, digest: 'c'.repeat(64), jobs: [job('tcp', 'n-1')] }

  test('is there after a restart', async () => {
    const { log } = memoryLog()
    expect(await filePlanCache(folder, log).load()).toBeUndefined()
    await filePlanCache(folder, log).store(plan)
    expect(await filePlanCache(folder, log).load()).toEqual(plan)
  })

  test.each(['', '{"revision":1}', '\u0000'.repeat(500)])(
    'that is broken (%#) is as good as none, and said',
    async (text) => {
      const { log, lines } = memoryLog()
      await writeFile(path.join(folder, 'plan.json'), text)
      expect(await filePlanCache(folder, log).load()).toBeUndefined()
      expect(lines).toMatchObject([{ level: 'warn' }])
    },
  )

  test('that cannot be stored is said, and no more', async () => {
    const { log, lines } = memoryLog()
    await filePlanCache(path.join(folder, 'nowhere'), log).store(plan)
    expect(lines).toMatchObject([{ level: 'warn' }])
  })
})
