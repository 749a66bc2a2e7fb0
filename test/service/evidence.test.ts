import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { Inventory } from '../../inventory/store.ts'
import { openHistory } from '../../src/collector/history.ts'
import { loadConfig } from '../../src/config/index.ts'
import type { Observation } from '../../src/core/observation.ts'
import { compilePlan } from '../../src/plan/compile.ts'
import { planSettings } from '../../src/plan/settings.ts'
import { examineInventory } from '../../src/service/evidence.ts'
import { temporaryFolder } from '../collector/support.ts'
import { siteWith } from '../compliance/evidence-site.ts'

const now = Date.now()
const item = 'L3-CNS1-04'
const records = (agentState: string): Inventory =>
  siteWith('d-1', {
    agent: ['public', 'internet'].map((vantage) => ({
      ...{ id: vantage, vantage, state: agentState },
      keyHash: 'a'.repeat(64),
    })),
    device: [
      {
        ...{ id: 'd-1', name: '墙', role: 'firewall', node: 'n-1', address: '192.0.2.1' },
        probes: [{ kind: 'tcp', options: { port: 443 }, unreachableFrom: ['internet'] }],
      },
    ],
    asset: [
      {
        ...{ id: 'fw', assessment: 'a-3', name: '墙', kind: 'security-device', target: 'd-1' },
        results: { [item]: { result: 'conforms' } },
      },
    ],
  })

interface Told {
  readonly vantage: 'public' | 'internet'
  readonly status: 'up' | 'down'
  readonly job?: string
}

/** A data folder whose collector was told this a second ago. */
const told = async (inventory: Inventory, looks: readonly Told[]) => {
  const folder = temporaryFolder()
  const config = loadConfig({ env: {}, dataFolder: folder.path })
  mkdirSync(path.join(folder.path, 'collector'))
  await using history = openHistory(path.join(folder.path, 'collector', 'history.sqlite'))
  const plan = compilePlan(inventory, planSettings(config.probing))
  for (const { vantage, status, job } of looks) {
    const planned = plan.jobs.find((each) => each.kind === 'tcp' && each.vantage === vantage)
    const observation: Observation = {
      ...{ job: job ?? planned?.id ?? '', target: 'd-1', kind: 'tcp', vantage, planRevision: 1 },
      ...{ status, observedAt: now - 1000, seconds: 0.1, facts: {} },
      ...(status === 'down' && { cause: 'refused', detail: '' }),
    }
    const rows = [{ sequence: 1, observation }]
    await history.append({
      agent: vantage,
      stream: job ?? 's',
      first: 1,
      last: 1,
      rows,
      receivedAt: now - 1000,
    })
  }
  return { config, [Symbol.dispose]: () => folder[Symbol.dispose]() }
}

test.each<[string, readonly Told[], string, string]>([
  [
    'answered where it must not be',
    [
      { vantage: 'public', status: 'up' },
      { vantage: 'internet', status: 'up' },
    ],
    'contradicted',
    'contradicts',
  ],
  ['one side is not known', [{ vantage: 'public', status: 'up' }], 'unverifiable', 'cannot-tell'],
])('segmentation as the history has it: %s', async (_, looks, check, says) => {
  const inventory = records('active')
  using site = await told(inventory, looks)
  const { claims } = await examineInventory(site.config, inventory, now)
  expect(claims).toMatchObject([{ item, check, deciding: { rule: 'segmentation.zones', says } }])
})

test('what an agent saw that is revoked since, or is not heard, is silent', async () => {
  const inventory = records('active')
  using site = await told(inventory, [{ vantage: 'public', status: 'up' }])
  const standing = async (records: Inventory, at: number) => {
    const { examined } = await examineInventory(site.config, records, at)
    const evidence = examined.flatMap((each) => each.evidence)
    return evidence.find(({ rule }) => rule === 'looks.state')?.silent
  }
  expect(await standing(inventory, now)).toBe(false)
  expect(await standing(inventory, now + 3_600_000)).toBe(true)
  expect(await standing(records('revoked'), now)).toBe(true)
})

test('what is no longer planned says nothing', async () => {
  const inventory = records('active')
  using site = await told(inventory, [{ vantage: 'public', status: 'up', job: 'd-1/tcp/8080@public' }])
  const { examined } = await examineInventory(site.config, inventory, now)
  const sources = examined.flatMap(({ evidence }) => evidence.map(({ source }) => source.from))
  expect(sources).not.toContain('probe')
})

test('without a history only the inventory speaks', async () => {
  using folder = temporaryFolder()
  const config = loadConfig({ env: {}, dataFolder: folder.path })
  const { examined, claims } = await examineInventory(config, records('active'), now)
  const sources = examined.flatMap(({ evidence }) => evidence.map(({ source }) => source.from))
  expect(new Set(sources)).toEqual(new Set(['record']))
  expect(claims).toMatchObject([{ check: 'unverifiable' }])
})
