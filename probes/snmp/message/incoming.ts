import {
  type Cursor,
  cursorOver,
  enter,
  leave,
  peekTag,
  readInteger,
  readOctets,
  spoil,
  tags,
} from './ber.ts'
import { type Pdu, readPdu } from './pdu.ts'

/** An engine’s own clock (RFC 3414 §2.2), as a message states it. */
export interface EngineClock {
  readonly engineId: Buffer
  /** How often it has booted, and seconds since then. */
  readonly boots: number
  readonly time: number
}

/** SNMPv2c (RFC 1901). */
export interface CommunityMessage {
  readonly version: 'v2c'
  /** request-id of its PDU. */
  readonly id: number
  readonly community: Buffer
  readonly pdu: Pdu
}

/** SNMPv3 with the user-based security model, neither authenticated nor decrypted yet (RFC 3412 §6, RFC 3414 §2.4). */
export interface UserMessage {
  readonly version: 'v3'
  /** msgID. */
  readonly id: number
  /** msgFlags. */
  readonly flags: number
  readonly clock: EngineClock
  readonly user: Buffer
  /** msgAuthenticationParameters, in the memory of `bytes`. */
  readonly digest: Buffer
  /** msgPrivacyParameters. */
  readonly salt: Buffer
  /** The encrypted octets where `isEncrypted`, else the scoped PDU with its tag. */
  readonly data: Buffer
  readonly isEncrypted: boolean
  /** The whole message. */
  readonly bytes: Buffer
}

export type Incoming = CommunityMessage | UserMessage

const versions = { v2c: 1, v3: 3 } as const
const userSecurityModel = 3

/** RFC 3411, SnmpEngineID. */
const maxEngineIdBytes = 32
/** RFC 3414 §2.4: boots and time are numbers of 31 bits. */
const maxClock = 2 ** 31 - 1

const readCommunityMessage = (cursor: Cursor): CommunityMessage => {
  const community = readOctets(cursor)
  const pdu = readPdu(cursor)
  return { version: 'v2c', id: pdu.id, community, pdu }
}

const readHeaderData = (cursor: Cursor): Pick<UserMessage, 'id' | 'flags'> => {
  const outerEnd = enter(cursor, tags.sequence)
  const id = readInteger(cursor)
  readInteger(cursor)
  const flags = readOctets(cursor)
  if (readInteger(cursor) !== userSecurityModel || flags.length !== 1) spoil(cursor)
  leave(cursor, outerEnd)
  return { id, flags: flags[0] ?? 0 }
}

const readClock = (cursor: Cursor): EngineClock => {
  const engineId = readOctets(cursor)
  const boots = readInteger(cursor)
  const time = readInteger(cursor)
  const isNumber = (value: number): boolean => value >= 0 && value <= maxClock
  if (engineId.length > maxEngineIdBytes || !isNumber(boots) || !isNumber(time)) spoil(cursor)
  return { engineId, boots, time }
}

const readSecurity = (cursor: Cursor): Pick<UserMessage, 'clock' | 'user' | 'digest' | 'salt'> => {
  const outerEnd = enter(cursor, tags.octets)
  const innerEnd = enter(cursor, tags.sequence)
  const clock = readClock(cursor)
  const user = readOctets(cursor)
  const digest = readOctets(cursor)
  const salt = readOctets(cursor)
  leave(cursor, innerEnd)
  leave(cursor, outerEnd)
  return { clock, user, digest, salt }
}

const readData = (cursor: Cursor): Pick<UserMessage, 'data' | 'isEncrypted'> => {
  if (peekTag(cursor) === tags.octets) return { data: readOctets(cursor), isEncrypted: true }
  const start = cursor.at
  readOctets(cursor, tags.sequence)
  return { data: cursor.bytes.subarray(start, cursor.at), isEncrypted: false }
}

const readUserMessage = (cursor: Cursor): UserMessage => ({
  version: 'v3',
  ...readHeaderData(cursor),
  ...readSecurity(cursor),
  ...readData(cursor),
  bytes: cursor.bytes,
})

/** Takes a datagram apart; undefined where it is no message of SNMPv2c or SNMPv3. Never throws. */
export const decodeMessage = (datagram: Buffer): Incoming | undefined => {
  const cursor = cursorOver(datagram)
  enter(cursor, tags.sequence)
  const version = readInteger(cursor)
  if (version !== versions.v2c && version !== versions.v3) return undefined
  const message = version === versions.v2c ? readCommunityMessage(cursor) : readUserMessage(cursor)
  return cursor.isSound ? message : undefined
}
