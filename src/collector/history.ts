import type { DatabaseSync } from 'node:sqlite'
import { type Known, type Staged, applyDelivery, emptyStage } from './history/apply.ts'
import { historyFault } from './history/fault.ts'
import { groupCommit } from './history/group-commit.ts'
import type { Delivery, HistoryFigures, Receipt, ResultStore } from './history/port.ts'
import { readCauses, readHeard, readRange, readRollups, readSightings } from './history/read.ts'
import { dayOf } from './history/rollup.ts'
import { openForReading, openForWriting } from './history/schema.ts'
import { type Sightings, createSightings } from './history/sightings.ts'
import { prepareStatements } from './history/statements.ts'

const rowsAPrune = 5000

const noFigures: HistoryFigures = { commits: 0, commitSeconds: 0, stored: 0, duplicates: 0, deliveries: 0 }

const addReceipts = (
  figures: HistoryFigures,
  receipts: readonly Receipt[],
  seconds: number,
): HistoryFigures => ({
  commits: figures.commits + 1,
  commitSeconds: figures.commitSeconds + seconds,
  stored: figures.stored + receipts.reduce((sum, { stored }) => sum + stored, 0),
  duplicates: figures.duplicates + receipts.reduce((sum, { duplicates }) => sum + duplicates, 0),
  deliveries: figures.deliveries + receipts.length,
})

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

const remember = (memory: Memory, staged: Staged): void => {
  for (const sighting of staged.sightings.values()) memory.sightings.put(sighting)
  for (const [agent, at] of staged.heard) memory.heard.set(agent, Math.max(at, memory.heard.get(agent) ?? 0))
}

const writerOf = (file: string, database: DatabaseSync, memory: Memory) => {
  const statements = prepareStatements(database)
  const causes = readCauses(database)
  const known: Known = {
    sighting: (job, agent) => memory.sightings.of(job, agent),
    cause: (name) => causes.get(name) ?? 0,
  }
  return groupCommit<Delivery, Receipt>({
    database,
    fault: (error) => historyFault(file, error),
    apply: (deliveries) => {
      const staged = emptyStage()
      const results = deliveries.map((delivery) => applyDelivery(statements, known, staged, delivery))
      const committed = (seconds: number): void => {
        remember(memory, staged)
        memory.figures = addReceipts(memory.figures, results, seconds)
      }
      return { results, committed }
    },
  })
}

const pruneSql = (table: string, key: string, column: string): string =>
  `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${column} < ? LIMIT ${String(rowsAPrune)})`

const prunerOf = (database: DatabaseSync) => {
  const results = database.prepare(pruneSql('result', 'day, job, observed_at, agent', 'day'))
  const rollups = database.prepare(pruneSql('rollup', 'hour, job', 'hour'))
  return (before: { readonly results: number; readonly rollups: number }): number =>
    Number(results.run(dayOf(before.results)).changes) + Number(rollups.run(before.rollups).changes)
}

const storeOver = (file: string, database: DatabaseSync, writable: boolean): ResultStore => {
  const memory = load(database)
  const writer = writable ? writerOf(file, database, memory) : undefined
  const prune = writable ? prunerOf(database) : () => 0
  const settle = <T>(work: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      try {
        resolve(work())
      } catch (error) {
        reject(historyFault(file, error))
      }
    })
  return {
    append: (delivery) =>
      writer?.add(delivery) ?? Promise.reject(new Error(`${file} was opened for reading`)),
    sightings: () => memory.sightings.byJob(),
    latest: (key) => memory.sightings.newest(key),
    heard: () => memory.heard,
    range: (key, window) => readRange(database, key, window),
    rollups: (window, target) => readRollups(database, window, target),
    prune: (before) => settle(() => prune(before)),
    figures: () => memory.figures,
    [Symbol.asyncDispose]: () =>
      settle(() => {
        if (!database.isOpen) return
        writer?.close()
        database.close()
      }),
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
 * Opens the history store, a `node:sqlite` file in WAL mode that is synced at each commit.
 * Throws `EnvironmentFault`: STORE_BROKEN, STORE_NEWER, STORE_LOCKED, DISK_FULL, FILE_UNREADABLE.
 */
export const openHistory = (file: string): ResultStore => opened(file, openForWriting(file), true)

/** The same to read from, while a collector may be writing; what is in memory stands as it was when opened. */
export const readHistory = (file: string): ResultStore => opened(file, openForReading(file), false)
