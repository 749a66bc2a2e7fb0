import {
  type Cursor,
  type Writer,
  enter,
  leave,
  peekTag,
  putByte,
  putHeader,
  putInteger,
  readInteger,
  readOctets,
  readUnsigned,
  spoil,
  tags,
} from './ber.ts'
import { putOid, readOid } from './oid.ts'

/** RFC 3416 §3. */
export const pduTags = {
  get: 0xa0,
  response: 0xa2,
  getBulk: 0xa5,
  inform: 0xa6,
  trap: 0xa7,
  report: 0xa8,
} as const

/** noSuchObject, noSuchInstance, endOfMibView: they stand where a value would. */
const firstException = 0x80
const lastException = 0x82

export interface Varbind {
  /** Dotted, without a dot before the first number. */
  readonly oid: string
  /** BER tag of the value. */
  readonly type: number
  /** Numbers of any kind, OIDs dotted, octets of the rest; undefined for null and where there is no value. */
  readonly value?: number | string | Buffer | undefined
}

export const isException = ({ type }: Varbind): boolean => type >= firstException

export interface Request {
  readonly type: typeof pduTags.get | typeof pduTags.getBulk
  readonly id: number
  readonly oids: readonly string[]
  /** Of a GETBULK: how many that follow each OID. */
  readonly repetitions?: number
}

export interface Pdu {
  readonly type: number
  readonly id: number
  readonly errorStatus: number
  readonly varbinds: readonly Varbind[]
}

const putVarbind = (writer: Writer, oid: string): void => {
  const end = writer.at
  putByte(writer, 0)
  putByte(writer, tags.null)
  putOid(writer, oid)
  putHeader(writer, tags.sequence, end)
}

export const putRequest = (writer: Writer, { type, id, oids, repetitions = 0 }: Request): void => {
  const end = writer.at
  for (const oid of oids.toReversed()) putVarbind(writer, oid)
  putHeader(writer, tags.sequence, end)
  putInteger(writer, repetitions)
  putInteger(writer, 0)
  putInteger(writer, id)
  putHeader(writer, type, end)
}

const passNothing = (cursor: Cursor, tag: number): void => {
  const isNothing = tag === tags.null || (tag >= firstException && tag <= lastException)
  if (isNothing) readOctets(cursor, tag)
  else spoil(cursor)
}

const readValue = (cursor: Cursor, tag: number): Varbind['value'] => {
  switch (tag) {
    case tags.integer:
      return readInteger(cursor)
    case tags.counter32:
    case tags.gauge32:
    case tags.timeTicks:
    case tags.counter64:
      return readUnsigned(cursor, tag)
    case tags.oid:
      return readOid(cursor)
    case tags.octets:
    case tags.ipAddress:
    case tags.opaque:
      return readOctets(cursor, tag)
    default:
      passNothing(cursor, tag)
      return undefined
  }
}

const readVarbind = (cursor: Cursor): Varbind => {
  const outerEnd = enter(cursor, tags.sequence)
  const oid = readOid(cursor)
  const type = peekTag(cursor)
  const value = readValue(cursor, type)
  leave(cursor, outerEnd)
  return { oid, type, value }
}

const readVarbinds = (cursor: Cursor): readonly Varbind[] => {
  const varbinds: Varbind[] = []
  const outerEnd = enter(cursor, tags.sequence)
  while (cursor.at < cursor.end) varbinds.push(readVarbind(cursor))
  leave(cursor, outerEnd)
  return varbinds
}

/** Reads any PDU of RFC 3416; never throws (see `Cursor`). A datagram bounds its size. */
export const readPdu = (cursor: Cursor): Pdu => {
  const type = peekTag(cursor)
  const outerEnd = enter(cursor, type)
  const id = readInteger(cursor)
  const errorStatus = readInteger(cursor)
  readInteger(cursor)
  const varbinds = readVarbinds(cursor)
  leave(cursor, outerEnd)
  return { type, id, errorStatus, varbinds }
}
