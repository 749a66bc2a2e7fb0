import { SnmpFault } from '../fault.ts'
import { type Varbind, isException } from '../message/pdu.ts'
import type { SnmpSession } from '../session.ts'
import { bulk, cellsPerRequest, compareOids } from '../walk.ts'

/** A table’s rows by their index, dotted, each with its cells by the column’s name; and whether there were more. */
export interface Rows<Name extends string> {
  readonly rows: ReadonlyMap<string, ReadonlyMap<Name, Varbind>>
  readonly isCut: boolean
}

interface Walk<Name extends string> {
  readonly name: Name
  readonly oid: string
  /** What the next request continues from. */
  cursor: string
  count: number
  isDone: boolean
}

type Table<Name extends string> = Map<string, Map<Name, Varbind>>

const indexIn = (column: string, oid: string): string | undefined =>
  oid.startsWith(`${column}.`) ? oid.slice(column.length + 1) : undefined

/** Takes one cell; false where the column has come to its end. An agent that goes back is at its end, too. */
const take = <Name extends string>(walk: Walk<Name>, varbind: Varbind, table: Table<Name>): boolean => {
  const index = indexIn(walk.oid, varbind.oid)
  if (isException(varbind) || index === undefined || compareOids(walk.cursor, varbind.oid) >= 0) return false
  walk.cursor = varbind.oid
  walk.count += 1
  const row = table.get(index) ?? new Map<Name, Varbind>()
  table.set(index, row.set(walk.name, varbind))
  return true
}

const advance = async <Name extends string>(
  session: SnmpSession,
  walks: readonly Walk<Name>[],
  table: Table<Name>,
  limit: number,
): Promise<void> => {
  const repetitions = Math.max(1, Math.floor(cellsPerRequest / walks.length))
  const answer = await bulk(
    session,
    walks.map(({ cursor }) => cursor),
    repetitions,
  )
  if (answer.every((column) => column.length === 0))
    throw new SnmpFault('the agent’s answer to GETBULK is empty')
  walks.forEach((walk, at) => {
    for (const varbind of answer[at] ?? []) {
      walk.isDone ||= !take(walk, varbind, table) || walk.count > limit
      if (walk.isDone) return
    }
  })
}

/**
 * Reads columns of a table whose index may be of any form, side by side by GETBULK: at most `limit` rows. Each answer
 * must go forward, so that an agent can keep it busy for `limit` rounds at most.
 */
export const readRows = async <Name extends string>(
  session: SnmpSession,
  columns: Readonly<Record<Name, string>>,
  limit: number,
): Promise<Rows<Name>> => {
  const table: Table<Name> = new Map()
  const walks = Object.entries<string>(columns).map(([name, oid]): Walk<Name> => ({
    name: name as Name,
    oid,
    cursor: oid,
    count: 0,
    isDone: false,
  }))
  const open = (): readonly Walk<Name>[] => walks.filter(({ isDone }) => !isDone)
  for (let rest = open(); rest.length > 0; rest = open()) await advance(session, rest, table, limit)
  const rows = [...table]
  return { rows: new Map(rows.slice(0, limit)), isCut: rows.length > limit }
}
