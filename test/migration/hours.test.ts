import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createHoursReader } from '../../src/collector/history/hours.ts'
import { parcelOf } from '../../src/collector/history/parcel.ts'
import { openForReading, openForWriting } from '../../src/collector/history/schema.ts'
import { writerOf } from '../../src/collector/history/writer.ts'
import { atOnce } from '../../src/collector/slices.ts'
import { addDays, type Day, startOfDay } from '../../src/core/day.ts'
import type { Observation } from '../../src/core/observation.ts'
import type { DayRatios } from '../../src/migration/days.ts'
import { answerDays, type Questions } from '../../src/service/migration-days.ts'
import { down, job, observation, temporaryFolder } from '../collector/support.ts'
import { probeDaysOf, readControlHours, readHours, silentDaysOf } from './one-by-one.ts'

/** All systems at once come to what each by itself came to, whatever the history holds. */

const hourMs = 3_600_000
const first = '2026-05-01'
const days: readonly Day[] = [first, addDays(first, 1), addDays(first, 2)]
const begin = Date.parse(`${first}T00:00:00Z`) - 16 * hourMs
const ratios: DayRatios = { ranRatio: 0.5, upRatio: 0.6 }

const targets = ['s-1/old', 's-1/new', 's-2/old', 's-2/new', 'n-1', 'n-2'] as const
const kinds = ['icmp', 'tcp', 'host'] as const
const places = targets.flatMap((target) =>
  kinds.flatMap((kind) =>
    (['public', 'internet'] as const).map((vantage) => ({
      target,
      kind,
      vantage,
      id: `${target}/${kind}@${vantage}`,
    })),
  ),
)

const anyLook = fc.record({
  place: fc.constantFrom(...places),
  agent: fc.constantFrom('a', 'b'),
  /** Minutes from the begin: a little before and after the days in each zone. */
  at: fc.integer({ min: 0, max: 5 * 24 * 60 }),
  status: fc.constantFrom<Observation['status'][]>('up', 'up', 'down', 'down', 'unknown'),
  cause: fc.constantFrom<NonNullable<Observation['cause']>[]>(
    'timeout',
    'refused',
    'tls',
    'protocol',
    'assertion',
  ),
})

type Look = typeof anyLook extends fc.Arbitrary<infer Value> ? Value : never

const observationOf = ({ place, at, status, cause }: Look): Observation => {
  const planned = { ...job(place.target), id: place.id, kind: place.kind, vantage: place.vantage }
  const observedAt = begin + at * 60_000
  if (status === 'down') return observation(planned, { ...down, cause, observedAt })
  return observation(planned, {
    observedAt,
    status,
    ...(status === 'unknown' && { cause: 'permission', detail: 'not allowed' }),
  })
}

const deliver = (database: DatabaseSync, agent: string, observations: readonly Observation[]): void => {
  const rows = observations.map((each, index) => ({ sequence: index + 1, observation: each }))
  const delivery = { agent, stream: randomUUID(), first: 1, last: rows.length, rows, receivedAt: begin }
  writerOf(database).write([parcelOf(delivery)])
}

const write = (database: DatabaseSync, looks: readonly Look[]): void => {
  for (const [agent, own] of Map.groupBy(looks, (look) => look.agent))
    deliver(database, agent, own.map(observationOf))
}

const inMemory = ':memory:'

/** Numbers of jobs that lie so far apart that they are in several blocks. */
const spread = (database: DatabaseSync): void => {
  const add = database.prepare('INSERT INTO job (id, name, target, kind, vantage) VALUES (?, ?, ?, ?, ?)')
  for (const [index, { id, target, kind, vantage }] of places.entries())
    add.run(1 + index * 60, id, target, kind, vantage)
}

/** What comes, and how many times somebody folds then what was over by a moment. */
const anyRound = fc.record({
  looks: fc.array(anyLook, { maxLength: 60 }),
  folds: fc.integer({ min: 0, max: 15 }),
  /** Hours from the begin. */
  over: fc.integer({ min: 0, max: 6 * 24 }),
})

/** Looks of a round may be late: of hours that were folded in one before. */
const live = (
  database: DatabaseSync,
  rounds: readonly (typeof anyRound extends fc.Arbitrary<infer Value> ? Value : never)[],
): void => {
  for (const { looks, folds, over } of rounds) {
    write(database, looks)
    const writer = writerOf(database)
    for (let fold = 0; fold < folds; fold += 1) writer.fold(begin + over * hourMs)
  }
}

