import type { Varbind } from '../message/pdu.ts'
import { tags } from '../message/ber.ts'
import { countOf, textOf } from '../values.ts'
import { enterpriseOf, nameOf } from './names.ts'
import type { Notification } from './notification.ts'

export interface ShownVarbind {
  readonly oid: string
  /** Text on one line; `0x…` for octets that are none. */
  readonly value: string | number
}

/** Which interface a linkDown or linkUp is about (RFC 2863), as far as the trap says. */
export interface LinkFacts {
  readonly index: number
  readonly name?: string | undefined
  readonly adminUp?: boolean | undefined
  readonly operUp?: boolean | undefined
}

/** One trap, and how many of its device came before it. */
export interface TrapFacts {
  readonly version: 'v2c' | 'v3'
  readonly inform: boolean
  readonly oid: string
  /** Of a standard trap: `linkDown`. */
  readonly name?: string | undefined
  /** IANA enterprise number of a maker’s own trap. */
  readonly enterprise?: number | undefined
  /** sysUpTime: since the device’s agent started. */
  readonly uptimeSeconds?: number | undefined
  readonly link?: LinkFacts | undefined
  readonly varbinds: readonly ShownVarbind[]
  /** Varbinds beyond those that are shown. */
  readonly varbindsOmitted: number
  /** When it came, Unix time. */
  readonly receivedAtSeconds: number
  /** Traps of this device by name since the agent started, this one included. */
  readonly received: Readonly<Record<string, number>>
  /** Datagrams from its address that were not looked at since then, since there were too many. */
  readonly rateLimited: number
}

const mostVarbinds = 32
const mostHexOctets = 64
/** A trap’s own columns have short OIDs; a hostile one has 128 numbers of ten digits. */
const longestOid = 255

/** Control characters other than line ends: it is a number of an address, not a text. */
const isText = (octets: Buffer): boolean =>
  octets.every(
    (octet, at) => octet >= 32 || [9, 10, 13].includes(octet) || (octet === 0 && at === octets.length - 1),
  )

const hex = (octets: Buffer): string => `0x${octets.subarray(0, mostHexOctets).toString('hex')}`

const shownOctets = (varbind: Varbind, octets: Buffer): string => {
  if (varbind.type === tags.ipAddress && octets.length === 4) return octets.join('.')
  return isText(octets) ? (textOf(varbind) ?? '') : hex(octets)
}

const shown = (varbind: Varbind): ShownVarbind => {
  const { oid, value = '' } = varbind
  const text = Buffer.isBuffer(value) ? shownOctets(varbind, value) : value
  return { oid: oid.slice(0, longestOid), value: typeof text === 'string' ? text.slice(0, longestOid) : text }
}

const ifEntry = '1.3.6.1.2.1.2.2.1.'
const columns = {
  index: `${ifEntry}1.`,
  description: `${ifEntry}2.`,
  adminStatus: `${ifEntry}7.`,
  operStatus: `${ifEntry}8.`,
  name: '1.3.6.1.2.1.31.1.1.1.1.',
} as const

/** RFC 2863: up(1). */
const isUp = (status: number | undefined): boolean | undefined =>
  status === undefined ? undefined : status === 1

/** The instance that a column’s varbind names, where it is one number. */
const instanceOf = ({ oid }: Varbind, column: string): number | undefined => {
  const suffix = oid.startsWith(column) ? oid.slice(column.length) : ''
  return /^[1-9]\d{0,9}$/u.test(suffix) ? Number(suffix) : undefined
}

const linkOf = (varbinds: readonly Varbind[]): LinkFacts | undefined => {
  const cell = (column: keyof typeof columns): Varbind | undefined =>
    varbinds.find(({ oid }) => oid.startsWith(columns[column]))
  const operStatus = cell('operStatus')
  const index = countOf(cell('index')) ?? (operStatus && instanceOf(operStatus, columns.operStatus))
  if (index === undefined) return undefined
  return {
    index,
    name: textOf(cell('name')) ?? textOf(cell('description')),
    adminUp: isUp(countOf(cell('adminStatus'))),
    operUp: isUp(countOf(operStatus)),
  }
}

const linkTraps: ReadonlySet<string | undefined> = new Set(['linkDown', 'linkUp'])

/** What a trap shows, bounded whatever it holds. */
export const factsOf = ({
  isInform,
  oid,
  uptimeSeconds,
  varbinds,
}: Notification): Omit<TrapFacts, 'version' | 'receivedAtSeconds' | 'received' | 'rateLimited'> => {
  const name = nameOf(oid)
  return {
    inform: isInform,
    oid: oid.slice(0, longestOid),
    name,
    enterprise: enterpriseOf(oid),
    uptimeSeconds,
    link: linkTraps.has(name) ? linkOf(varbinds) : undefined,
    varbinds: varbinds.slice(0, mostVarbinds).map(shown),
    varbindsOmitted: Math.max(0, varbinds.length - mostVarbinds),
  }
}
