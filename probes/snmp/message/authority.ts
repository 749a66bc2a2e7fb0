import {
  type Writer,
  cursorOver,
  enter,
  putHeader,
  putInteger,
  putOctets,
  readOctets,
  tags,
  written,
} from './ber.ts'
import type { EngineClock } from './incoming.ts'
import type { UserKeys } from './keys.ts'
import { putOid } from './oid.ts'
import { pduTags } from './pdu.ts'
import { flags, nothing, putEnvelope, restart, seal, sign } from './usm.ts'

/** What an engine says of itself in messages of its own authority. */
export interface Authority {
  readonly clock: EngineClock
  readonly maxBytes: number
}

export interface UserAnswer extends Authority {
  /** msgID of what is answered. */
  readonly id: number
  readonly user: Buffer
  readonly keys: UserKeys
  readonly salt: Buffer
  /** The scoped PDU of the InformRequest, in clear and sound. */
  readonly scoped: Buffer
}

/** The Response to an InformRequest: the same but for the PDU’s type (RFC 3416 §4.2.7). */
export const encodeUserAnswer = ({ scoped, ...envelope }: UserAnswer): Buffer => {
  const cursor = cursorOver(scoped)
  enter(cursor, tags.sequence)
  readOctets(cursor)
  readOctets(cursor)
  const answer = Buffer.from(scoped)
  answer[cursor.at] = pduTags.response
  return seal({ ...envelope, flags: flags.authenticated | flags.encrypted }, answer)
}

export interface UserReport extends Authority {
  /** msgID of what is answered, and its request-id, 0 where that could not be read. */
  readonly id: number
  readonly requestId: number
  readonly user: Buffer
  /** OID of a counter, and how far it has come. */
  readonly counter: string
  readonly count: number
  /** Given: the Report is authenticated. */
  readonly keys?: UserKeys
}

const putCounter = (writer: Writer, oid: string, count: number): void => {
  const end = writer.at
  putInteger(writer, count, tags.counter32)
  putOid(writer, oid)
  putHeader(writer, tags.sequence, end)
}

const putReport = (writer: Writer, { requestId, counter, count, clock }: UserReport): void => {
  const end = writer.at
  putCounter(writer, counter, count)
  putHeader(writer, tags.sequence, end)
  putInteger(writer, 0)
  putInteger(writer, 0)
  putInteger(writer, requestId)
  putHeader(writer, pduTags.report, end)
  putOctets(writer, nothing)
  putOctets(writer, clock.engineId)
  putHeader(writer, tags.sequence, end)
}

/** Why a message was not taken (RFC 3412 §7.1.3); in clear, since the other side may know no key. */
export const encodeReport = (report: UserReport): Buffer => {
  const { id, user, clock, maxBytes, keys } = report
  const writer = restart()
  putReport(writer, report)
  if (keys !== undefined) {
    const authenticated = { id, flags: flags.authenticated, clock, user, maxBytes, salt: nothing }
    return sign(writer, keys, authenticated)
  }
  putEnvelope(writer, { id, flags: 0, clock, user, maxBytes, digestBytes: 0, salt: nothing })
  return written(writer)
}
