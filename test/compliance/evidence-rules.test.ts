import { describe, expect, test } from 'vitest'
import { catalogue, itemById, type MlpsLevel } from '../../inventory/mlps/index.ts'
import { families } from '../../src/agent/host/index.ts'
import type { HostRule } from '../../src/compliance/evidence/rule.ts'
import { reasons, rules } from '../../src/compliance/evidence/rules/index.ts'
import { factsKept } from '../../src/collector/history/ending.ts'
import { verdictLabels } from '../../src/core/host-evidence.ts'
import type { Observation } from '../../src/core/observation.ts'
import { evidenceOf, evidenceOfPlant, kept, seen } from './evidence-site.ts'
import { type Plant, plants } from './evidence-plants.ts'

const automatic = ([3, 2] as const).flatMap((level) =>
  catalogue(level, { cloud: true }).filter(({ auto }) => auto !== undefined),
)
const hostRules = rules.filter((rule): rule is HostRule => rule.from === 'host-check')
const otherRules = rules.filter(({ from }) => from !== 'host-check')
const ruled = new Set(rules.flatMap(({ items }) => items))

const checked = new Set<string>(families.flatMap(({ checks }) => checks.flatMap(({ items }) => items)))

describe('coverage', () => {
  test('every item that can be shown automatically has a rule or a reason, and no other has', () => {
    const covered = automatic.map(({ id }) => id).filter((id) => ruled.has(id) || reasons.has(id))
    expect(covered).toHaveLength(149)
    expect([...ruled, ...reasons.keys()].filter((id) => itemById(id)?.auto === undefined)).toEqual([])
    expect([...reasons.keys()].filter((id) => ruled.has(id))).toEqual([])
  })

  test.each<[MlpsLevel, 'general' | 'cloud', number]>([
    [3, 'general', 86],
    [3, 'cloud', 8],
    [2, 'general', 50],
    [2, 'cloud', 5],
  ])('level %i %s: at most one reason in ten', (level, part, count) => {
    const own = automatic.filter((item) => item.level === level && item.part === part)
    expect(own).toHaveLength(count)
    expect(own.filter(({ id }) => reasons.has(id)).length).toBeLessThanOrEqual(count / 10)
  })

  test('an item that only host checks can show has one', () => {
    const needed = hostRules.flatMap(({ items, through }) => (through.length === 0 ? items : through))
    expect(needed.filter((item) => !checked.has(item))).toEqual([])
  })

  test('ids are unique', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length)
  })
})

describe('planted', () => {
  const table = otherRules.flatMap((rule) =>
    (plants[rule.id] ?? []).map((plant) => ({ rule, plant, name: `${rule.id} ${plant.says}: ${plant.saw}` })),
  )

  test.each(otherRules)('$id: everything that it can say is planted, and nothing else', ({ id, says }) => {
    const planted = new Set((plants[id] ?? []).map((plant) => plant.says))
    expect(planted).toEqual(new Set(says))
  })

  test.each(table)('$name', ({ rule, plant }) => {
    const found = evidenceOfPlant(plant).filter((evidence) => evidence.rule === rule.id)
    expect(new Set(found.map(({ says }) => says))).toEqual(new Set([plant.says]))
    expect(found[0]?.saw).toContain(plant.saw)
    expect(new Set(found.map(({ item }) => item))).toEqual(new Set(rule.items))
  })

  // Loads of interfaces are not kept, nor is how logs stood: docs/mlps.md.
  const fromDayEnds = table.filter(
    ({ rule, plant }) => rule.id !== 'snmp.peak-load' && plant.look?.kind !== 'syslog',
  )

  test.each(fromDayEnds)('$name: from what the history keeps of the end of a day too', ({ rule, plant }) => {
    const { look } = plant
    const asKept = look && { ...look, facts: factsKept(look.kind, look.facts ?? {}) }
    const ownOf = (each: Plant) =>
      evidenceOfPlant(each)
        .filter((evidence) => evidence.rule === rule.id)
        .map(({ item, says, saw }) => ({ item, says, saw }))
    expect(ownOf({ ...plant, ...(asKept && { look: asKept }) })).toEqual(ownOf(plant))
  })

  test.each(table)('$name: only on assets of a kind that the item asks about', ({ rule, plant }) => {
    const wrong = evidenceOfPlant(plant)
      .filter((evidence) => evidence.rule === rule.id)
      .filter(({ item, asset }) => !itemById(item)?.assets.some((kind) => asset.startsWith(kind)))
    expect(wrong).toEqual([])
  })
})

