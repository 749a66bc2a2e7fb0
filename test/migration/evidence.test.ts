import { expect, test } from 'vitest'
import type { MigrationState } from '../../inventory/migration/index.ts'
import { collections } from '../../inventory/model.ts'
import { loadConfig } from '../../src/config/index.ts'
import { addDays, dayIn, startOfDay } from '../../src/core/day.ts'
import { missingFor } from '../../src/migration/gates.ts'
import { readMigrationEvidence } from '../../src/service/migration.ts'
import { temporaryFolder } from '../collector/support.ts'
import { emptyInventory } from '../inventory/exchange-support.ts'
import { type Seen, writeHistory } from './history.ts'

/** From a history that the real writer wrote, through the reader, to what the gates say. */

const zone = 'Asia/Shanghai'
const fresh = 's-1/new/http/http:127.0.0.1:8082@public'
const old = 's-1/old/tcp/127.0.0.1:8081@public'
const good: Seen = { job: fresh, days: ['2026-05-01', '2026-05-30'], status: 'up' }
const silence: Seen = { job: old, days: ['2026-06-02', '2026-06-08'], status: 'down', cause: 'refused' }
const watched: Seen = { job: 'n-1/icmp@public', days: ['2026-06-02', '2026-06-08'], status: 'up' }
const lastDay = ['2026-06-08', '2026-06-08'] as const

/** One hour of the last day, seen by another agent. */
const lastSilence: Seen = { ...silence, days: lastDay, hours: (hour) => hour === 5, agent: 'b' }

const steps: readonly (readonly [MigrationState, string])[] = [
  ['trial', '2026-04-30T10:00:00Z'],
  ['cutover', '2026-05-30T16:00:00Z'],
  ['accepted', '2026-06-01T10:00:00Z'],
]
const record = (more: object = {}) =>
  collections.migration.parse({
    id: 's-1',
    state: 'accepted',
    oldEndpoints: ['http://127.0.0.1:8081/'],
    newEndpoints: ['http://127.0.0.1:8082/'],
    moves: steps.map(([to, at], index) => ({
      at,
      by: '王工',
      from: steps[index - 1]?.[0] ?? 'deploying',
      to,
      reason: '因为',
    })),
    ...more,
  })

const endOf = (day: string): number => startOfDay(zone, addDays(day, 1)) - 1

/** Evidence and what is missing for the next state. */
const judged = async (seen: readonly Seen[], at: number, to: MigrationState, more: object = {}) => {
  using folder = temporaryFolder()
  if (seen.length > 0) await writeHistory(folder.path, seen)
  const loaded = loadConfig({ env: {}, dataFolder: folder.path })
  const every = { intervalSeconds: 3600 }
  const config = { ...loaded, probing: { ...loaded.probing, http: every, tcp: every } } as typeof loaded
  const own = record(more)
  const system = collections.system.parse({ id: 's-1', name: '办公', region: '410200', kind: 'application' })
  const inventory = {
    ...emptyInventory,
    system: new Map([['s-1', system]]),
    migration: new Map([['s-1', own]]),
  }
  const evidence = readMigrationEvidence(config, inventory, [own], at).get('s-1')!
  const state = to === 'accepted' ? 'cutover' : own.state
  const moves = to === 'accepted' ? own.moves.slice(0, 2) : own.moves
  const missing = missingFor({
    record: { ...own, state, moves },
    to,
    evidence,
    day: dayIn(zone, at),
    settings: config.migration,
  })
  return { evidence, text: missing.map(({ message }) => message).join('\n') }
}

