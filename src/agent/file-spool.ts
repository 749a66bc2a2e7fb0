import { existsSync, renameSync, rmSync } from 'node:fs'
import type { Log } from '../core/log.ts'
import type { Observation } from '../core/observation.ts'
import type { PeekLimit, Spool, SpoolBounds, SpooledBatch } from './spool.ts'
import {
  type Row,
  type SpoolDatabase,
  type Totals,
  isBroken,
  openSpoolDatabase,
  sizeOf,
  spoolFault,
} from './spool-database.ts'

export interface FileSpoolOptions extends SpoolBounds {
  /** Made where it is missing, in a folder that is there. */
  readonly file: string
  readonly log: Log
}

/** Where a broken spool is kept for a person to look at; one is kept, the newest. */
const asideOf = (file: string): string => `${file}.broken`

// The log belongs to the file beside it: a new spool must not find the old one's.
const moveAside = (file: string): void => {
  for (const suffix of ['', '-wal', '-shm', '-journal']) {
    rmSync(asideOf(file) + suffix, { force: true })
    if (existsSync(file + suffix)) renameSync(file + suffix, asideOf(file) + suffix)
  }
}

const startAnew = (file: string, log: Log, error: unknown): SpoolDatabase => {
  log(
    'error',
    'the spool is broken: it was moved aside, what it held is not delivered; a new one was begun',
    {
      file,
      movedTo: asideOf(file),
      error,
    },
  )
  moveAside(file)
  return openSpoolDatabase(file)
}

const openOrStartAnew = (file: string, log: Log): SpoolDatabase => {
  try {
    return openSpoolDatabase(file)
  } catch (error) {
    if (!isBroken(error)) throw spoolFault(file, error)
    return startAnew(file, log, error)
  }
}

const decode = (
  rows: Iterable<Row>,
  limit: PeekLimit,
): { first?: number; observations: readonly Observation[] } => {
  const taken: Row[] = []
  let bytes = 0
  for (const row of rows) {
    bytes += row.bytes
    const last = taken.at(-1)
    const isNext = last === undefined || (row.sequence === last.sequence + 1 && bytes <= limit.bytes)
    if (!isNext) break
    taken.push(row)
  }
  const observations = taken.map(({ payload }) => JSON.parse(payload) as Observation)
  return { ...(taken[0] && { first: taken[0].sequence }), observations }
}

/** The newest sequence that must go so that `bytes` become free; undefined where none must. */
const lastToDrop = (database: SpoolDatabase, bytes: number): number | undefined => {
  if (bytes <= 0) return undefined
  let freed = 0
  for (const row of database.oldest(Number.MAX_SAFE_INTEGER)) {
    freed += row.bytes
    if (freed >= bytes) return row.sequence
  }
  return Number.MAX_SAFE_INTEGER
}

/**
 * Opens an agent's spool file, or makes one. What is no spool any more is moved aside with a word in the log.
 * Throws `EnvironmentFault`: STORE_LOCKED (another agent has it), STORE_NEWER, DISK_FULL, FILE_UNREADABLE.
 */
export const openSpool = ({ file, maxBytes, onDropped, log }: FileSpoolOptions): Spool => {
  let database = openOrStartAnew(file, log)
  let totals: Totals = database.totals()

  /** Runs one operation; where it finds the file broken, once more on a new one. */
  const attempt = <Result>(work: () => Result): Promise<Result> =>
    new Promise((resolve) => {
      try {
        resolve(work())
      } catch (error) {
        if (!isBroken(error)) throw spoolFault(file, error)
        database.close()
        database = startAnew(file, log, error)
        totals = database.totals()
        resolve(work())
      }
    })

  const forgetUpTo = (sequence: number): number => {
    const gone = database.totalsUpTo(sequence)
    database.removeUpTo(sequence)
    totals = { depth: totals.depth - gone.depth, bytes: totals.bytes - gone.bytes }
    return gone.depth
  }

  const makeRoom = (bytes: number): void => {
    const last = lastToDrop(database, totals.bytes + bytes - maxBytes)
    const dropped = last === undefined ? 0 : forgetUpTo(last)
    if (dropped > 0) onDropped(dropped)
  }

  const append = (observations: readonly Observation[]): void => {
    const payloads = observations.map((observation) => JSON.stringify(observation))
    const bytes = payloads.reduce((sum, payload) => sum + sizeOf(payload), 0)
    makeRoom(bytes)
    database.insert(payloads)
    totals = { depth: totals.depth + payloads.length, bytes: totals.bytes + bytes }
  }

  const peek = (limit: PeekLimit): SpooledBatch => {
    const { first = database.nextSequence(), observations } = decode(
      database.oldest(limit.observations),
      limit,
    )
    return { stream: database.stream(), firstSequence: first, observations }
  }

  return {
    append: (observations) => attempt(() => append(observations)),
    peek: (limit) => attempt(() => peek(limit)),
    acknowledge: (sequence) => attempt(() => void forgetUpTo(sequence)),
    beginStream: () => attempt(() => database.renameStream()),
    depth: () => totals.depth,
    [Symbol.asyncDispose]: () => attempt(() => database.close()),
  }
}