const silences: readonly (readonly [string, string, Partial<Observation> & Pick<Observation, 'kind'>])[] = [
  [
    'a cookie that keeps no session',
    'http.cookies',
    { kind: 'http-audit', facts: { cookies: [{ name: 'lang', secure: false }] } },
  ],
  [
    'the same on a plain page',
    'http.plain-login',
    {
      kind: 'http',
      facts: { url: 'http://192.0.2.1/', status: 200, title: '首页', cookies: [{ name: 'lang' }] },
    },
  ],
  [
    'an error page',
    'http.plain',
    { kind: 'http', status: 'down', facts: { url: 'http://192.0.2.1/', status: 404 } },
  ],
  [
    'a public page without client certificates',
    'http.client-certificate',
    { kind: 'http', facts: { url: 'https://192.0.2.1/', status: 200, title: '政务服务网' } },
  ],
  [
    'a scan without a baseline',
    'ports.drift',
    { kind: 'ports', facts: { tried: 5, open: [80], unexpectedOpen: [80], expectedClosed: [] } },
  ],
  [
    'a scan from within',
    'ports.across-boundary',
    { kind: 'ports', facts: { tried: 5, open: [80], unexpectedOpen: [80], expectedClosed: [1] } },
  ],
  [
    'a server that is down',
    'tls.secrecy',
    { kind: 'tls-audit', status: 'down', cause: 'timeout', facts: {} },
  ],
  [
    'an attack test that nobody marked',
    'http.attack-test',
    { kind: 'http', facts: { url: 'http://192.0.2.1/', status: 200 } },
  ],
  [
    'a page without a baseline',
    'page.baseline',
    { kind: 'page', facts: { url: 'http://192.0.2.1/', status: 200 } },
  ],
  ['the device itself, not its uplink', 'icmp.uplink', { kind: 'icmp', status: 'down', cause: 'timeout' }],
]

test.each(silences)('%s: %s says nothing', (_, rule, look) => {
  expect(evidenceOf({ observations: [seen(look)] }).filter((evidence) => evidence.rule === rule)).toEqual([])
})

describe('host checks', () => {
  const says = Object.keys(verdictLabels) as (keyof typeof verdictLabels)[]
  const table = hostRules.flatMap((rule) => says.map((verdict) => ({ rule, verdict, id: rule.id })))

  test.each(table)('$id: a check that says $verdict', ({ rule, verdict }) => {
    const items = rule.through.length === 0 ? rule.items : rule.through
    const found = evidenceOf({ hostEvidence: [kept([{ items, verdict, observed: '所见' }])] }).filter(
      (evidence) => evidence.rule === rule.id,
    )
    expect(new Set(found.map((evidence) => evidence.says))).toEqual(new Set([verdict]))
    expect(new Set(found.map(({ item }) => item))).toEqual(new Set(rule.items))
    expect(found[0]).toMatchObject({
      saw: '空口令：所见',
      source: { from: 'host-check', kind: 'accounts.empty', agent: 'key-1', at: 'fw', hash: 'h'.repeat(64) },
    })
  })

  test.each(table)('$id: a check of something else says nothing', ({ rule, verdict }) => {
    const found = evidenceOf({ hostEvidence: [kept([{ items: ['L3-CES1-32'], verdict }])] })
    expect(found.filter((evidence) => evidence.rule === rule.id)).toEqual([])
  })
})
