/**
 * A first look at what came in, before the SNMP library sees it: which version, which PDU, how protected.
 * BER as RFC 3417 §8 uses it; only the envelope is read.
 */

interface Element {
  readonly tag: number
  /** First byte of the content. */
  readonly start: number
  /** First byte after the content. */
  readonly end: number
}

export type Envelope =
  | { readonly version: 'v2c'; readonly pdu: number }
  | {
      readonly version: 'v3'
      /** RFC 3412 §6.4: both bits of msgFlags, authentication and privacy. */
      readonly isAuthPriv: boolean
      /** Tag of the PDU where it travels in clear. */
      readonly pdu: number | undefined
      readonly engineIdBytes: number
    }

const tags = { integer: 0x02, octets: 0x04, sequence: 0x30 } as const
const pdus = { response: 0xa2, report: 0xa8 } as const
const versions = { v2c: 1, v3: 3 } as const

/** RFC 3411, SnmpEngineID: at most 32 octets. */
const maxEngineIdBytes = 32

const longLength = (bytes: Buffer, at: number): { length: number; start: number } | undefined => {
  const count = (bytes[at] ?? 0) & 0x7f
  const start = at + 1 + count
  if (count === 0 || count > 4 || start > bytes.length) return undefined
  return { length: bytes.readUIntBE(at + 1, count), start }
}

const elementAt = (bytes: Buffer, at: number): Element | undefined => {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) return undefined
  const { length, start } =
    first < 0x80 ? { length: first, start: at + 2 } : (longLength(bytes, at + 1) ?? {})
  if (length === undefined || start === undefined || start + length > bytes.length) return undefined
  return { tag, start, end: start + length }
}

/** The elements inside `outer`, at most `count` of them; undefined where one is cut off or leaves its parent. */
const elementsIn = (bytes: Buffer, outer: Element, count: number): readonly Element[] | undefined => {
  const found: Element[] = []
  for (let at = outer.start; at < outer.end && found.length < count;) {
    const element = elementAt(bytes, at)
    if (element === undefined || element.end > outer.end) return undefined
    found.push(element)
    at = element.end
  }
  return found
}

const parts = (
  bytes: Buffer,
  outer: Element | undefined,
  wanted: readonly (number | undefined)[],
): readonly Element[] | undefined => {
  const found = outer && elementsIn(bytes, outer, wanted.length)
  if (found?.length !== wanted.length) return undefined
  return wanted.every((tag, position) => tag === undefined || tag === found[position]?.tag)
    ? found
    : undefined
}

const communityEnvelope = (bytes: Buffer, message: Element): Envelope | undefined => {
  const pdu = parts(bytes, message, [tags.integer, tags.octets, undefined])?.[2]
  return pdu && { version: 'v2c', pdu: pdu.tag }
}

const usmEnvelope = (bytes: Buffer, message: Element): Envelope | undefined => {
  const [, header, security, data] =
    parts(bytes, message, [tags.integer, tags.sequence, tags.octets, undefined]) ?? []
  const flags = parts(bytes, header, [tags.integer, tags.integer, tags.octets])?.[2]
  const parameters = parts(bytes, security, [tags.sequence])?.[0]
  const engineId = parts(bytes, parameters, [tags.octets])?.[0]
  if (data === undefined || flags === undefined || engineId === undefined) return undefined
  const scoped = data.tag === tags.sequence ? parts(bytes, data, [tags.octets, tags.octets, undefined]) : []
  return {
    version: 'v3',
    isAuthPriv: ((bytes[flags.start] ?? 0) & 3) === 3,
    pdu: scoped?.[2]?.tag,
    engineIdBytes: engineId.end - engineId.start,
  }
}

/** The envelope of an SNMP message, or undefined for bytes that are none. Never throws. */
export const envelopeOf = (bytes: Buffer): Envelope | undefined => {
  const message = elementAt(bytes, 0)
  if (message?.tag !== tags.sequence) return undefined
  const version = elementAt(bytes, message.start)
  if (version?.tag !== tags.integer || version.end - version.start !== 1) return undefined
  const number = bytes[version.start]
  if (number === versions.v2c) return communityEnvelope(bytes, message)
  return number === versions.v3 ? usmEnvelope(bytes, message) : undefined
}

/**
 * Why an answer must not reach the library, or undefined where it may.
 *
 * The library takes an SNMPv3 answer at whatever security level the answer itself states, so that anyone on
 * the path could strip authentication (RFC 3412 §7.2 wants the level of the request: authPriv here).
 * Only a Report may come in clear. It also keeps keys by engine id for ever, so an overlong one is refused.
 */
export const objectionTo = (datagram: Buffer, version: Envelope['version']): string | undefined => {
  const envelope = envelopeOf(datagram)
  if (envelope === undefined) return 'expected an SNMP message, got other bytes'
  if (envelope.version !== version) return `expected SNMP ${version}, got ${envelope.version}`
  if (envelope.version === 'v2c')
    return envelope.pdu === pdus.response ? undefined : 'expected a response PDU, got another'
  if (envelope.engineIdBytes > maxEngineIdBytes) return 'expected an engine id of up to 32 octets, got more'
  if (envelope.isAuthPriv || envelope.pdu === pdus.report) return undefined
  return 'expected an authenticated and encrypted answer, got one in clear'
}