const anyQuestions = fc.record({
  zone: fc.constantFrom('Asia/Shanghai', 'UTC', 'Asia/Kolkata', 'America/New_York'),
  intervalSeconds: fc.constantFrom(60, 3600, 7200, 20_000),
  asked: fc.uniqueArray(fc.constantFrom(...days), { minLength: 1 }),
  control: fc.option(fc.constantFrom('n-1', 'n-2', 'nobody'), { nil: undefined }),
  vantage: fc.constantFrom('public' as const, 'internet' as const),
})

test('all at once is what one by one was, however much of it is folded', () => {
  fc.assert(
    fc.property(fc.array(anyRound, { maxLength: 4 }), anyQuestions, (rounds, asking) => {
      using database = openForWriting(inMemory)
      spread(database)
      live(database, rounds)
      const { zone, intervalSeconds, asked, control, vantage } = asking
      const own = asked.toSorted()
      const looksAt = (target: string) =>
        places
          .filter((place) => place.target === target && place.kind !== 'host' && place.vantage === vantage)
          .map(({ id }) => ({ job: id, intervalSeconds }))
      const systems = ['s-1', 's-2']
      const questions: Questions = {
        probed: systems.map((system) => ({ system, looks: looksAt(`${system}/new`), days: own })),
        silenced: systems.map((system) => ({
          system,
          looks: looksAt(`${system}/old`),
          days: own,
          control: { target: `${system}/old`, vantage, control },
        })),
      }
      const answers = atOnce(answerDays(createHoursReader(database), questions, { zone, ratios }))
      const window = {
        from: startOfDay(zone, own[0] ?? ''),
        to: startOfDay(zone, addDays(own.at(-1) ?? '', 1)),
      }
      for (const { system, looks: each } of questions.probed) {
        const hours = each.flatMap((look) => readHours(database, look.job, window))
        expect(answers.probeDays.get(system)).toEqual(probeDaysOf(each, hours, { zone, days: own }, ratios))
      }
      for (const { system, looks: each, control: about } of questions.silenced) {
        const hours = each.flatMap((look) => readHours(database, look.job, window))
        const controlled = readControlHours(database, about, window)
        expect(answers.silentDays.get(system)).toEqual(
          silentDaysOf(each, { hours, controlled }, { zone, days: own }, ratios),
        )
      }
    }),
    { numRuns: 200 },
  )
})

test('numbers of jobs that lie far apart are read as well', () => {
  using database = openForWriting(inMemory)
  const far = Array.from({ length: 200 }, (_, index) => job(`n-${index}`))
  deliver(
    database,
    'a',
    far.map((each, index) => observation(each, { observedAt: begin + index })),
  )
  const reader = createHoursReader(database)
  const jobs = reader.jobsNamed([far[0]?.id ?? '', far[150]?.id ?? '', 'never seen']).map(({ id }) => id)
  expect(jobs).toHaveLength(2)
  const hour = Math.floor(begin / hourMs) * hourMs
  const countsOf = atOnce(reader.read([...jobs, 9999], [hour - hourMs, hour]))
  expect(countsOf(9999)).toBeUndefined()
  for (const counts of jobs.map(countsOf)) {
    const { from = 0, to = 0, up, down: downs } = counts ?? {}
    expect([...(up ?? [])].slice(from, to)).toEqual([0, 1])
    expect([...(downs ?? [])].slice(from, to)).toEqual([0, 0])
  }
})

test('a history of version 1 is brought forward: answers of kept results are counted', () => {
  using folder = temporaryFolder()
  const file = path.join(folder.path, 'history.sqlite')
  const place = places[0]
  if (place === undefined) throw new Error('there are places')
  const look = { place, agent: 'a', status: 'down' } as const
  {
    using writing = openForWriting(file)
    write(writing, [
      { ...look, at: 0, cause: 'tls' },
      { ...look, at: 1, cause: 'timeout' },
      { ...look, at: 61, cause: 'protocol' },
      { ...look, at: 62, cause: 'assertion' },
    ])
  }
  const rows = (database: DatabaseSync) =>
    database.prepare('SELECT hour, down, answered FROM rollup ORDER BY hour').all()
  const before = (() => {
    using database = openForReading(file)
    return rows(database)
  })()
  expect(before).toMatchObject([
    { down: 2, answered: 1 },
    { down: 2, answered: 2 },
  ])
  {
    using old = new DatabaseSync(file)
    old.exec('ALTER TABLE rollup DROP COLUMN answered; DROP TABLE folded; DROP TABLE ending')
    old.exec('PRAGMA user_version = 1')
  }
  using database = openForReading(file)
  expect(rows(database)).toEqual(before)
})
