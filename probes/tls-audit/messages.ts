import { decode, items } from './bytes.ts'

/** What a server sends before keys are agreed on. Decoders return undefined for what is none. */

export const messageTypes = {
  serverHello: 2,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  certificateStatus: 22,
} as const

export interface ServerHello {
  /** Negotiated: that of the extension where there is one. */
  readonly version: number
  readonly suite: number
  /** RFC 8446 §4.1.4: another group is asked for. */
  readonly isRetry: boolean
  readonly keyShare?: { readonly group: number; readonly publicKey: Buffer }
}

export interface Alert {
  readonly level: number
  readonly description: number
}

/** RFC 8446 §4.1.3: the random of a HelloRetryRequest, the SHA-256 of those words. */
const retryRandom = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex')

const maxExtensions = 100

const extensionsOf = (bytes: Buffer): ReadonlyMap<number, Buffer> =>
  new Map(items(bytes, maxExtensions, (cursor) => [cursor.uint16(), cursor.vector16()] as const))

const keyShareOf = (body: Buffer | undefined, isRetry: boolean): ServerHello['keyShare'] =>
  body &&
  decode(body, (cursor) => ({
    group: cursor.uint16(),
    publicKey: isRetry ? Buffer.alloc(0) : cursor.vector16(),
  }))

const selectedVersion = (body: Buffer | undefined): number | undefined =>
  body && decode(body, (cursor) => cursor.uint16())

/** ServerHello and HelloRetryRequest of any version (RFC 8446 §4.1.3, RFC 5246 §7.4.1.3, GB/T 38636-2020). */
export const decodeServerHello = (body: Buffer): ServerHello | undefined =>
  decode(body, (cursor) => {
    const legacyVersion = cursor.uint16()
    const isRetry = cursor.bytes(32).equals(retryRandom)
    cursor.vector8()
    const suite = cursor.uint16()
    cursor.uint8()
    const extensions = extensionsOf(cursor.isAtEnd() ? Buffer.alloc(0) : cursor.vector16())
    const keyShare = keyShareOf(extensions.get(51), isRetry)
    return {
      version: selectedVersion(extensions.get(43)) ?? legacyVersion,
      suite,
      isRetry,
      ...(keyShare && { keyShare }),
    }
  })

/** What is kept of a chain; more are counted as not sent. */
const maxCertificates = 10

/** The certificates of RFC 5246 §7.4.2 and GB/T 38636-2020 §6.4.5.3, as DER. */
export const decodeCertificates = (body: Buffer): readonly Buffer[] | undefined =>
  decode(body, (cursor) => items(cursor.vector24(), maxCertificates, (each) => each.vector24()))

/** RFC 6066 §8: the OCSP response; undefined where there is none in it. */
export const decodeCertificateStatus = (body: Buffer): Buffer | undefined => {
  const response = decode(body, (cursor) => (cursor.uint8() === 1 ? cursor.vector24() : undefined))
  return response?.length === 0 ? undefined : response
}

export interface Certificates13 {
  readonly certificates: readonly Buffer[]
  readonly ocspResponse?: Buffer
}

/** RFC 8446 §4.4.2: certificates with extensions of their own; the first may carry an OCSP response. */
export const decodeCertificates13 = (body: Buffer): Certificates13 | undefined =>
  decode(body, (cursor) => {
    cursor.vector8()
    const entries = items(cursor.vector24(), maxCertificates, (each) => ({
      der: each.vector24(),
      extensions: extensionsOf(each.vector16()),
    }))
    const status = entries[0]?.extensions.get(5)
    const ocspResponse = status && decodeCertificateStatus(status)
    return { certificates: entries.map(({ der }) => der), ...(ocspResponse && { ocspResponse }) }
  })

/** RFC 8446 §6. */
export const decodeAlert = (payload: Buffer): Alert | undefined =>
  decode(payload, (cursor) => ({ level: cursor.uint8(), description: cursor.uint8() }))

const alertNames: ReadonlyMap<number, string> = new Map([
  [0, 'close_notify'],
  [10, 'unexpected_message'],
  [20, 'bad_record_mac'],
  [22, 'record_overflow'],
  [40, 'handshake_failure'],
  [42, 'bad_certificate'],
  [43, 'unsupported_certificate'],
  [47, 'illegal_parameter'],
  [50, 'decode_error'],
  [51, 'decrypt_error'],
  [70, 'protocol_version'],
  [71, 'insufficient_security'],
  [80, 'internal_error'],
  [86, 'inappropriate_fallback'],
  [90, 'user_canceled'],
  [109, 'missing_extension'],
  [110, 'unsupported_extension'],
  [112, 'unrecognized_name'],
  [113, 'bad_certificate_status_response'],
  [115, 'unknown_psk_identity'],
  [116, 'certificate_required'],
  [120, 'no_application_protocol'],
])

/** `handshake_failure`, or `alert 200`. */
export const alertName = ({ description }: Alert): string =>
  alertNames.get(description) ?? `alert ${String(description)}`
