import { expect, test } from 'vitest'
import { addDays, startOfDay } from '../../src/core/day.ts'
import {
  type DayOfLooks,
  type LookHours,
  probeDayOf,
  type SilentDay,
  silentDayOf,
  silentSinceAnswer,
} from '../../src/migration/days.ts'

const day = '2026-05-02'
const look = { job: 's/new/http@public', intervalSeconds: 60 }
const ratios = { ranRatio: 0.9, upRatio: 0.95 }

type Name = 'up' | 'down' | 'answered'
type Counts = Partial<Readonly<Record<Name, number>>>

/** Hours of a day from its begin; `counts` says what each came to. */
const hours = (counts: (hour: number) => Counts, count = 24): LookHours => {
  const all = Array.from({ length: count }, (_, hour) => counts(hour))
  const of = (name: Name): readonly number[] => all.map((each) => each[name] ?? 0)
  return { from: 0, to: count, up: of('up'), down: of('down'), answered: of('answered') }
}

const dayOf = (looks: Readonly<Record<string, LookHours>>, lengthMs = 86_400_000): DayOfLooks => ({
  day,
  lengthMs,
  of: (job) => looks[job],
})

const all = (): Counts => ({ up: 60 })

test.each<[string, LookHours | undefined, object]>([
  ['a whole day up', hours(all), { scheduled: 1440, ran: 1440, up: 1440, counts: true }],
  ['nothing at all', undefined, { ran: 0, counts: false, short: [look.job], failing: [] }],
  ['exactly nine tenths ran', hours(() => ({ up: 54 })), { ran: 1296, counts: true }],
  ['a look less than nine tenths', hours((at) => ({ up: at === 0 ? 53 : 54 })), { ran: 1295, counts: false }],
  ['exactly 95 % up', hours(() => ({ up: 57, down: 3 })), { ran: 1440, up: 1368, counts: true }],
  [
    'a look less than 95 % up',
    hours((at) => (at === 0 ? { up: 56, down: 4 } : { up: 57, down: 3 })),
    { counts: false, short: [], failing: [look.job] },
  ],
  ['looks that ended unknown did not run', hours(() => ({ up: 50 })), { ran: 1200, counts: false }],
  [
    'two agents in half of the hours do not make a day',
    hours(() => ({ up: 120 }), 12),
    { ran: 720, counts: false },
  ],
  ['two agents all day do', hours(() => ({ up: 120 })), { ran: 1440, up: 1440, counts: true }],
])('a probe-day: %s', (_, of, expected) => {
  const looked = of === undefined ? {} : { [look.job]: of }
  expect(probeDayOf([look], dayOf(looked), ratios)).toMatchObject({ day, ...expected })
})

test.each([
  ['2026-03-08', 23],
  ['2026-11-01', 25],
])('%s has %d hours in New York, and as many are scheduled', (on, length) => {
  const [start, end] = [on, addDays(on, 1)].map((each) => startOfDay('America/New_York', each))
  const hourly = { ...look, intervalSeconds: 3600 }
  const looked = dayOf({ [look.job]: hours(() => ({ up: 1 }), length) }, Number(end) - Number(start))
  expect(probeDayOf([hourly], looked, ratios)).toMatchObject({ scheduled: length, ran: length, counts: true })
})

test('each look must do by itself: twenty that are up do not cover one that is down', () => {
  const looks = Array.from({ length: 20 }, (_, index) => ({ job: `up-${index}`, intervalSeconds: 3600 }))
  const dead = { job: 'dead', intervalSeconds: 3600 }
  const looked = dayOf({
    ...Object.fromEntries(looks.map(({ job }) => [job, hours(() => ({ up: 1 }))])),
    dead: hours(() => ({ down: 1 })),
  })
  expect(probeDayOf([...looks, dead], looked, ratios)).toMatchObject({
    counts: false,
    failing: ['dead'],
    short: [],
  })
})

test('no look, no probe-day', () => {
  expect(probeDayOf([], dayOf({ [look.job]: hours(all) }), ratios).counts).toBe(false)
})

const always = (): boolean => true
const never = (): boolean => false
const quiet = (): Counts => ({ down: 60 })

test.each<[string, LookHours | undefined, (hour: number) => boolean, Partial<SilentDay>]>([
  ['silence under control', hours(quiet), always, { standing: 'silent', uncontrolled: 0 }],
  [
    'one answer among it',
    hours((at) => (at === 7 ? { up: 1, down: 59 } : { down: 60 })),
    always,
    { standing: 'answered' },
  ],
  [
    'a failure that answers',
    hours((at) => ({ down: 60, answered: at === 9 ? 1 : 0 })),
    always,
    { standing: 'answered' },
  ],
  ['no control', hours(quiet), never, { standing: 'unknown', uncontrolled: 1440 }],
  [
    'a control that was gone for three hours',
    hours(quiet),
    (hour) => hour >= 3,
    { standing: 'unknown', uncontrolled: 180 },
  ],
  ['a control that was gone for two', hours(quiet), (hour) => hour >= 2, { standing: 'silent' }],
  ['an answer needs no control', hours(() => ({ up: 1 })), never, { standing: 'answered' }],
  ['looks that could not be made', hours(() => ({})), always, { standing: 'unknown' }],
  ['nothing', undefined, always, { standing: 'unknown', unknown: [look.job] }],
])('a silent day: %s', (_, of, isControlled, expected) => {
  const looked = of === undefined ? {} : { [look.job]: of }
  expect(silentDayOf([look], dayOf(looked), isControlled, ratios)).toMatchObject({ day, ...expected })
})

test('every port must be silent', () => {
  const other = { job: 'other', intervalSeconds: 60 }
  const both = dayOf({
    [look.job]: hours(quiet),
    other: hours((at) => ({ down: 60, answered: at === 3 ? 1 : 0 })),
  })
  expect(silentDayOf([look, other], both, always, ratios)).toMatchObject({
    standing: 'answered',
    answered: ['other'],
    unknown: [],
  })
  const half = dayOf({ [look.job]: hours(quiet) })
  expect(silentDayOf([look, other], half, always, ratios)).toMatchObject({
    standing: 'unknown',
    unknown: ['other'],
  })
  expect(silentDayOf([], both, always, ratios)).toMatchObject({ standing: 'unknown' })
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
