import type { DatabaseSync } from 'node:sqlite'
import type { Texts } from './hour-table.ts'

/** Neighbouring jobs, by number. */
export type Run = readonly [first: number, last: number]

const someSql = (column: string): string => `json_group_array(${column}) FILTER (WHERE down + unknown > 0)`

// Columns of a run of rows come as one text each: a row by itself costs four times as much to hand over. Most rows have
// nothing but looks that were up.
const hourSql = `
SELECT json_group_array(job) AS jobs, json_group_array(up) AS up,
  ${someSql('job')} AS others, ${someSql('down')} AS down, ${someSql('unknown')} AS unknown,
  ${someSql('answered')} AS answered
FROM rollup WHERE hour = ? AND job BETWEEN ? AND ?`

/** Reads the roll-ups of an hour of neighbouring jobs. */
export const hourly = (database: DatabaseSync): ((hour: number, [first, last]: Run) => Texts) => {
  const query = database.prepare(hourSql)
  return (hour, [first, last]) => query.get(hour, first, last) as unknown as Texts
}
