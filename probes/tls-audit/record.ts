/** Record layer (RFC 8446 §5.1; GB/T 38636-2020 §6.3.3 is the same but for its version) and what it carries. */

export interface TlsRecord {
  readonly type: number
  readonly header: Buffer
  readonly payload: Buffer
}

export interface HandshakeMessage {
  readonly type: number
  readonly body: Buffer
  /** With its header, as the transcript has it. */
  readonly bytes: Buffer
}

/** The first piece of a stream and what follows it; `more`: it is not there yet; `foreign`: it cannot be one. */
export type Taken<Piece> = { readonly piece: Piece; readonly rest: Buffer } | 'more' | 'foreign'

export const recordTypes = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const

const knownTypes: readonly number[] = Object.values(recordTypes)

/** RFC 5246 §6.2.3. */
const maxRecord = 16_384 + 2048

/** As much of a message as OpenSSL takes of a chain. */
const maxMessage = 100 * 1024

const isVersion = (major: number | undefined, minor: number | undefined): boolean =>
  major === undefined || major === 3 || (major === 1 && (minor === undefined || minor === 1))

/** Takes the first record off a stream. Decides on the first bytes already whether this is a TLS peer. */
export const takeRecord = (stream: Buffer): Taken<TlsRecord> => {
  const [type, major, minor] = stream
  if (type === undefined) return 'more'
  if (!knownTypes.includes(type) || !isVersion(major, minor)) return 'foreign'
  if (stream.length < 5) return 'more'
  const length = stream.readUInt16BE(3)
  if (length > maxRecord) return 'foreign'
  if (stream.length < 5 + length) return 'more'
  const header = stream.subarray(0, 5)
  return {
    piece: { type, header, payload: stream.subarray(5, 5 + length) },
    rest: stream.subarray(5 + length),
  }
}

/** Takes the first handshake message off what the handshake records carried. */
export const takeMessage = (stream: Buffer): Taken<HandshakeMessage> => {
  if (stream.length < 4) return 'more'
  const length = stream.readUIntBE(1, 3)
  if (length > maxMessage) return 'foreign'
  if (stream.length < 4 + length) return 'more'
  const bytes = stream.subarray(0, 4 + length)
  return {
    piece: { type: stream.readUInt8(0), body: bytes.subarray(4), bytes },
    rest: stream.subarray(4 + length),
  }
}
