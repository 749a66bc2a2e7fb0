import { EnvironmentFault } from '../core/fault.ts'
import type { Log } from '../core/log.ts'
import type { JobId, Measurement } from '../core/probe.ts'
import { openDatabase } from '../database/open.ts'

type Facts = Measurement['facts']

/**
 * Facts of last looks, over restarts of the agent. What cannot be read or written is told once and let go: looks go on
 * without.
 */
export interface FactFile extends Disposable {
  readonly all: () => ReadonlyMap<JobId, Facts>
  readonly put: (job: JobId, facts: Facts) => void
  readonly drop: (job: JobId) => void
}

const schema = 'CREATE TABLE fact (job TEXT PRIMARY KEY, facts TEXT NOT NULL) STRICT'

const open = (file: string) => {
  const { sql, read, [Symbol.dispose]: dispose } = openDatabase(file, { schema })
  // Each look writes: after a power cut the last of them may be lost. What is written is not read before the next start.
  sql.exec('PRAGMA synchronous = NORMAL; PRAGMA cache_size = -256')
  const all = sql.prepare('SELECT job, facts FROM fact')
  const put = sql.prepare('INSERT OR REPLACE INTO fact VALUES (?, ?)')
  const drop = sql.prepare('DELETE FROM fact WHERE job = ?')
  return { sql, read, all, put, drop, dispose }
}

/** Opens the file, or makes it. */
export const openFactFile = (file: string, log: Log): FactFile => {
  let isTold = false
  const attempt = <Value>(work: () => Value): Value | undefined => {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof EnvironmentFault || error instanceof SyntaxError)) throw error
      if (!isTold) log('warn', 'facts of last looks are not kept over a restart', { error })
      isTold = true
      return undefined
    }
  }
  const opened = attempt(() => open(file))
  const use = <Value>(work: (own: NonNullable<typeof opened>) => Value): Value | undefined =>
    // A look that did not end in time may come after the file was closed.
    opened?.sql.isOpen === true ? attempt(() => opened.read(() => work(opened))) : undefined
  return {
    all: () =>
      use(
        ({ all }) =>
          new Map(all.all().map(({ job, facts }) => [String(job), JSON.parse(String(facts)) as Facts])),
      ) ?? new Map(),
    put: (job, facts) => void use(({ put }) => put.run(job, JSON.stringify(facts))),
    drop: (job) => void use(({ drop }) => drop.run(job)),
    [Symbol.dispose]: () => opened?.dispose(),
  }
}
