import { describe, expect, test } from 'vitest'
import { type Check, checksOf } from '../../src/collector/check.ts'
import type { Sighting } from '../../src/collector/history/port.ts'
import { withReversals } from '../../src/collector/reversal.ts'
import type { Observation } from '../../src/core/observation.ts'
import type { Job } from '../../src/plan/plan.ts'
import { down, job, observation } from './support.ts'

const now = Date.parse('2026-11-23T08:00:00Z')
const ago = (seconds: number): number => now - seconds * 1000

const forbidden = job('n', { vantage: 'internet', expect: 'unreachable' })
const withControl = { ...forbidden, control: 'c' }
const control = job('c', { vantage: 'internet' })
const controlToo = job('c', { vantage: 'internet', kind: 'tcp' })
const other = job('m', { vantage: 'internet' })
const elsewhere = job('c', { vantage: 'public' })

/** One job as an agent saw it: how, when it last looked, and since when it is so. */
type Seen = readonly [agent: string, job: Job, how: Partial<Observation>, looked?: number, since?: number]

const sighting = ([agent, of, how, looked = ago(10), since = ago(600)]: Seen): Sighting => ({
  agent,
  observation: observation(of, { ...how, observedAt: looked, seconds: 0.01 }),
  since,
})

const checkOf = (of: Job, seen: readonly Seen[], silent: readonly string[] = []): Check | undefined => {
  const sightings = Map.groupBy(
    seen.map((each) => sighting(each)),
    ({ observation: { job: id } }) => id,
  )
  const jobs = [of, control, controlToo, other, elsewhere]
  const input = { jobs, sightings, isHeard: (agent: string) => !silent.includes(agent), now }
  return withReversals(checksOf(input), input).find(({ job: { id } }) => id === of.id)
}

const wrong = { status: 'down', cause: 'tls' } as const
const blind = { status: 'unknown', cause: 'permission' } as const

describe('silence counts while a control answers the same agent', () => {
  test.each<[string, Job, readonly Seen[], 'up' | 'no-control']>([
    ['anything else that answers', forbidden, [['a', other, {}]], 'up'],
    ['something that answers wrongly', forbidden, [['a', other, wrong]], 'up'],
    ['nothing else is looked at', forbidden, [], 'no-control'],
    ['all else is silent', forbidden, [['a', other, down]], 'no-control'],
    ['all else could not be looked at', forbidden, [['a', other, blind]], 'no-control'],
    ['another agent is answered', forbidden, [['b', other, {}]], 'no-control'],
    ['the agent is answered at another vantage', forbidden, [['a', elsewhere, {}]], 'no-control'],
    ['the control answers', withControl, [['a', control, {}]], 'up'],
    [
      'one look at the control is answered',
      withControl,
      [
        ['a', control, down],
        ['a', controlToo, {}],
      ],
      'up',
    ],
    [
      'the control is silent, something else answers',
      withControl,
      [
        ['a', control, down],
        ['a', other, {}],
      ],
      'no-control',
    ],
    [
      'the control answers at another vantage only',
      withControl,
      [
        ['a', elsewhere, {}],
        ['a', other, {}],
      ],
      'no-control',
    ],
    ['the control answers another agent only', withControl, [['b', control, {}]], 'no-control'],
    ['the control was not looked at lately', forbidden, [['a', other, {}, ago(101)]], 'no-control'],
    ['the control came back after the look', forbidden, [['a', other, {}, ago(5), ago(9)]], 'no-control'],
    [
      'the control came back during the look',
      forbidden,
      [['a', other, {}, ago(5), ago(10.005)]],
      'no-control',
    ],
    ['the control came back before the look', forbidden, [['a', other, {}, ago(5), ago(11)]], 'up'],
    [
      'the control began to answer wrongly in an old run of failures',
      forbidden,
      [['a', other, wrong, ago(5)]],
      'no-control',
    ],
  ])('%s', (_, of, seen, expected) => {
    const late = seen.map(([agent, each, how, looked = ago(12), since = ago(600)]): Seen => {
      return [agent, each, how, looked, since]
    })
    const check = checkOf(of, [['a', of, down], ...late])
    expect(check?.answers).toBe(false)
    expect(check?.reason ?? check?.status).toBe(expected)
  })

  test('a control that is looked at once an hour is not lately for a look every 30 s', () => {
    const hourly = { ...other, intervalSeconds: 3600 }
    const sightings = Map.groupBy(
      [sighting(['a', forbidden, down]), sighting(['a', hourly, {}, ago(1800), ago(9000)])],
      ({ observation: { job: id } }) => id,
    )
    const input = { jobs: [forbidden, hourly], sightings, isHeard: () => true, now }
    expect(withReversals(checksOf(input), input)[0]).toMatchObject({
      status: 'unknown',
      reason: 'no-control',
    })
  })
})

describe('several agents', () => {
  test('an answer to one of them is enough, however old and wrong it is', () => {
    const check = checkOf(forbidden, [
      ['a', forbidden, down, ago(1)],
      ['b', forbidden, wrong, ago(80)],
      ['a', other, {}],
    ])
    expect(check).toMatchObject({
      status: 'down',
      answers: true,
      reason: 'assertion',
      sighting: { agent: 'b' },
    })
  })

  test.each([
    ['a', 'b'],
    ['b', 'a'],
  ])('silence that %s met counts, though %s has no control', (good, bad) => {
    const seen: readonly Seen[] = [
      ['a', forbidden, down, ago(10)],
      ['b', forbidden, down, ago(10)],
      [good, other, {}],
      [bad, other, down],
    ]
    expect(checkOf(forbidden, seen)).toMatchObject({ status: 'up', sighting: { agent: good } })
  })

  test('a silent agent’s control is none', () => {
    const seen: readonly Seen[] = [
      ['a', forbidden, down],
      ['a', other, {}],
    ]
    expect(checkOf(forbidden, seen, ['a'])).toMatchObject({ status: 'unknown', reason: 'agent-silent' })
  })
})

describe('since', () => {
  test.each<[string, readonly Seen[], number]>([
    ['as it should be: since the silence and the control', [['a', other, {}, ago(11), ago(60)]], ago(60)],
    ['the silence is younger', [['a', other, {}, ago(11), ago(900)]], ago(600)],
    ['unknown: since the control is silent', [['a', other, down, ago(11), ago(30)]], ago(30)],
    ['unknown for ever', [], ago(600)],
  ])('%s', (_, seen, since) => {
    expect(checkOf(forbidden, [['a', forbidden, down], ...seen])?.since).toBe(since)
  })
})

test('the detail says what the control is wanting', () => {
  const details = [
    checkOf(forbidden, [['a', forbidden, down]]),
    checkOf(withControl, [['a', withControl, down]]),
    checkOf({ ...forbidden, control: 'nobody' }, [['a', forbidden, down]]),
  ].map((check) => check?.detail)
  expect(details).toEqual([
    'nothing else answers this agent either, so that silence proves nothing',
    'its control c does not answer this agent either, so that silence proves nothing',
    'its control nobody was not looked at from internet: it needs a probe with that vantage',
  ])
})
