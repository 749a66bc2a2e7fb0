import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  asideLabels,
  type MigrationState,
  path,
  placeOf,
  stateLabels,
} from '../../inventory/migration/index.ts'
import { collections, type InputOf } from '../../inventory/model.ts'
import { addDays } from '../../src/core/day.ts'
import type { ProbeDay, Silence, SilentDay } from '../../src/migration/days.ts'
import {
  type Evidence,
  type Gate,
  gateLabels,
  missingFor,
  missingLabels,
  missingText,
  nextOnPath,
  noEvidence,
} from '../../src/migration/gates.ts'
import { latinWords } from '../support/latin.ts'

const settings = { probeDays: 30, silentDays: 7 }
const sha256 = 'a'.repeat(64)
const document = (kind: 'filing' | 'three-party') => ({ kind, name: '文件', date: '2026-05-01', sha256 })

const record = (more: Partial<InputOf<'migration'>>) =>
  collections.migration.parse({
    id: 's-1',
    oldEndpoints: ['http://192.0.2.1/'],
    newEndpoints: ['http://198.51.100.1/'],
    reason: '因为',
    basis: '依据',
    ...more,
  })

const probed = (counts: boolean): ProbeDay => ({
  day: '2026-05-01',
  scheduled: 1440,
  ran: 1000,
  up: 1000,
  counts,
  short: counts ? [] : ['s-1/new/http@public'],
  failing: [],
})

const silences = (...standings: readonly Silence[]): Evidence => ({
  probeDays: [],
  silentDays: standings.map((standing, index): SilentDay => ({
    day: addDays('2026-07-01', index),
    standing,
    answered: standing === 'answered' ? ['s-1/old/tcp/192.0.2.1:80@public'] : [],
    unknown: standing === 'unknown' ? ['s-1/old/tcp/192.0.2.1:80@public'] : [],
    uncontrolled: standing === 'unknown' ? 1440 : 0,
  })),
})
const days = (count: number, counts = true) => Array.from({ length: count }, () => probed(counts))
const week = Array<Silence>(7).fill('silent')

interface Case {
  readonly record: Partial<InputOf<'migration'>>
  readonly to: MigrationState
  readonly evidence?: Evidence
  readonly day?: string
  readonly gates: readonly Gate[]
  readonly says?: RegExp
}

const wave = collections.wave.parse({
  id: 'w1',
  name: '第一批',
  startsOn: '2026-05-01',
  endsOn: '2026-06-30',
  capacity: 5,
  freezes: [{ from: '2026-05-10', to: '2026-05-12', why: '重要保障' }],
})

