import { SnmpFault, errorStatus } from './fault.ts'
import { type Varbind, isException } from './message/pdu.ts'
import type { SnmpSession } from './session.ts'

/** A column's cells by row index. */
export type Cells = ReadonlyMap<number, Varbind>

/** Cells asked for in one request: the answer stays within a datagram that no line has to fragment. */
export const cellsPerRequest = 48

interface Walk {
  readonly oid: string
  readonly cells: Map<number, Varbind>
  /** What the next request continues from, and its row index; 0 before the first row. */
  cursor: string
  index: number
  isDone: boolean
}

/** How far a walk goes: so many rows, or to a row. */
interface Bounds {
  readonly rows: number
  readonly lastIndex: number
}

const outOfOrder = (): SnmpFault => new SnmpFault('the agent’s OIDs do not increase')

/** RFC 2863: an ifIndex is one Integer32 from 1 on. */
const rowIndex = /^[1-9]\d{0,9}$/u

export const compareOids = (left: string, right: string): number => {
  const [a, b] = [left.split('.'), right.split('.')]
  const at = a.findIndex((part, position) => part !== b[position])
  return at === -1 ? a.length - b.length : Number(a[at]) - Number(b[at] ?? -1)
}

/** The row index of a cell of the walk’s column, or undefined for what lies behind the column. */
const indexOf = (walk: Walk, { oid }: Varbind): number | undefined => {
  if (!oid.startsWith(walk.oid) || oid[walk.oid.length] !== '.') {
    if (!(compareOids(walk.cursor, oid) < 0)) throw outOfOrder()
    return undefined
  }
  const suffix = oid.slice(walk.oid.length + 1)
  if (!rowIndex.test(suffix)) throw new SnmpFault('the agent’s row index is not one positive number')
  return Number(suffix)
}

/** Takes one cell; false where the column has come to its end. */
const takeCell = (walk: Walk, varbind: Varbind): boolean => {
  if (isException(varbind)) return false
  const index = indexOf(walk, varbind)
  if (index === undefined) return false
  if (index <= walk.index) throw outOfOrder()
  walk.cells.set(index, varbind)
  walk.index = index
  walk.cursor = varbind.oid
  return true
}

const absorb = (walk: Walk, varbinds: readonly Varbind[], { rows, lastIndex }: Bounds): void => {
  for (const varbind of varbinds) {
    walk.isDone = !takeCell(walk, varbind) || walk.cells.size >= rows || walk.index >= lastIndex
    if (walk.isDone) return
  }
}

/** RFC 3416 §4.2.3 lets an agent cut a bulk answer short; some say tooBig instead and want fewer. */
export const bulk = async (
  session: SnmpSession,
  oids: readonly string[],
  repetitions: number,
): Promise<readonly (readonly Varbind[])[]> => {
  try {
    return await session.getBulk(oids, repetitions)
  } catch (error) {
    const isTooBig = error instanceof SnmpFault && error.status === errorStatus.tooBig
    if (!isTooBig || repetitions === 1) throw error
    return bulk(session, oids, Math.floor(repetitions / 2))
  }
}

const advance = async (session: SnmpSession, walks: readonly Walk[], bounds: Bounds): Promise<void> => {
  const repetitions = Math.min(Math.max(1, Math.floor(cellsPerRequest / walks.length)), bounds.rows)
  const cursors = walks.map(({ cursor }) => cursor)
  const answer = await bulk(session, cursors, repetitions)
  if (answer.every((column) => column.length === 0))
    throw new SnmpFault('the agent’s answer to GETBULK is empty')
  walks.forEach((walk, position) => absorb(walk, answer[position] ?? [], bounds))
}

/**
 * Reads columns of one table side by side by GETBULK: at most `rows` rows of each, to the row `lastIndex`.
 * Each answer must move forward, so that an agent can keep it busy for `rows` rounds a column at most.
 */
export const walkColumns = async <Name extends string>(
  session: SnmpSession,
  columns: Readonly<Record<Name, string>>,
  rows: number,
  lastIndex = Infinity,
): Promise<Readonly<Record<Name, Cells>>> => {
  const walks = Object.entries<string>(columns).map(([name, oid]): readonly [string, Walk] => [
    name,
    { oid, cells: new Map(), cursor: oid, index: 0, isDone: false },
  ])
  const open = (): readonly Walk[] => walks.map(([, walk]) => walk).filter(({ isDone }) => !isDone)
  for (let rest = open(); rest.length > 0; rest = open()) await advance(session, rest, { rows, lastIndex })
  return Object.fromEntries(walks.map(([name, { cells }]) => [name, cells])) as Record<
    Name,
    Map<number, Varbind>
  >
}
