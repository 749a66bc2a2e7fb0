import { randomBytes } from 'node:crypto'
import { uint16, uint16s, uint8, vector16, vector24, vector8 } from './bytes.ts'
import { type KeyShare, groups, keyShareOf } from './key-share.ts'
import { generationOf, protocolVersions, tlcpVersion, type VersionName } from './versions.ts'

/** A hello as it is sent, and what is needed to read the answer to it. */
export interface ClientHello {
  /** The version that the answer must have. */
  readonly version: number
  readonly suites: readonly number[]
  /** The record to send. */
  readonly record: Buffer
  /** The handshake message in it, as the transcript has it (RFC 8446 §4.4.1). */
  readonly message: Buffer
  readonly keyShares: readonly KeyShare[]
}

export interface HelloOptions {
  readonly suites: readonly number[]
  /** Sent as SNI (RFC 6066 §3); none: the extension is not sent. */
  readonly serverName?: string | undefined
  /** Groups to send a key of, in TLS 1.3. */
  readonly keyGroups?: readonly number[]
  /** Groups to offer, where they are not the usual ones. */
  readonly groups?: readonly number[]
  /** Signature schemes to offer, where they are not the usual ones. */
  readonly signatures?: readonly number[]
}

const extension = (type: number, ...body: readonly Buffer[]): Buffer =>
  Buffer.concat([uint16(type), vector16(...body)])

const serverNameExtension = (name: string | undefined): Buffer =>
  name === undefined
    ? Buffer.alloc(0)
    : extension(0, vector16(uint8(0), vector16(Buffer.from(name, 'latin1'))))

/** RFC 6066 §8: please staple an OCSP response. */
const statusRequest = extension(5, uint8(1), vector16(), vector16())

const allGroups = [
  ...Object.values(groups).filter((group) => group !== groups.curveSM2),
  // secp256k1, secp224r1, secp192r1; brainpool P256r1, P384r1, P512r1. No ffdhe: a server that sees one of
  // them must not use another group for DHE (RFC 7919 §4), and would seem to have none.
  ...[0x0016, 0x0015, 0x0013, 0x001a, 0x001b, 0x001c],
]

/** RFC 8446 §4.2.3, with what RFC 5246 knew before it: SHA-1, MD5, DSA. */
const allSignatures = [
  ...[0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b],
  ...[0x0401, 0x0501, 0x0601, 0x0301, 0x0303, 0x0201, 0x0203, 0x0101, 0x0402, 0x0502, 0x0602, 0x0302, 0x0202],
]

/** RFC 8998 §3.2.1. */
export const sm2sigSm3 = 0x0708

const groupsExtension = (options: HelloOptions): Buffer =>
  extension(10, vector16(uint16s(options.groups ?? allGroups)))

const signaturesExtension = (options: HelloOptions): Buffer =>
  extension(13, vector16(uint16s(options.signatures ?? allSignatures)))

const pointFormats = extension(11, vector8(uint8(0)))

const keyShareExtension = (shares: readonly KeyShare[]): Buffer =>
  extension(
    51,
    vector16(...shares.map(({ group, publicKey }) => Buffer.concat([uint16(group), vector16(publicKey)]))),
  )

/** RFC 5746 §3.3: some servers talk only to clients that know of safe renegotiation. */
const renegotiationScsv = 0x00ff

const hello = (
  version: number,
  sessionId: Buffer,
  suites: readonly number[],
  extensions: readonly Buffer[],
): Buffer => {
  const all = Buffer.concat(extensions)
  const body = Buffer.concat([
    uint16(version),
    randomBytes(32),
    vector8(sessionId),
    vector16(uint16s(suites)),
    vector8(uint8(0)),
    ...(all.length === 0 ? [] : [vector16(all)]),
  ])
  return Buffer.concat([uint8(1), vector24(body)])
}

const inRecord = (version: number, message: Buffer): Buffer =>
  Buffer.concat([uint8(22), uint16(version), vector16(message)])

const extensionsOf = (version: VersionName, options: HelloOptions): readonly Buffer[] => {
  // RFC 6101 knows no extensions: servers of that time may choke on them.
  if (version === 'SSLv3') return []
  const common = [
    serverNameExtension(options.serverName),
    statusRequest,
    groupsExtension(options),
    pointFormats,
  ]
  return version === 'TLSv1.2' ? [...common, signaturesExtension(options)] : common
}

const hello13 = (options: HelloOptions): ClientHello => {
  const version = protocolVersions['TLSv1.3']
  const keyShares = (options.keyGroups ?? [groups.x25519, groups.secp256r1])
    .map(keyShareOf)
    .filter((share) => share !== undefined)
  // RFC 8446 §D.4: a session id that nobody resumes, for the sake of what stands in between.
  const message = hello(protocolVersions['TLSv1.2'], randomBytes(32), options.suites, [
    serverNameExtension(options.serverName),
    statusRequest,
    groupsExtension(options),
    signaturesExtension(options),
    extension(43, vector8(uint16(version))),
    keyShareExtension(keyShares),
  ])
  const record = inRecord(protocolVersions['TLSv1.0'], message)
  return { version, suites: options.suites, record, message, keyShares }
}

/** A ClientHello that offers one version of TLS and nothing below it (RFC 8446, 5246, 4346, 2246, 6101). */
export const clientHello = (name: VersionName, options: HelloOptions): ClientHello => {
  if (generationOf(name) === '1.3') return hello13(options)
  const version = protocolVersions[name]
  const message = hello(
    version,
    Buffer.alloc(0),
    [...options.suites, renegotiationScsv],
    extensionsOf(name, options),
  )
  const record = inRecord(Math.min(version, protocolVersions['TLSv1.0']), message)
  return { version, suites: options.suites, record, message, keyShares: [] }
}

/** A ClientHello of GB/T 38636-2020 §6.4.5.2.1: the shape of TLS 1.1, version 0x0101 in record and message. */
export const tlcpHello = ({ suites, serverName }: HelloOptions): ClientHello => {
  const message = hello(tlcpVersion, Buffer.alloc(0), suites, [serverNameExtension(serverName)])
  return { version: tlcpVersion, suites, record: inRecord(tlcpVersion, message), message, keyShares: [] }
}
