import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { resultLabels } from '../../inventory/mlps/index.ts'
import { type Check, claimsOf } from '../../src/compliance/evidence/claim.ts'
import { examine } from '../../src/compliance/evidence/collect.ts'
import type { EvidenceInput, Seen } from '../../src/compliance/evidence/evidence.ts'
import { decidingOf } from '../../src/compliance/evidence/hosts.ts'
import { validSeconds } from '../../src/compliance/evidence/validity.ts'
import type { HostEvidence, Verdict } from '../../src/core/host-evidence.ts'
import { kinds } from '../../probes/index.ts'
import { inventoryOf, type Records } from '../plan/fixtures.ts'
import { kept, now, seen, siteWith } from './evidence-site.ts'

const item = 'L3-CES1-27'
const hour = 3_600_000
const plainLogin = (more: Partial<Seen> = {}, at = now - 60_000): Seen =>
  seen(
    {
      kind: 'http',
      observedAt: at,
      facts: { url: 'http://192.0.2.1/', status: 200, title: '用户登录', cookies: [] },
    },
    more,
  )
const secure = (more: Partial<Seen> = {}, at = now - 60_000): Seen =>
  seen({ kind: 'tls', observedAt: at, facts: { protocol: 'TLSv1.3', authorized: true } }, more)

const claimed = (result: string): Records => ({
  asset: [
    {
      id: 'app',
      assessment: 'a-3',
      name: '应用',
      kind: 'application',
      target: 'd-1',
      results: { [item]: { result } },
    },
  ],
})

const claimsAt = (result: string, input: Partial<EvidenceInput>) => {
  const whole = { now, observations: [], segmentations: [], hostEvidence: [], ...input }
  return [...examine({ inventory: siteWith('d-1', claimed(result)), ...whole })].flatMap((examined) =>
    claimsOf(examined, whole.now),
  )
}

interface Case {
  readonly name: string
  readonly result: string
  readonly observations: readonly Seen[]
  readonly check: Check
  readonly rule?: string
}

const cases: readonly Case[] = [
  {
    name: 'seen otherwise',
    result: 'conforms',
    observations: [plainLogin()],
    check: 'contradicted',
    rule: 'http.plain-login',
  },
  { name: 'seen so', result: 'conforms', observations: [secure()], check: 'consistent', rule: 'tls.session' },
  {
    name: 'one fault outweighs',
    result: 'conforms',
    observations: [secure(), plainLogin()],
    check: 'contradicted',
    rule: 'http.plain-login',
  },
  { name: 'nobody looked', result: 'conforms', observations: [], check: 'unverifiable' },
  {
    name: 'it cannot be told',
    result: 'conforms',
    observations: [seen({ kind: 'tls', facts: { protocol: 'TLSv1.3', authorized: false } })],
    check: 'unverifiable',
    rule: 'tls.session',
  },
  {
    name: 'too long ago',
    result: 'conforms',
    observations: [plainLogin({}, now - 2 * hour)],
    check: 'stale',
    rule: 'http.plain-login',
  },
  {
    name: 'an agent that is silent',
    result: 'conforms',
    observations: [plainLogin({ heard: false })],
    check: 'unverifiable',
    rule: 'http.plain-login',
  },
  {
    name: 'a silent one, and one that is heard',
    result: 'conforms',
    observations: [plainLogin({ heard: false }), secure()],
    check: 'consistent',
    rule: 'tls.session',
  },
  {
    name: 'what could not be looked at',
    result: 'conforms',
    observations: [
      seen({
        kind: 'http',
        status: 'unknown',
        cause: 'resource',
        facts: { url: 'http://192.0.2.1/', status: 200, title: '登录' },
      }),
    ],
    check: 'unverifiable',
  },
  {
    name: 'a clock that is far ahead',
    result: 'conforms',
    observations: [plainLogin({}, now + hour)],
    check: 'unverifiable',
  },
  {
    name: 'a defect that was seen',
    result: 'partial',
    observations: [plainLogin()],
    check: 'consistent',
    rule: 'http.plain-login',
  },
  {
    name: 'no defect in what was seen',
    result: 'partial',
    observations: [secure()],
    check: 'unverifiable',
    rule: 'tls.session',
  },
  {
    name: 'a defect that was seen',
    result: 'fails',
    observations: [plainLogin()],
    check: 'consistent',
    rule: 'http.plain-login',
  },
  {
    name: 'no defect in what was seen',
    result: 'fails',
    observations: [secure()],
    check: 'unverifiable',
    rule: 'tls.session',
  },
  {
    name: 'it applies, and badly',
    result: 'not-applicable',
    observations: [plainLogin()],
    check: 'contradicted',
    rule: 'http.plain-login',
  },
  {
    name: 'no defect in what was seen',
    result: 'not-applicable',
    observations: [secure()],
    check: 'unverifiable',
    rule: 'tls.session',
  },
]

