import type { DatabaseSync } from 'node:sqlite'

/** Deliveries that come within this time of the last commit share the next one, and its sync of the disk. */
const gatherMs = 20

interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: Error) => void
}

export interface GroupCommit<Item, Result> {
  /** Resolves after COMMIT, that is after the disk has it. */
  add(item: Item): Promise<Result>
  /** Commits what waits; nothing may be added afterwards. */
  close(): void
}

export interface Transaction<Item, Result> {
  readonly database: DatabaseSync
  /** Writes the items; returns their results and what to do once they are committed. */
  readonly apply: (items: readonly Item[]) => {
    readonly results: readonly Result[]
    readonly committed: (seconds: number) => void
  }
  readonly fault: (error: unknown) => Error
}

const inTransaction = <T>(database: DatabaseSync, work: () => T): T => {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // SQLite has rolled back by itself after some errors, a full disk among them.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** Many deliveries, one transaction: a group is wholly on disk, or none of it is. */
export const groupCommit = <Item, Result>({
  database,
  apply,
  fault,
}: Transaction<Item, Result>): GroupCommit<Item, Result> => {
  let waiting: Waiting<Item, Result>[] = []
  let timer: NodeJS.Timeout | undefined
  let lastCommit = -Infinity

  const commit = (group: readonly Waiting<Item, Result>[]): void => {
    const startedAt = performance.now()
    try {
      const { results, committed } = inTransaction(database, () => apply(group.map(({ item }) => item)))
      lastCommit = performance.now()
      committed((lastCommit - startedAt) / 1000)
      group.forEach(({ resolve }, at) => resolve(results[at] as Result))
    } catch (error) {
      const [first, ...others] = group
      // One that cannot be written must not keep the others waiting for ever.
      if (others.length > 0) for (const each of group) commit([each])
      else first?.reject(fault(error))
    }
  }
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    const group = waiting
    waiting = []
    if (group.length > 0) commit(group)
  }
  return {
    add: (item) =>
      new Promise<Result>((resolve, reject) => {
        waiting.push({ item, resolve, reject })
        timer ??= setTimeout(flush, Math.max(0, lastCommit + gatherMs - performance.now()))
      }),
    close: flush,
  }
}
