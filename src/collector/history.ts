import type { DatabaseSync } from 'node:sqlite'
import { correspond } from './history/correspondence.ts'
import { historyFault } from './history/fault.ts'
import { type Committed, groupCommit } from './history/group-commit.ts'
import type { HistoryFigures, ResultStore, Sighting } from './history/port.ts'
import { readHeard, readRange, readRollups, readSightings, readSightingsOf } from './history/read.ts'
import { openForReading, openForWriting } from './history/schema.ts'
import { type Sightings, advance, createSightings } from './history/sightings.ts'

const noFigures: HistoryFigures = { commits: 0, commitSeconds: 0, stored: 0, duplicates: 0, deliveries: 0 }

interface Memory {
  readonly sightings: Sightings
  readonly heard: Map<string, number>
  figures: HistoryFigures
}

const load = (database: DatabaseSync): Memory => {
  const sightings = createSightings()
  for (const sighting of readSightings(database)) sightings.put(sighting)
  return { sightings, heard: new Map(readHeard(database)), figures: noFigures }
}

/** What was new advances the sightings, in the order in which it was written. */
const remember = ({ sightings, heard }: Memory, { delivery, applied }: Committed): void => {
  const { agent, rows, receivedAt } = delivery
  const known = new Set(applied.known)
  for (const [at, { observation }] of rows.entries()) {
    if (known.has(at)) continue
    const next = advance(sightings.of(observation.job, agent), agent, observation)
    if (next !== undefined) sightings.put(next)
  }
  heard.set(agent, Math.max(receivedAt, heard.get(agent) ?? 0))
}

const countIn = (memory: Memory, committed: readonly Committed[], seconds: number): void => {
  const { commits, commitSeconds, stored, duplicates, deliveries } = memory.figures
  memory.figures = {
    commits: commits + 1,
    commitSeconds: commitSeconds + seconds,
    stored: committed.reduce((sum, { applied }) => sum + applied.stored, stored),
    duplicates: committed.reduce((sum, { applied }) => sum + applied.duplicates, duplicates),
    deliveries: deliveries + committed.length,
  }
}

type Writing = Pick<ResultStore, 'append' | 'prune' | 'fold'> & AsyncDisposable

const writingTo = (file: string, memory: Memory): Writing => {
  const thread = correspond(file)
  const group = groupCommit(thread, (committed, seconds) => {
    for (const each of committed) remember(memory, each)
    countIn(memory, committed, seconds)
  })
  return {
    append: async (delivery) => {
      const { acknowledged, stored, duplicates } = await group.add(delivery)
      return { acknowledged, stored, duplicates }
    },
    prune: (before) => thread.prune(before),
    fold: (before) => thread.fold(before),
    [Symbol.asyncDispose]: async () => {
      await group.settle()
      await thread.close()
    },
  }
}

const readingOnly = (file: string): Writing => ({
  append: () => Promise.reject(new Error(`${file} was opened for reading`)),
  prune: () => Promise.resolve(0),
  fold: () => Promise.resolve(0),
  [Symbol.asyncDispose]: () => Promise.resolve(),
})

const storeOver = (file: string, database: DatabaseSync, writable: boolean): ResultStore => {
  const memory = load(database)
  const writing = writable ? writingTo(file, memory) : readingOnly(file)
  return {
    ...writing,
    sightings: () => memory.sightings.byJob(),
    latest: (key) => memory.sightings.newest(key),
    heard: () => memory.heard,
    range: (key, window) => readRange(database, key, window),
    rollups: (window, target) => readRollups(database, window, target),
    figures: () => memory.figures,
    [Symbol.asyncDispose]: async () => {
      if (!database.isOpen) return
      try {
        await writing[Symbol.asyncDispose]()
      } finally {
        // The last connection that closes leaves one file.
        database.close()
      }
    },
  }
}

const opened = (file: string, database: DatabaseSync, writable: boolean): ResultStore => {
  try {
    return storeOver(file, database, writable)
  } catch (error) {
    database.close()
    throw historyFault(file, error)
  }
}

/**
 * Opens the history store, a `node:sqlite` file in WAL mode that a thread of its own writes and syncs at each commit.
 * Throws `EnvironmentFault`: STORE_BROKEN, STORE_NEWER, STORE_LOCKED, DISK_FULL, FILE_UNREADABLE.
 */
export const openHistory = (file: string): ResultStore => {
  const database = openForWriting(file)
  // Another connection writes: this one reads it all once, and little after that.
  database.exec('PRAGMA cache_size = -512')
  return opened(file, database, true)
}

/** The same to read from, while a collector may be writing; what is in memory stands as it was when opened. */
export const readHistory = (file: string): ResultStore => opened(file, openForReading(file), false)

/** The newest observations of one kind, of each job by each agent, while a collector may be writing. Throws as above. */
export const newestOfKind = (file: string, kind: string): readonly Sighting[] => {
  const database = openForReading(file)
  try {
    return readSightingsOf(database, kind)
  } catch (error) {
    throw historyFault(file, error)
  } finally {
    database.close()
  }
}
