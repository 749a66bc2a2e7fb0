import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import {
  type Writer,
  createWriter,
  cursorOver,
  enter,
  leave,
  putHeader,
  putInteger,
  putOctets,
  readOctets,
  tags,
  written,
} from './ber.ts'
import type { EngineClock, UserMessage } from './incoming.ts'
import { type UserKeys, authentications } from './keys.ts'
import { type Pdu, type Request, pduTags, putRequest, readPdu } from './pdu.ts'

/** msgFlags of RFC 3412 §6.4. */
export const flags = { authenticated: 1, encrypted: 2, reportable: 4 } as const

const version = 3
const userSecurityModel = 3
/** The most that a UDP datagram over IPv4 can carry. */
const maxMessageBytes = 65_507
export const nothing = Buffer.alloc(0)
const saltBytes = 8
const scratch = createWriter()

/** The one writer of this module and of `authority.ts`, empty. */
export const restart = (): Writer => {
  scratch.at = scratch.bytes.length
  return scratch
}

const putScoped = (writer: Writer, engineId: Buffer, request: Request): void => {
  const end = writer.at
  putRequest(writer, request)
  putOctets(writer, nothing)
  putOctets(writer, engineId)
  putHeader(writer, tags.sequence, end)
}

export interface Envelope {
  readonly id: number
  readonly flags: number
  readonly clock: EngineClock
  readonly user: Buffer
  /** Octets of the digest, zero until it is known. */
  readonly digestBytes: number
  readonly salt: Buffer
  /** The longest message that whoever says this takes. */
  readonly maxBytes?: number
}

/** Puts all that stands before the data. Returns how far from the end the digest begins. */
export const putEnvelope = (writer: Writer, envelope: Envelope): number => {
  const { id, clock, user, digestBytes, salt, maxBytes = maxMessageBytes } = envelope
  const dataAt = writer.at
  putOctets(writer, salt)
  const digestEnd = writer.at
  putOctets(writer, Buffer.alloc(digestBytes))
  putOctets(writer, user)
  putInteger(writer, clock.time)
  putInteger(writer, clock.boots)
  putOctets(writer, clock.engineId)
  putHeader(writer, tags.sequence, dataAt)
  putHeader(writer, tags.octets, dataAt)
  const headerEnd = writer.at
  putInteger(writer, userSecurityModel)
  putOctets(writer, Buffer.from([envelope.flags]))
  putInteger(writer, maxBytes)
  putInteger(writer, id)
  putHeader(writer, tags.sequence, headerEnd)
  putInteger(writer, version)
  putHeader(writer, tags.sequence, writer.bytes.length)
  return writer.bytes.length - digestEnd + digestBytes
}

const unknownEngine: EngineClock = { engineId: nothing, boots: 0, time: 0 }

/** RFC 3414 §4: a request in clear and to nobody, which an engine answers with its id in a Report. */
export const encodeDiscovery = (id: number): Buffer => {
  const writer = restart()
  putScoped(writer, nothing, { type: pduTags.get, id, oids: [] })
  const { reportable } = flags
  const envelope = { flags: reportable, clock: unknownEngine, user: nothing, digestBytes: 0, salt: nothing }
  putEnvelope(writer, { id, ...envelope })
  return written(writer)
}

const digestOf = ({ protocol, authKey }: UserKeys, message: Buffer): Buffer => {
  const { hash, digestBytes } = authentications[protocol]
  return createHmac(hash, authKey).update(message).digest().subarray(0, digestBytes)
}

/** RFC 3826 §3.1.2.1: boots, time and salt together never come twice under one key. */
const initialVector = ({ boots, time }: EngineClock, salt: Buffer): Buffer => {
  const vector = Buffer.alloc(2 * saltBytes)
  vector.writeUInt32BE(boots, 0)
  vector.writeUInt32BE(time, 4)
  salt.copy(vector, saltBytes)
  return vector
}

const cipherName = 'aes-128-cfb'

export interface UserRequest {
  readonly user: string
  readonly keys: UserKeys
  readonly clock: EngineClock
  /** Eight octets that this process has not used before. */
  readonly salt: Buffer
  /** Of message and PDU: `request.id`. */
  readonly request: Request
}

export interface Seal extends Omit<Envelope, 'digestBytes'> {
  readonly keys: UserKeys
}

/** Puts the envelope before what is written, and signs the whole (RFC 3414 §6.3.1). */
export const sign = (writer: Writer, keys: UserKeys, envelope: Omit<Envelope, 'digestBytes'>): Buffer => {
  const { digestBytes } = authentications[keys.protocol]
  const digestFromEnd = putEnvelope(writer, { ...envelope, digestBytes })
  const message = written(writer)
  digestOf(keys, message).copy(message, message.length - digestFromEnd)
  return message
}

/** A message with this scoped PDU: by HMAC-SHA-1-96 or HMAC-SHA-256-192, and AES-128 in CFB mode. */
export const seal = ({ keys, ...envelope }: Seal, scoped: Uint8Array): Buffer => {
  const { clock, salt } = envelope
  const cipher = createCipheriv(cipherName, keys.privKey, initialVector(clock, salt))
  const data = cipher.update(scoped)
  const writer = restart()
  putOctets(writer, data)
  return sign(writer, keys, envelope)
}

/** A request, authenticated and encrypted. */
export const encodeUserRequest = ({ user, keys, clock, salt, request }: UserRequest): Buffer => {
  const plain = restart()
  putScoped(plain, clock.engineId, request)
  const sent = flags.authenticated | flags.encrypted | flags.reportable
  const envelope = { id: request.id, flags: sent, clock, user: Buffer.from(user), salt }
  return seal({ ...envelope, keys }, plain.bytes.subarray(plain.at))
}

/** Whether the message was made by who has the key (RFC 3414 §6.3.2), compared in constant time. */
export const isAuthentic = ({ bytes, digest }: UserMessage, keys: UserKeys): boolean => {
  if (digest.length !== authentications[keys.protocol].digestBytes) return false
  const blank = Buffer.from(bytes)
  const at = digest.byteOffset - bytes.byteOffset
  blank.fill(0, at, at + digest.length)
  return timingSafeEqual(digest, digestOf(keys, blank))
}

/** The PDU of a scoped PDU in clear; undefined for other bytes. Never throws. */
export const decodeScoped = (bytes: Buffer): Pdu | undefined => {
  const cursor = cursorOver(bytes)
  const outerEnd = enter(cursor, tags.sequence)
  readOctets(cursor)
  readOctets(cursor)
  const pdu = readPdu(cursor)
  leave(cursor, outerEnd)
  return cursor.isSound ? pdu : undefined
}

/** The octets of an encrypted message’s scoped PDU, which a wrong key makes noise of; undefined without a salt. */
export const decryptScoped = (message: UserMessage, keys: UserKeys): Buffer | undefined => {
  if (message.salt.length !== saltBytes) return undefined
  const cipher = createDecipheriv(cipherName, keys.privKey, initialVector(message.clock, message.salt))
  return cipher.update(message.data)
}

/** The PDU of an encrypted message; undefined where it does not decrypt to one. Never throws. */
export const decrypt = (message: UserMessage, keys: UserKeys): Pdu | undefined => {
  const scoped = decryptScoped(message, keys)
  return scoped && decodeScoped(scoped)
}
