import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openHistory, readHistory } from '../../src/collector/history.ts'
import type { Delivery, ResultStore, SequencedObservation } from '../../src/collector/history/port.ts'
import { hourMs } from '../../src/collector/history/rollup.ts'
import type { Observation } from '../../src/core/observation.ts'
import { down, job, observation, temporaryFolder, temporaryHistory } from './support.ts'

const hour = Date.parse('2026-11-23T08:00:00Z')
const ping = job('n')
const key = { target: 'n', kind: 'icmp', vantage: 'public' } as const
const always = { from: 0, to: hour * 2 }

const row = (sequence: number, more: Partial<Observation> = {}): SequencedObservation => ({
  sequence,
  observation: observation(ping, { observedAt: hour + sequence * 1000, ...more }),
})

const delivery = (rows: readonly SequencedObservation[], more: Partial<Delivery> = {}): Delivery => {
  const sequences = rows.map(({ sequence }) => sequence)
  const range = { first: Math.min(...sequences), last: Math.max(...sequences) }
  return { agent: 'a', stream: 's', ...range, rows, receivedAt: hour, ...more }
}

const times = async (history: ResultStore): Promise<readonly number[]> =>
  (await Array.fromAsync(history.range(key, always))).map(({ observedAt }) => (observedAt - hour) / 1000)

describe('acknowledging', () => {
  test('what was stored, once, however often it is sent', async () => {
    await using history = temporaryHistory()
    expect(await history.append(delivery([row(1), row(2)]))).toEqual({
      acknowledged: 2,
      stored: 2,
      duplicates: 0,
    })
    expect(await history.append(delivery([row(1), row(2)]))).toEqual({
      acknowledged: 2,
      stored: 0,
      duplicates: 2,
    })
    expect(await history.append(delivery([row(2), row(3)]))).toEqual({
      acknowledged: 3,
      stored: 1,
      duplicates: 1,
    })
    expect(await times(history)).toEqual([1, 2, 3])
  })
  test('a batch that overtook another loses nothing', async () => {
    await using history = temporaryHistory()
    expect((await history.append(delivery([row(3), row(4)]))).acknowledged).toBe(4)
    expect(await history.append(delivery([row(1), row(2)]))).toMatchObject({ acknowledged: 4, stored: 2 })
    expect(await times(history)).toEqual([1, 2, 3, 4])
  })
  test('an empty batch says how far we are', async () => {
    await using history = temporaryHistory()
    const empty = delivery([], { first: 1, last: 0 })
    expect((await history.append(empty)).acknowledged).toBe(0)
    await history.append(delivery([row(1)]))
    expect((await history.append(delivery([], { first: 2, last: 1 }))).acknowledged).toBe(1)
  })
  test('what was refused is acknowledged too', async () => {
    await using history = temporaryHistory()
    expect(await history.append(delivery([row(2)], { first: 1, last: 3 }))).toMatchObject({
      acknowledged: 3,
      stored: 1,
    })
  })
  test('a new stream of the same agent begins anew; the same look is not stored twice all the same', async () => {
    await using history = temporaryHistory()
    await history.append(delivery([row(1)]))
    const again = delivery([row(1), row(2)], { stream: 't' })
    expect(await history.append(again)).toEqual({ acknowledged: 2, stored: 1, duplicates: 1 })
    expect(await times(history)).toEqual([1, 2])
  })
  test('deliveries that come together share one commit', async () => {
    await using history = temporaryHistory()
    await Promise.all([1, 2, 3].map((at) => history.append(delivery([row(at)], { agent: `a${String(at)}` }))))
    expect(history.figures()).toMatchObject({ commits: 1, deliveries: 3, stored: 3 })
  })
})