describe('a recorded result', () => {
  test.each(cases)('$result, $name: $check', ({ result, observations, check, rule }) => {
    const [claim] = claimsAt(result, { observations })
    expect(claim).toMatchObject({ item, asset: 'app', claimed: result, check })
    expect(claim?.deciding?.rule).toBe(rule)
  })

  test('untested is no claim', () => {
    expect(claimsAt('untested', { observations: [plainLogin()] })).toEqual([])
  })

  test('three intervals count even where they are longer than usual', () => {
    const late = { observations: [plainLogin({ intervalSeconds: 3600 }, now - 2 * hour)] }
    expect(claimsAt('conforms', late)).toMatchObject([{ check: 'contradicted' }])
  })

  test('of an assessment that another goes on from claims nothing today', () => {
    const next = { id: 'a-4', name: '下一年', object: 'extranet', level: 3, previous: 'a-3' }
    const before = { id: 'a-3', name: '测评', object: 'extranet', level: 3 }
    const inventory = siteWith('d-1', { ...claimed('conforms'), assessment: [before, next] })
    expect(claimsAt('conforms', { inventory, observations: [plainLogin()] })).toEqual([])
  })

  test('whatever is expired, silent, unknown or from the future never contradicts', () => {
    const doubtful = fc.oneof(
      fc.integer({ min: 2, max: 10_000 }).map((hours) => plainLogin({}, now - hours * hour)),
      fc.constant(plainLogin({ heard: false })),
      fc.integer({ min: 1, max: 10_000 }).map((hours) => plainLogin({}, now + hours * hour)),
      fc.constant(seen({ kind: 'http', status: 'unknown', cause: 'cancelled' })),
    )
    fc.assert(
      fc.property(
        fc.array(doubtful, { maxLength: 5 }),
        fc.constantFrom(...Object.keys(resultLabels)),
        (observations, result) => {
          const checks = claimsAt(result, { observations }).map(({ check }) => check)
          expect(checks).not.toContain('contradicted')
          expect(checks).not.toContain('consistent')
        },
      ),
      { numRuns: 50 },
    )
  })
})

