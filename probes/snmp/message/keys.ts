import { type KeyObject, hash } from 'node:crypto'

/** RFC 3414 §6.3 and RFC 7860 §4.2: which hash, and how many octets of the HMAC travel. */
export const authentications = {
  sha1: { hash: 'sha1', digestBytes: 12 },
  sha256: { hash: 'sha256', digestBytes: 24 },
} as const
export type AuthProtocol = keyof typeof authentications

/** RFC 3414 §A.2.2: the password is repeated to this length. */
const expandedBytes = 2 ** 20

/** Ku of a password (RFC 3414 §A.2): a hash over 1 MiB, so it takes a millisecond. */
export const passwordKey = (protocol: AuthProtocol, password: string): Buffer =>
  hash(authentications[protocol].hash, Buffer.alloc(expandedBytes, password, 'utf8'), 'buffer')

/** Kul: the key of one engine (RFC 3414 §2.6). */
export const localizedKey = (protocol: AuthProtocol, key: Buffer, engineId: Buffer): Buffer =>
  hash(authentications[protocol].hash, Buffer.concat([key, engineId, key]), 'buffer')

/** Keys of one user at one engine, prepared once: that takes four times as long as using them. */
export interface UserKeys {
  readonly protocol: AuthProtocol
  readonly authKey: KeyObject
  /** AES-128: the first sixteen octets of the localized key (RFC 3826 §1.2). */
  readonly privKey: KeyObject
}