describe('what is latest', () => {
  test('is replaced by what is newer, never by what is late', async () => {
    await using history = temporaryHistory()
    await history.append(delivery([row(5)]))
    await history.append(delivery([row(6, { observedAt: hour - hourMs, ...down })]))
    expect(history.latest(key)?.observation).toMatchObject({ status: 'up', observedAt: hour + 5000 })
  })
  test('knows since when', async () => {
    await using history = temporaryHistory()
    await history.append(delivery([row(1), row(2, down), row(3, down)]))
    expect(history.latest(key)).toMatchObject({
      since: hour + 2000,
      observation: { observedAt: hour + 3000 },
    })
  })
  test('is kept for each agent', async () => {
    await using history = temporaryHistory()
    await history.append(delivery([row(1)]))
    await history.append(delivery([row(2, down)], { agent: 'b' }))
    expect(
      history
        .sightings()
        .get(ping.id)
        ?.map(({ agent }) => agent),
    ).toEqual(['a', 'b'])
    expect(history.latest(key)?.agent).toBe('b')
  })
  test('is there again after a restart, with facts, and so is when the agent was heard', async () => {
    using folder = temporaryFolder()
    const file = path.join(folder.path, 'deep', 'history.sqlite')
    {
      await using history = openHistory(file)
      await history.append(delivery([row(1, { ...down, facts: { lossRatio: 1 } })]))
    }
    await using history = openHistory(file)
    expect(history.latest(key)?.observation).toEqual(
      observation(ping, { ...down, observedAt: hour + 1000, facts: { lossRatio: 1 } }),
    )
    expect(history.heard()).toEqual(new Map([['a', hour]]))
    expect((await history.append(delivery([row(1)]))).duplicates).toBe(1)
  })
  test('of a key that was never seen is absent', async () => {
    await using history = temporaryHistory()
    expect(history.latest(key)).toBeUndefined()
  })
})

describe('history', () => {
  test('what arrives late corrects its own hour', async () => {
    await using history = temporaryHistory()
    await history.append(delivery([row(1), row(2, down)]))
    await history.append(
      delivery([{ ...row(3, { observedAt: hour - 1 }), lossRatio: 0.5, rttSeconds: 0.03 }]),
    )
    const rollups = await Array.fromAsync(history.rollups(always))
    expect(rollups).toMatchObject([
      { hour: hour - hourMs, up: 1, down: 0, lossSum: 0.5, lossCount: 1, target: 'n', job: ping.id },
      { hour, up: 1, down: 1, unknown: 0, secondsSum: 0.01, lossCount: 0 },
    ])
    expect(rollups.map(({ histogram }) => histogram.indexOf(1))).toEqual([5, 3])
    expect(await Array.fromAsync(history.rollups(always, 'other'))).toEqual([])
  })
  test('a range is half open, over days, oldest first, with causes', async () => {
    await using history = temporaryHistory()
    const day = 24 * hourMs
    const at = (sequence: number, observedAt: number) => row(sequence, { ...down, observedAt })
    await history.append(delivery([at(1, hour + day), at(2, hour), at(3, hour - 3 * day), at(4, hour + 1)]))
    const results = await Array.fromAsync(history.range(key, { from: hour - 3 * day, to: hour + day }))
    expect(results.map(({ observedAt }) => observedAt)).toEqual([hour - 3 * day, hour, hour + 1])
    expect(results[0]).toEqual({
      job: ping.id,
      agent: 'a',
      observedAt: hour - 3 * day,
      status: 'down',
      cause: 'timeout',
      seconds: 0.01,
    })
  })
  test('another process may read it meanwhile', async () => {
    await using history = temporaryHistory()
    await history.append(delivery([row(1)]))
    await using reader = readHistory(history.file)
    expect(await times(reader)).toEqual([1])
    await expect(reader.append(delivery([row(2)]))).rejects.toThrow('reading')
  })
  test('pruning is bounded, and takes only what is old', async () => {
    await using history = temporaryHistory()
    const day = 24 * hourMs
    const old = Array.from({ length: 6000 }, (_, at) => row(at + 1, { observedAt: hour - 9 * day + at }))
    await history.append(delivery(old))
    await history.append(delivery([row(6001, { observedAt: hour })]))
    const before = { results: hour - day, rollups: hour - day }
    // Results, an hour, and the end of a day.
    expect(await history.prune(before)).toBe(5000 + 1 + 1)
    expect(await history.prune(before)).toBe(1000)
    expect(await history.prune(before)).toBe(0)
    expect(await times(history)).toEqual([0])
    expect(await Array.fromAsync(history.rollups(always))).toHaveLength(1)
  })
})