describe('host evidence', () => {
  const remote = 'L3-CES1-03'
  const results = { [remote]: { result: 'conforms' } }
  const asset = { id: 'fw', assessment: 'a-3', name: '墙', kind: 'security-device', target: 'd-1', results }
  const claim = (hostEvidence: EvidenceInput['hostEvidence']) =>
    claimsAt('conforms', { inventory: siteWith('d-1', { asset: [asset] }), hostEvidence })
  const says = (verdict: 'supports' | 'contradicts', hoursAgo: number, target?: string) =>
    kept([{ items: [remote], verdict }], {
      collectedAt: new Date(now - hoursAgo * hour).toISOString(),
      ...(target !== undefined && { target }),
    })

  test('the newest of a machine counts, whatever comes first', () => {
    expect(claim([says('supports', 1), says('contradicts', 5)])).toMatchObject([{ check: 'consistent' }])
    expect(claim([says('supports', 5), says('contradicts', 1)])).toMatchObject([{ check: 'contradicted' }])
  })

  const look = (verdict: Verdict, hoursAgo: number, asRoot: boolean, more: Partial<HostEvidence> = {}) =>
    kept([{ items: [remote], verdict }], {
      collectedAt: new Date(now - hoursAgo * hour).toISOString(),
      asRoot,
      ...more,
    })
  const days = 24
  test.each([
    {
      what: 'what root saw is not hidden by who could not look',
      all: [look('cannot-tell', 1, false), look('contradicts', 5, true)],
      check: 'contradicted',
    },
    {
      what: 'nor by several of them',
      all: [look('cannot-tell', 1, false), look('cannot-tell', 3, false), look('supports', 5, true)],
      check: 'consistent',
    },
    {
      what: 'what anybody saw later counts',
      all: [look('supports', 1, false), look('contradicts', 5, true)],
      check: 'consistent',
    },
    {
      what: 'root that can no longer tell hides what it saw',
      all: [look('cannot-tell', 1, true), look('contradicts', 5, true)],
      check: 'unverifiable',
    },
    {
      what: 'and so does a later look of root for who could not look',
      all: [look('cannot-tell', 1, false), look('cannot-tell', 3, true), look('contradicts', 5, true)],
      check: 'unverifiable',
    },
    {
      what: 'an earlier look of somebody else is no look of root',
      all: [look('cannot-tell', 1, false), look('contradicts', 5, false)],
      check: 'unverifiable',
    },
    {
      what: 'what root saw expires',
      all: [look('cannot-tell', 1, false), look('contradicts', 31 * days, true)],
      check: 'unverifiable',
    },
    {
      what: 'two machines of one record: a fault of either',
      all: [
        look('supports', 1, true),
        look('contradicts', 5, true, {
          host: { ...kept([]).evidence.host, hostname: 'fw-2' },
        }),
      ],
      check: 'contradicted',
    },
  ])('$what', ({ all, check }) => {
    expect(claim(all)).toMatchObject([{ check }])
    expect(claim(all.toReversed())).toMatchObject([{ check }])
    expect(claim(decidingOf(all, now))).toMatchObject([{ check }])
  })

  test('of another record it says nothing', () => {
    expect(claim([says('contradicts', 1, 'd-2')])).toMatchObject([{ check: 'unverifiable' }])
  })

  test('from a time that has not come it says nothing, and later hides nothing older', () => {
    expect(claim([says('contradicts', -5), says('supports', 5)])).toMatchObject([{ check: 'consistent' }])
  })

  test('expires', () => {
    expect(claim([says('contradicts', 24 * 31)])).toMatchObject([{ check: 'stale' }])
  })
})

test('the management system stands for everything that its assessment looks at', () => {
  const records: Records = {
    device: [{ id: 'd-1', name: '墙', role: 'firewall', node: 'n-1', address: '192.0.2.1' }],
    node: [{ id: 'n-1', name: '甲', region: '410202', level: 'county', kind: 'department' }],
    assessment: [{ id: 'a-3', name: '测评', object: 'extranet', level: 3 }],
    asset: [
      { id: 'fw', assessment: 'a-3', name: '墙', kind: 'security-device', target: 'd-1' },
      { id: 'rules', assessment: 'a-3', name: '制度', kind: 'management' },
    ],
  }
  const drift = { tried: 2, open: [22, 80], unexpectedOpen: [80], expectedClosed: [], filtered: 0 }
  const observations = [seen({ kind: 'ports', facts: drift })]
  const all = [
    ...examine({ now, inventory: inventoryOf(records), observations, segmentations: [], hostEvidence: [] }),
  ]
  const found = all.flatMap(({ evidence }) => evidence).filter(({ asset }) => asset === 'rules')
  expect(found).toContainEqual(
    expect.objectContaining({ rule: 'ports.drift', item: 'L3-MMS1-28', says: 'contradicts' }),
  )
})

test('each kind of probe has a time for which it counts', () => {
  expect(kinds.map(({ kind }) => kind).filter((kind) => validSeconds[kind] === undefined)).toEqual([])
})

test('a rule reads facts of any shape without throwing', () => {
  const facts = fc.dictionary(
    fc.constantFrom(
      ...[
        'url',
        'status',
        'title',
        'cookies',
        'versions',
        'weakCiphers',
        'chain',
        'open',
        'tried',
        'plainHttp',
      ],
      ...['interfaces', 'listening', 'clock', 'memory', 'answers', 'varbinds', 'oid', 'folders', 'methods'],
      ...['listeningCount', 'cpuBusyRatio', 'sysUpTimeSeconds', 'sysDescr', 'weak', 'protocol', 'version'],
    ),
    fc.jsonValue(),
  )
  fc.assert(
    fc.property(fc.constantFrom(...kinds.map(({ kind }) => kind)), facts, (kind, planted) => {
      const input = { now, inventory: siteWith('d-1'), segmentations: [], hostEvidence: [] }
      const all = [...examine({ ...input, observations: [seen({ kind, facts: planted })] })]
      expect(all).toHaveLength(2)
    }),
    { numRuns: 200 },
  )
})