test.each<[string, Case]>([
  ['filing', { record: { state: 'planned' }, to: 'provisioned', gates: ['filing'], says: /定级备案证明/u }],
  ['filed', { record: { state: 'planned', documents: [document('filing')] }, to: 'provisioned', gates: [] }],
  [
    'another document',
    {
      record: { state: 'planned', documents: [document('three-party')] },
      to: 'provisioned',
      gates: ['filing'],
    },
  ],
  [
    'the form',
    { record: { state: 'deploying' }, to: 'trial', gates: ['three-party'], says: /三方启动测试确认单/u },
  ],
  [
    'signed',
    { record: { state: 'deploying', documents: [document('three-party')] }, to: 'trial', gates: [] },
  ],
  [
    'no probe-days',
    {
      record: { state: 'cutover' },
      to: 'accepted',
      gates: ['probe-days'],
      says: /expected 30 probe-days in trial, got 0 of 0 days/u,
    },
  ],
  [
    '29 probe-days',
    {
      record: { state: 'cutover' },
      to: 'accepted',
      evidence: { probeDays: [...days(29), ...days(3, false)], silentDays: [] },
      gates: ['probe-days'],
      says: /got 29 of 32 days; 2026-05-01 does not count \(1000 of 1440 looks ran, 1000 up: too few looks of s-1\/new/u,
    },
  ],
  [
    '30 probe-days',
    {
      record: { state: 'cutover' },
      to: 'accepted',
      evidence: { probeDays: days(30), silentDays: [] },
      gates: [],
    },
  ],
  [
    'no new endpoint',
    {
      record: { state: 'cutover', newEndpoints: [] },
      to: 'accepted',
      evidence: { probeDays: days(30), silentDays: [] },
      gates: ['probe-days'],
    },
  ],
  [
    'old never looked at',
    { record: { state: 'accepted' }, to: 'decommissioned', gates: ['old-silent'], says: /got 0 of 0 days/u },
  ],
  [
    'old silent',
    { record: { state: 'accepted' }, to: 'decommissioned', evidence: silences(...week), gates: [] },
  ],
  [
    'old silent for six days',
    {
      record: { state: 'accepted' },
      to: 'decommissioned',
      evidence: silences('answered', ...week.slice(1)),
      gates: ['old-silent'],
    },
  ],
  [
    'old answers again',
    {
      record: { state: 'accepted' },
      to: 'decommissioned',
      evidence: silences(...week, 'answered'),
      gates: ['old-silent', 'old-silent'],
      says: /got answers on 2026-07-08: s-1\/old\/tcp\/192\.0\.2\.1:80@public/u,
    },
  ],
  [
    'control gone on the newest day',
    {
      record: { state: 'accepted' },
      to: 'decommissioned',
      evidence: silences(...week, 'unknown'),
      gates: ['old-silent'],
      says: /1440 looks met silence while no control answered/u,
    },
  ],
  [
    'a week with an unknown day amid',
    {
      record: { state: 'accepted' },
      to: 'decommissioned',
      evidence: silences('silent', 'unknown', ...week.slice(1)),
      gates: [],
    },
  ],
  [
    'old by name',
    {
      record: { state: 'accepted', oldEndpoints: ['http://oa.example.gov.cn/'] },
      to: 'decommissioned',
      evidence: silences(...week),
      gates: ['old-silent'],
      says: /a name moves along/u,
    },
  ],
  [
    'no old endpoint',
    {
      record: { state: 'accepted', oldEndpoints: [] },
      to: 'decommissioned',
      evidence: silences(...week),
      gates: ['old-silent'],
    },
  ],
  [
    'frozen',
    { record: { state: 'trial' }, to: 'cutover', day: '2026-05-12', gates: ['freeze'], says: /重要保障/u },
  ],
  ['thawed', { record: { state: 'trial' }, to: 'cutover', day: '2026-05-13', gates: [] }],
  [
    'a jump shows every gate in between',
    { record: { state: 'planned' }, to: 'accepted', gates: ['order', 'filing', 'three-party', 'probe-days'] },
  ],
  ['back on the way, no gate again', { record: { state: 'trial' }, to: 'planned', gates: [] }],
  ['rolled back before work began', { record: { state: 'planned' }, to: 'rolled_back', gates: ['order'] }],
  ['blocked', { record: { state: 'planned' }, to: 'blocked', gates: [] }],
  ['over is over', { record: { state: 'decommissioned' }, to: 'exempt', gates: ['order'] }],
])('%s', (_, { record: more, to, evidence = noEvidence, day = '2026-07-20', gates, says }) => {
  const missing = missingFor({ record: record(more), to, evidence, wave, day, settings })
  expect(missing.map(({ gate }) => gate)).toEqual(gates)
  if (says !== undefined) expect(missing.map(({ message }) => message).join('\n')).toMatch(says)
})

const move = (from: MigrationState, to: MigrationState) => ({
  at: '2026-05-01T00:00:00Z',
  by: '王工',
  from,
  to,
  reason: '因为',
})

test.each<[MigrationState, MigrationState, MigrationState, boolean]>([
  ['trial', 'blocked', 'trial', true],
  ['trial', 'blocked', 'planned', true],
  ['trial', 'blocked', 'cutover', false],
  ['trial', 'rolled_back', 'trial', false],
  ['trial', 'rolled_back', 'deploying', true],
  ['planned', 'deferred', 'planned', true],
  ['planned', 'exempt', 'provisioned', false],
])('from %s by way of %s to %s: %s', (first, aside, to, allowed) => {
  const stood = record({ state: aside, moves: [move(first, aside)] })
  const missing = missingFor({ record: stood, to, evidence: noEvidence, day: '2026-07-20', settings })
  expect(missing.every(({ gate }) => gate !== 'order')).toBe(allowed)
})

test('only the next state of the way is in order, and every one before', () => {
  const states = Object.keys(stateLabels) as MigrationState[]
  fc.assert(
    fc.property(fc.constantFrom(...path), fc.constantFrom(...states), (from, to) => {
      const missing = missingFor({
        record: record({ state: from }),
        to,
        evidence: noEvidence,
        day: '2026-07-20',
        settings,
      })
      if (to in asideLabels) return
      expect(missing.some(({ gate }) => gate === 'order')).toBe(placeOf(to) > placeOf(from) + 1)
    }),
  )
  expect(nextOnPath({ state: 'trial' })).toBe('cutover')
  expect(nextOnPath({ state: 'decommissioned' })).toBeUndefined()
  expect(nextOnPath({ state: 'blocked' })).toBeUndefined()
})

test('what was missing is told to officials by its gate, in Chinese', () => {
  const texts = (Object.keys(gateLabels) as Gate[]).map((gate) =>
    missingText({ gate, message: 'expected …' }),
  )
  const labels = missingLabels([...texts, ...texts])
  expect(labels).toEqual(Object.values(gateLabels))
  expect(labels.flatMap(latinWords)).toEqual([])
  expect(missingLabels(['toString: …'])).toEqual(['其他条件'])
})