describe('a file that cannot be used', () => {
  const opening = (prepare: (file: string) => void): (() => void) => {
    return () => {
      using folder = temporaryFolder()
      const file = path.join(folder.path, 'history.sqlite')
      prepare(file)
      openHistory(file)
    }
  }
  test.each<[string, string, (file: string) => void]>([
    ['no database at all', 'STORE_BROKEN', (file) => writeFileSync(file, 'not a database '.repeat(100))],
    ['a database whose pages are broken', 'STORE_BROKEN', (file) => writeFileSync(file, brokenPages())],
    [
      'a newer schema',
      'STORE_NEWER',
      (file) => {
        using database = new DatabaseSync(file)
        database.exec('PRAGMA user_version = 99')
      },
    ],
    ['a folder', 'FILE_UNREADABLE', (file) => void openHistory(path.join(file, 'is-a-folder', 'x'))],
  ])('%s: %s', (name, code, prepare) => {
    if (name === 'a folder') {
      using folder = temporaryFolder()
      expect(() => openHistory(folder.path)).toThrow(expect.objectContaining({ code }) as Error)
    } else expect(opening(prepare)).toThrow(expect.objectContaining({ code }) as Error)
  })
  test('another process that holds the file: STORE_LOCKED, and it goes on afterwards', async () => {
    await using history = temporaryHistory()
    const other = new DatabaseSync(history.file)
    other.exec('BEGIN IMMEDIATE')
    await expect(history.append(delivery([row(1)]))).rejects.toMatchObject({ code: 'STORE_LOCKED' })
    other.exec('ROLLBACK')
    other.close()
    expect(await history.append(delivery([row(1)]))).toMatchObject({ stored: 1 })
  })
})

/** A SQLite header that promises pages which are not there. */
const brokenPages = (): Buffer => {
  using folder = temporaryFolder()
  const file = path.join(folder.path, 'x.sqlite')
  using database = new DatabaseSync(file)
  database.exec('CREATE TABLE t (a); PRAGMA user_version = 1')
  const whole = database.serialize()
  return Buffer.from(whole).fill(0xff, 100)
}

const anyDeliveries = fc.array(
  fc.record({
    agent: fc.constantFrom('a', 'b'),
    stream: fc.constantFrom('s', 't'),
    first: fc.integer({ min: 1, max: 30 }),
    length: fc.integer({ min: 0, max: 8 }),
  }),
  { maxLength: 25 },
)

test('whatever is sent, resent and overtaken: each look is stored exactly once and counted once', async () => {
  await fc.assert(
    fc.asyncProperty(anyDeliveries, fc.boolean(), async (sent, together) => {
      await using history = temporaryHistory()
      // What sequence n of a stream is does not change: a spool is written once.
      const looked = (agent: string, stream: string, sequence: number): SequencedObservation =>
        row(sequence, {
          observedAt: hour + sequence * 1000 + (stream === 't' ? 1 : 0),
          seconds: agent === 'a' ? 1 : 2,
        })
      const deliveries = sent.map(({ agent, stream, first, length }) =>
        delivery(
          Array.from({ length }, (_, at) => looked(agent, stream, first + at)),
          { agent, stream, first, last: first + length - 1 },
        ),
      )
      if (together) await Promise.all(deliveries.map((each) => history.append(each)))
      else for (const each of deliveries) await history.append(each)
      const wanted = new Set(
        deliveries.flatMap(({ agent, rows }) =>
          rows.map((each) => `${agent} ${String(each.observation.observedAt)}`),
        ),
      )
      const results = await Array.fromAsync(history.range(key, always))
      expect(results.map(({ agent, observedAt }) => `${agent} ${String(observedAt)}`).sort()).toEqual(
        [...wanted].sort(),
      )
      const counted = (await Array.fromAsync(history.rollups(always))).reduce((sum, { up }) => sum + up, 0)
      expect(counted).toBe(wanted.size)
      expect(history.figures().stored).toBe(wanted.size)
      expect(history.latest(key)?.observation.observedAt).toBe(
        results.length === 0 ? undefined : Math.max(...results.map(({ observedAt }) => observedAt)),
      )
    }),
    { numRuns: 25 },
  )
})

test('streams are told apart by their id', async () => {
  await using history = temporaryHistory()
  const streams = [randomUUID(), randomUUID()]
  for (const [at, stream] of streams.entries())
    expect(await history.append(delivery([row(1, { observedAt: hour + at })], { stream }))).toMatchObject({
      stored: 1,
    })
})
