import { expect, test } from 'vitest'
import { startOfDay } from '../../src/core/day.ts'
import {
  type LookHour,
  probeDaysOf,
  type SilentDay,
  silentDaysOf,
  silentSinceAnswer,
} from '../../src/migration/days.ts'

const zone = 'Asia/Shanghai'
const day = '2026-05-02'
const hourMs = 3_600_000
const start = startOfDay(zone, day)
const look = { job: 's/new/http@public', intervalSeconds: 60 }
const ratios = { ranRatio: 0.9, upRatio: 0.95 }

type Counts = Partial<Omit<LookHour, 'job' | 'hour'>>

/** Hours of the day in Shanghai, from its begin; `counts` says what each came to. */
const hours = (counts: (hour: number) => Counts, count = 24, job = look.job): readonly LookHour[] =>
  Array.from({ length: count }, (_, hour) => {
    const { up = 0, down = 0, unknown = 0, answered = up } = counts(hour)
    return { job, hour: start + hour * hourMs, up, down, unknown, answered }
  })

const all = (): Counts => ({ up: 60 })

test.each<[string, readonly LookHour[], object]>([
  ['a whole day up', hours(all), { scheduled: 1440, ran: 1440, up: 1440, counts: true }],
  ['nothing at all', [], { ran: 0, counts: false, short: [look.job], failing: [] }],
  ['exactly nine tenths ran', hours(() => ({ up: 54 })), { ran: 1296, counts: true }],
  ['a look less than nine tenths', hours((at) => ({ up: at === 0 ? 53 : 54 })), { ran: 1295, counts: false }],
  ['exactly 95 % up', hours(() => ({ up: 57, down: 3 })), { ran: 1440, up: 1368, counts: true }],
  [
    'a look less than 95 % up',
    hours((at) => (at === 0 ? { up: 56, down: 4 } : { up: 57, down: 3 })),
    { counts: false, short: [], failing: [look.job] },
  ],
  [
    'looks that ended unknown did not run',
    hours(() => ({ up: 50, unknown: 10 })),
    { ran: 1200, counts: false },
  ],
  [
    'two agents in half of the hours do not make a day',
    hours(() => ({ up: 120 }), 12),
    { ran: 720, counts: false },
  ],
  ['two agents all day do', hours(() => ({ up: 120 })), { ran: 1440, up: 1440, counts: true }],
])('a probe-day: %s', (_, of, expected) => {
  expect(probeDaysOf([look], of, { zone, days: [day] }, ratios)).toEqual([
    expect.objectContaining({ day, ...expected }),
  ])
})

test('the day is that of the zone, not of UTC', () => {
  const shifted = hours(all).map((each) => ({ ...each, hour: each.hour + 8 * hourMs }))
  const [probed] = probeDaysOf([look], shifted, { zone, days: [day] }, ratios)
  expect(probed).toMatchObject({ ran: 960, counts: false })
  expect(probeDaysOf([look], shifted, { zone: 'UTC', days: [day] }, ratios)[0]?.counts).toBe(true)
})

test('each look must do by itself: twenty that are up do not cover one that is down', () => {
  const looks = Array.from({ length: 20 }, (_, index) => ({ job: `up-${index}`, intervalSeconds: 3600 }))
  const dead = { job: 'dead', intervalSeconds: 3600 }
  const of = [
    ...looks.flatMap(({ job }) => hours(() => ({ up: 1 }), 24, job)),
    ...hours(() => ({ down: 1 }), 24, dead.job),
  ]
  const [probed] = probeDaysOf([...looks, dead], of, { zone, days: [day] }, ratios)
  expect(probed).toMatchObject({ counts: false, failing: ['dead'], short: [] })
})

test('no look, no probe-day', () => {
  expect(probeDaysOf([], hours(all), { zone, days: [day] }, ratios)[0]?.counts).toBe(false)
})

const every = new Set(hours(all).map(({ hour }) => hour))
const quiet = (): Counts => ({ down: 60 })

test.each<[string, readonly LookHour[], ReadonlySet<number>, Partial<SilentDay>]>([
  ['silence under control', hours(quiet), every, { standing: 'silent', uncontrolled: 0 }],
  [
    'one answer among it',
    hours((at) => (at === 7 ? { up: 1, down: 59 } : { down: 60 })),
    every,
    { standing: 'answered' },
  ],
  [
    'a failure that answers',
    hours((at) => ({ down: 60, answered: at === 9 ? 1 : 0 })),
    every,
    { standing: 'answered' },
  ],
  ['no control', hours(quiet), new Set(), { standing: 'unknown', uncontrolled: 1440 }],
  [
    'a control that was gone for three hours',
    hours(quiet),
    new Set([...every].slice(3)),
    { standing: 'unknown', uncontrolled: 180 },
  ],
  ['a control that was gone for two', hours(quiet), new Set([...every].slice(2)), { standing: 'silent' }],
  ['an answer needs no control', hours(() => ({ up: 1 })), new Set(), { standing: 'answered' }],
  ['looks that could not be made', hours(() => ({ unknown: 60 })), every, { standing: 'unknown' }],
  ['nothing', [], every, { standing: 'unknown', unknown: [look.job] }],
])('a silent day: %s', (_, of, controlled, expected) => {
  expect(silentDaysOf([look], { hours: of, controlled }, { zone, days: [day] }, ratios)).toEqual([
    expect.objectContaining({ day, ...expected }),
  ])
})

test('every port must be silent', () => {
  const other = { job: 'other', intervalSeconds: 60 }
  const of = [...hours(quiet), ...hours((at) => ({ down: 60, answered: at === 3 ? 1 : 0 }), 24, 'other')]
  const days = silentDaysOf([look, other], { hours: of, controlled: every }, { zone, days: [day] }, ratios)
  expect(days).toMatchObject([{ standing: 'answered', answered: ['other'], unknown: [] }])
  const half = silentDaysOf(
    [look, other],
    { hours: hours(quiet), controlled: every },
    { zone, days: [day] },
    ratios,
  )
  expect(half).toMatchObject([{ standing: 'unknown', unknown: ['other'] }])
  expect(silentDaysOf([], { hours: of, controlled: every }, { zone, days: [day] }, ratios)).toMatchObject([
    { standing: 'unknown' },
  ])
})

test.each<[readonly SilentDay['standing'][], number]>([
  [[], 0],
  [['silent', 'silent', 'silent'], 3],
  [['silent', 'silent', 'answered', 'silent'], 1],
  [['answered', 'silent', 'silent', 'unknown', 'silent'], 3],
  [['silent', 'silent', 'answered'], 0],
  [['unknown', 'unknown'], 0],
])('silent days of %j since the last answer: %d', (standings, count) => {
  const days = standings.map((standing) => ({
    day,
    standing,
    answered: [],
    unknown: [],
    uncontrolled: 0,
  }))
  expect(silentSinceAnswer(days)).toBe(count)
})
