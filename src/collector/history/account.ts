import { openForReading } from './schema.ts'

/** What one agent delivered, as the history holds it. */
export interface Account {
  /** Sequences acknowledged. */
  readonly acknowledged: number
  /** Sequences between them that never came. */
  readonly missing: number
  /** Observations stored. */
  readonly stored: number
}

interface Row {
  readonly acknowledged: number
  readonly missing: number
  readonly stored: number
}

const sql = `
WITH spans AS (SELECT stream, first, last FROM received JOIN agent ON agent.id = received.agent WHERE agent.name = :agent),
streams AS (SELECT max(last) AS newest, sum(last - first + 1) AS had FROM spans GROUP BY stream)
SELECT coalesce(sum(had), 0) AS acknowledged, coalesce(sum(newest - had), 0) AS missing,
  (SELECT count(*) FROM result JOIN agent ON agent.id = result.agent WHERE agent.name = :agent) AS stored
FROM streams`

/** Books of one agent, read from the file while a collector may be writing it. Throws `EnvironmentFault`. */
export const accountOf = (file: string, agent: string): Account => {
  const database = openForReading(file)
  try {
    const { acknowledged, missing, stored } = database.prepare(sql).get({ agent }) as unknown as Row
    return { acknowledged, missing, stored }
  } finally {
    database.close()
  }
}