test.each<[string, readonly Seen[], string]>([
  ['thirty days', [good], ''],
  ['no history at all', [], 'expected 30 probe-days in trial, got 0 of 0 days'],
  ['a day less', [{ ...good, days: ['2026-05-02', '2026-05-30'] }], 'got 29 of 29 days'],
  [
    'too few looks on one',
    [
      { ...good, days: ['2026-05-01', '2026-05-29'] },
      { ...good, days: ['2026-05-30', '2026-05-30'], hours: (hour) => hour > 2 },
    ],
    'got 29 of 30 days; 2026-05-30 does not count (21 of 24 looks ran, 21 up: too few looks of s-1/new',
  ],
  [
    'down too often on one',
    [
      { ...good, days: ['2026-05-01', '2026-05-29'] },
      { ...good, days: ['2026-05-30', '2026-05-30'], hours: (hour) => hour > 1 },
      {
        ...good,
        days: ['2026-05-30', '2026-05-30'],
        hours: (hour) => hour <= 1,
        status: 'down',
        cause: 'timeout',
      },
    ],
    'got 29 of 30 days; 2026-05-30 does not count (24 of 24 looks ran, 22 up: too seldom up: s-1/new',
  ],
  [
    'an agent that could not look',
    [
      { ...good, days: ['2026-05-01', '2026-05-29'] },
      { ...good, days: ['2026-05-30', '2026-05-30'], status: 'unknown', cause: 'resource' },
    ],
    'got 29 of 30 days; 2026-05-30 does not count (0 of 24 looks ran',
  ],
  ['another address', [{ ...good, job: 's-1/new/http/http:127.0.0.1:9999@public' }], 'got 0 of 30 days'],
  ['days after the trial', [{ ...good, days: ['2026-05-02', '2026-06-05'] }], 'got 29 of 29 days'],
])('accepted, with %s', async (_, seen, words) => {
  const { text } = await judged(seen, endOf('2026-06-01'), 'accepted')
  expect(text.includes(words)).toBe(true)
  expect(text === '').toBe(words === '')
})

interface Silenced {
  readonly seen: readonly Seen[]
  readonly more?: object
  readonly newest: string
  /** Empty: nothing is missing. */
  readonly words: string
}

test.each<[string, Silenced]>([
  ['a week of silence', { seen: [silence, watched], newest: 'silent', words: '' }],
  [
    'silence under the named control',
    { seen: [silence, watched], more: { control: 'n-1' }, newest: 'silent', words: '' },
  ],
  [
    'an answer on the last day',
    {
      seen: [silence, watched, { ...lastSilence, status: 'up' }],
      newest: 'answered',
      words:
        'expected the old place to be silent, got answers on 2026-06-08: s-1/old/tcp/127.0.0.1:8081@public',
    },
  ],
  [
    'a failure that answers',
    {
      seen: [silence, watched, { ...lastSilence, cause: 'protocol' }],
      newest: 'answered',
      words: 'got answers on 2026-06-08',
    },
  ],
  [
    'its control down on the last day',
    {
      seen: [
        silence,
        { ...watched, days: ['2026-06-02', '2026-06-07'] },
        { ...watched, days: lastDay, status: 'down', cause: 'timeout' },
      ],
      newest: 'unknown',
      words: '24 looks met silence while no control answered',
    },
  ],
  [
    'its control gone, something else there',
    {
      seen: [silence, { ...watched, job: 'n-2/icmp@public' }],
      more: { control: 'n-1' },
      newest: 'unknown',
      words: '24 looks met silence while no control answered',
    },
  ],
  [
    'its control seen from elsewhere',
    {
      seen: [silence, { ...watched, job: 'n-1/icmp@internet' }],
      more: { control: 'n-1' },
      newest: 'unknown',
      words: '24 looks met silence while no control answered',
    },
  ],
  [
    'nothing but itself and the agent’s own machine',
    {
      seen: [silence, { ...watched, job: 'n-1/host@public' }, { ...silence, agent: 'b' }],
      newest: 'unknown',
      words: '48 looks met silence while no control answered',
    },
  ],
  [
    'a second port that nobody looked at',
    {
      seen: [silence, watched],
      more: { oldEndpoints: ['http://127.0.0.1:8081/', 'tcp://127.0.0.1:1521'] },
      newest: 'unknown',
      words: 'too few looks of s-1/old/tcp/127.0.0.1:1521@public',
    },
  ],
  [
    'six days',
    {
      seen: [{ ...silence, days: ['2026-06-03', '2026-06-08'] }, watched],
      newest: 'silent',
      words: 'silent for 7 days, got 6 of',
    },
  ],
])('decommissioned, with %s', async (_, { seen, more = {}, newest, words }) => {
  const { evidence, text } = await judged([good, ...seen], endOf('2026-06-08'), 'decommissioned', more)
  expect(evidence.silentDays.at(-1)?.standing).toBe(newest)
  expect(text).toContain(words)
  expect(text === '').toBe(words === '')
})

test('today is no whole day until it is over', async () => {
  const lastAt = async (at: number) => {
    const { evidence } = await judged([good, silence, watched], at, 'decommissioned')
    return evidence.silentDays.at(-1)?.day
  }
  expect(await lastAt(endOf('2026-06-05'))).toBe('2026-06-05')
  expect(await lastAt(endOf('2026-06-05') - 1)).toBe('2026-06-04')
})
