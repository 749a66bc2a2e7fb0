import { EnvironmentFault } from '../core/fault.ts'
import type { Log } from '../core/log.ts'
import type { JobId, Measurement } from '../core/probe.ts'
import { openDatabase } from '../database/open.ts'

type Facts = Measurement['facts']
/** Undefined: dropped. */
type Pending = ReadonlyMap<JobId, Facts | undefined>

/**
 * Facts of last looks, over restarts of the agent. What was put is written together some seconds later and when it is
 * disposed; a process that is killed loses what it put in these seconds, and its next look compares with the one
 * before. What cannot be read or written is told once: looks go on without.
 */
export interface FactFile extends Disposable {
  readonly all: () => ReadonlyMap<JobId, Facts>
  readonly put: (job: JobId, facts: Facts) => void
  readonly drop: (job: JobId) => void
}

const schema = 'CREATE TABLE fact (job TEXT PRIMARY KEY, facts TEXT NOT NULL) STRICT'

const writeEveryMs = 5000

const open = (file: string) => {
  const { sql, read, change, [Symbol.dispose]: dispose } = openDatabase(file, { schema })
  // After a power cut some seconds more may be lost. What is written is not read before the next start.
  sql.exec('PRAGMA synchronous = NORMAL; PRAGMA cache_size = -256')
  const all = sql.prepare('SELECT job, facts FROM fact')
  const put = sql.prepare('INSERT OR REPLACE INTO fact VALUES (?, ?)')
  const drop = sql.prepare('DELETE FROM fact WHERE job = ?')
  return {
    dispose,
    all: () => read(() => all.all()),
    write: (pending: Pending) =>
      change(() => {
        for (const [job, facts] of pending)
          if (facts === undefined) drop.run(job)
          else put.run(job, JSON.stringify(facts))
      }),
  }
}

/** Opens the file, or makes it. Writes within so many milliseconds after something was put. */
export const openFactFile = (file: string, log: Log, everyMs = writeEveryMs): FactFile => {
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
  let opened = attempt(() => open(file))
  const pending = new Map<JobId, Facts | undefined>()
  let timer: NodeJS.Timeout | undefined
  const write = (): void => {
    timer = undefined
    attempt(() => {
      opened?.write(pending)
      pending.clear()
    })
  }
  const note = (job: JobId, facts: Facts | undefined): void => {
    // A look that did not end in time may come after the file was closed.
    if (opened === undefined) return
    pending.set(job, facts)
    timer ??= setTimeout(write, everyMs).unref()
  }
  return {
    all: () =>
      attempt(
        () =>
          new Map(
            opened?.all().map(({ job, facts }) => [String(job), JSON.parse(String(facts)) as Facts] as const),
          ),
      ) ?? new Map<JobId, Facts>(),
    put: note,
    drop: (job) => note(job, undefined),
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      if (pending.size > 0) write()
      opened?.dispose()
      opened = undefined
    },
  }
}
