import { createDecipheriv, createHash, createHmac, type CipherGCMTypes } from 'node:crypto'
import { uint16, vector8 } from './bytes.ts'
import { type TlsRecord } from './record.ts'

/** Key schedule of RFC 8446 §7.1 as far as the server's handshake messages, to read the certificates in them. */

interface Algorithms {
  readonly hash: 'sha256' | 'sha384'
  readonly cipher: CipherGCMTypes | 'chacha20-poly1305'
  readonly keyBytes: number
}

const algorithms: ReadonlyMap<number, Algorithms> = new Map([
  [0x1301, { hash: 'sha256', cipher: 'aes-128-gcm', keyBytes: 16 }],
  [0x1302, { hash: 'sha384', cipher: 'aes-256-gcm', keyBytes: 32 }],
  [0x1303, { hash: 'sha256', cipher: 'chacha20-poly1305', keyBytes: 32 }],
])

const ivBytes = 12
const tagBytes = 16

type Hash = Algorithms['hash']

const digest = (hash: Hash, ...parts: readonly Buffer[]): Buffer =>
  createHash(hash).update(Buffer.concat(parts)).digest()

const hmac = (hash: Hash, key: Buffer, ...parts: readonly Buffer[]): Buffer =>
  createHmac(hash, key).update(Buffer.concat(parts)).digest()

/** HKDF-Expand-Label; no output here is longer than one block of the hash. */
const expandLabel = (
  hash: Hash,
  secret: Buffer,
  [label, context, bytes]: readonly [label: string, context: Buffer, bytes: number],
): Buffer => {
  const info = [uint16(bytes), vector8(Buffer.from(`tls13 ${label}`)), vector8(context)]
  return hmac(hash, secret, ...info, Buffer.of(1)).subarray(0, bytes)
}

const serverHandshakeSecret = (hash: Hash, shared: Buffer, transcript: readonly Buffer[]): Buffer => {
  const zeros = Buffer.alloc(digest(hash).length)
  const early = hmac(hash, zeros, zeros)
  const derived = expandLabel(hash, early, ['derived', digest(hash), zeros.length])
  const handshake = hmac(hash, derived, shared)
  return expandLabel(hash, handshake, ['s hs traffic', digest(hash, ...transcript), zeros.length])
}

const nonceOf = (iv: Buffer, sequence: number): Buffer => {
  const nonce = Buffer.from(iv)
  nonce.writeUInt32BE((nonce.readUInt32BE(ivBytes - 4) ^ sequence) >>> 0, ivBytes - 4)
  return nonce
}

/** RFC 8446 §5.2: content, its type, zeros. */
const innerOf = (plain: Buffer): Pick<TlsRecord, 'type' | 'payload'> | undefined => {
  const last = plain.findLastIndex((byte) => byte !== 0)
  const type = plain[last]
  return type === undefined ? undefined : { type, payload: plain.subarray(0, last) }
}

/** Opens one encrypted record after another; undefined where one cannot be opened. */
export type Decryptor = (record: TlsRecord) => Pick<TlsRecord, 'type' | 'payload'> | undefined

const openWith = (
  cipher: Algorithms['cipher'],
  key: Buffer,
  nonce: Buffer,
  { header, payload }: TlsRecord,
): Buffer => {
  const options = { authTagLength: tagBytes }
  const decipher =
    cipher === 'chacha20-poly1305'
      ? createDecipheriv(cipher, key, nonce, options)
      : createDecipheriv(cipher, key, nonce, options)
  const cut = payload.length - tagBytes
  decipher.setAAD(header, { plaintextLength: cut }).setAuthTag(payload.subarray(cut))
  return Buffer.concat([decipher.update(payload.subarray(0, cut)), decipher.final()])
}

/**
 * The reader of what a server of TLS 1.3 sends after its ServerHello.
 * `transcript` is ClientHello and ServerHello; undefined for a suite that we cannot calculate.
 */
export const handshakeDecryptor = (
  suite: number,
  shared: Buffer,
  transcript: readonly Buffer[],
): Decryptor | undefined => {
  const known = algorithms.get(suite)
  if (known === undefined) return undefined
  const { hash, cipher, keyBytes } = known
  const secret = serverHandshakeSecret(hash, shared, transcript)
  const key = expandLabel(hash, secret, ['key', Buffer.alloc(0), keyBytes])
  const iv = expandLabel(hash, secret, ['iv', Buffer.alloc(0), ivBytes])
  let sequence = 0
  return (record) => {
    if (record.payload.length <= tagBytes) return undefined
    try {
      return innerOf(openWith(cipher, key, nonceOf(iv, sequence++), record))
    } catch {
      // Tampered with, or of another key: Node says no more than that.
      return undefined
    }
  }
}
