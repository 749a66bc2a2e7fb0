import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Status } from '../../core/outcome.ts'
import { type Newest, type Recollection, newestKey } from './apply.ts'
import { overlayOn } from './overlay.ts'

type Row = Readonly<Record<string, SQLOutputValue>>

/** Ids by name: they belong to the file, so that a new name never changes what an old row says. */
const readIds = (database: DatabaseSync, table: 'job' | 'cause'): Map<string, number> =>
  new Map(
    database
      .prepare(`SELECT id, name FROM ${table}`)
      .all()
      .map((row) => [String(row['name']), Number(row['id'])]),
  )

const newestOf = (row: Row): readonly [string, Newest] => [
  newestKey(Number(row['job']), Number(row['agent'])),
  {
    since: Number(row['since']),
    observedAt: Number(row['observed_at']),
    status: String(row['status']) as Status,
  },
]

const newestSql = `
SELECT job, agent, since, observation ->> 'observedAt' AS observed_at, observation ->> 'status' AS status
FROM latest`

/** Reads what the writer would otherwise ask for again and again. */
export const recollect = (database: DatabaseSync): Recollection => ({
  jobs: overlayOn(readIds(database, 'job')),
  causes: readIds(database, 'cause'),
  newest: overlayOn(new Map(database.prepare(newestSql).all().map(newestOf))),
})
