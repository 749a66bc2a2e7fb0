import type { Peak } from './load.ts'
import type { SnmpSession } from './session.ts'
import { countOf, textOf } from './values.ts'
import { type Cells, walkColumns } from './walk.ts'

/** One row of ifTable and ifXTable (RFC 2863). What the agent does not have is absent. */
export interface InterfaceFacts {
  readonly index: number
  /** ifName, else ifDescr, else the index. */
  readonly name: string
  readonly alias?: string | undefined
  readonly adminUp?: boolean | undefined
  readonly operUp?: boolean | undefined
  readonly speedBitsPerSecond?: number | undefined
  /** 64-bit counters where there; they restart at the agent's own pleasure. */
  readonly inOctets?: number | undefined
  readonly outOctets?: number | undefined
  /** The counters of octets have 32 bits. */
  readonly narrowOctets?: boolean | undefined
  /** Of last week and this one, as far as looks followed each other. */
  readonly peaks?: readonly Peak[] | undefined
  readonly inErrors?: number | undefined
  readonly outErrors?: number | undefined
  readonly inDiscards?: number | undefined
  readonly outDiscards?: number | undefined
  /** RFC 3635 dot3StatsDuplexStatus; absent where the agent does not know. */
  readonly fullDuplex?: boolean | undefined
}

const ifEntry = '1.3.6.1.2.1.2.2.1'
const ifXEntry = '1.3.6.1.2.1.31.1.1.1'
const dot3Entry = '1.3.6.1.2.1.10.7.2.1'

const stateColumns = {
  name: `${ifXEntry}.1`,
  alias: `${ifXEntry}.18`,
  highSpeed: `${ifXEntry}.15`,
  adminStatus: `${ifEntry}.7`,
  operStatus: `${ifEntry}.8`,
} as const

const counterColumns = {
  inOctets: `${ifXEntry}.6`,
  outOctets: `${ifXEntry}.10`,
  inErrors: `${ifEntry}.14`,
  outErrors: `${ifEntry}.20`,
  inDiscards: `${ifEntry}.13`,
  outDiscards: `${ifEntry}.19`,
  duplex: `${dot3Entry}.19`,
} as const

/** Older columns, read only where a row lacks the newer one. */
const olderColumns = {
  description: `${ifEntry}.2`,
  speed: `${ifEntry}.5`,
  inOctets32: `${ifEntry}.10`,
  outOctets32: `${ifEntry}.16`,
} as const

type Table = Readonly<
  Record<keyof typeof stateColumns | keyof typeof counterColumns, Cells> &
    Partial<Record<keyof typeof olderColumns, Cells>>
>

/** RFC 2863: up(1). */
const isUp = (status: number | undefined): boolean | undefined =>
  status === undefined ? undefined : status === 1

/** RFC 3635: unknown(1), halfDuplex(2), fullDuplex(3). */
const isFullDuplex = (status: number | undefined): boolean | undefined =>
  status === 2 || status === 3 ? status === 3 : undefined

/** ifHighSpeed counts millions and rounds to 0 on slow lines; ifSpeed ends at 4.29 Gbit/s. 0 is "no idea". */
const speedOf = (table: Table, index: number): number | undefined => {
  const millions = countOf(table.highSpeed.get(index))
  const speed = millions ? millions * 1e6 : countOf(table.speed?.get(index))
  return speed === 0 ? undefined : speed
}

const hasNarrow = (table: Table, index: number): boolean =>
  (table.inOctets.get(index) === undefined && table.inOctets32?.get(index) !== undefined) ||
  (table.outOctets.get(index) === undefined && table.outOctets32?.get(index) !== undefined)

const rowOf = (table: Table, index: number): InterfaceFacts => ({
  index,
  name: textOf(table.name.get(index)) ?? textOf(table.description?.get(index)) ?? String(index),
  alias: textOf(table.alias.get(index)),
  adminUp: isUp(countOf(table.adminStatus.get(index))),
  operUp: isUp(countOf(table.operStatus.get(index))),
  speedBitsPerSecond: speedOf(table, index),
  inOctets: countOf(table.inOctets.get(index)) ?? countOf(table.inOctets32?.get(index)),
  outOctets: countOf(table.outOctets.get(index)) ?? countOf(table.outOctets32?.get(index)),
  ...(hasNarrow(table, index) && { narrowOctets: true }),
  inErrors: countOf(table.inErrors.get(index)),
  outErrors: countOf(table.outErrors.get(index)),
  inDiscards: countOf(table.inDiscards.get(index)),
  outDiscards: countOf(table.outDiscards.get(index)),
  fullDuplex: isFullDuplex(countOf(table.duplex.get(index))),
})

type Reader = typeof countOf | typeof textOf

const olderColumnsNeeded = (newer: Table, indexes: readonly number[]): Readonly<Record<string, string>> => {
  const lacks = (cells: Cells, read: Reader): boolean =>
    indexes.some((index) => read(cells.get(index)) === undefined)
  const isSlow = (index: number): boolean =>
    !countOf(newer.highSpeed.get(index)) && isUp(countOf(newer.operStatus.get(index))) !== false
  const { description, speed, inOctets32, outOctets32 } = olderColumns
  return {
    ...(lacks(newer.name, textOf) && { description }),
    ...(indexes.some(isSlow) && { speed }),
    ...(lacks(newer.inOctets, countOf) && { inOctets32 }),
    ...(lacks(newer.outOctets, countOf) && { outOctets32 }),
  }
}

/**
 * Reads the interfaces with the lowest `maxInterfaces` indexes.
 * Rows and columns that the agent does not show are absent, not zero.
 */
export const readInterfaces = async (
  session: SnmpSession,
  maxInterfaces: number,
): Promise<{ interfaces: readonly InterfaceFacts[]; interfacesTruncated: boolean }> => {
  const states = await walkColumns(session, stateColumns, maxInterfaces + 1)
  const all = [...new Set(Object.values(states).flatMap((cells) => [...cells.keys()]))]
  const indexes = all.toSorted((left, right) => left - right).slice(0, maxInterfaces)
  // The rows are known by now: none is asked for that is not there, and none behind the last.
  const walkRows = <Name extends string>(columns: Readonly<Record<Name, string>>) =>
    walkColumns(session, columns, Math.max(1, indexes.length), indexes.at(-1))
  const newer = { ...states, ...(await walkRows(counterColumns)) }
  const table: Table = { ...newer, ...(await walkRows(olderColumnsNeeded(newer, indexes))) }
  return {
    interfaces: indexes.map((index) => rowOf(table, index)),
    interfacesTruncated: all.length > maxInterfaces,
  }
}
