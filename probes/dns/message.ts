import { randomInt } from 'node:crypto'
import { domainToASCII } from 'node:url'
import net from 'node:net'
import packet from 'dns-packet'
import { bounded } from '../net/text.ts'
import { dataText } from './presentation.ts'

/** RFC 1035 §4.1.1 and RFC 2136: the name of a code is its place. */
export const rcodes = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
] as const

export const types = [
  'A',
  'AAAA',
  'CAA',
  'CNAME',
  'DS',
  'HINFO',
  'MX',
  'NAPTR',
  'NS',
  'PTR',
  'SOA',
  'SRV',
  'TLSA',
  'TXT',
] as const

export interface Question {
  readonly name: string
  readonly type: (typeof types)[number]
  readonly recursion: boolean
}

export interface Query extends Question {
  readonly id: number
  readonly bytes: Buffer
}

export interface DnsAnswer {
  readonly name: string
  readonly type: string
  /** Seconds. */
  readonly ttl: number
  /** As in a zone file, names without their last dot. */
  readonly data: string
}

export interface Reply {
  readonly id: number
  readonly rcode: number
  readonly authoritative: boolean
  readonly authenticatedData: boolean
  readonly truncated: boolean
  readonly questions: readonly { readonly name: string; readonly type: string }[]
  readonly answers: readonly DnsAnswer[]
}

/** RFC 6891 §6.2.5, and the size that the DNS Flag Day of 2020 found to pass everywhere. */
const udpPayloadSize = 1232

const asciiName = (name: string): string =>
  /^[\x21-\x7e]*$/u.test(name) ? name : domainToASCII(name) || name

/** Whether a name has a form on the wire: labels of 1 to 63 octets once they are ASCII (RFC 1035 §2.3.4). */
export const isEncodable = (name: string): boolean => {
  const ascii = asciiName(name).replace(/\.$/u, '')
  return (
    ascii === '' ||
    (ascii.length <= 253 && ascii.split('.').every((label) => /^[\x21-\x7e]{1,63}$/u.test(label)))
  )
}

/** A query with a random id. Names that are not ASCII are sent in their IDNA form. */
export const queryFor = ({ name, type, recursion }: Question): Query => {
  const id = randomInt(0x1_0000)
  const ascii = asciiName(name)
  const bytes = packet.encode({
    type: 'query',
    id,
    flags: recursion ? packet.RECURSION_DESIRED : 0,
    questions: [{ type, name: ascii }],
    additionals: [{ type: 'OPT', name: '.', udpPayloadSize, flags: 0, options: [] }],
  })
  return { id, name: ascii, type, recursion, bytes }
}

const isWhole = ({ type, data }: packet.Answer): boolean => {
  // Where a record ends early, the library makes an address of what is not there.
  if (type === 'A') return net.isIPv4(String(data))
  return type === 'AAAA' ? net.isIPv6(String(data)) : true
}

const answerOf = ({ name, type, ttl, data }: packet.Answer): DnsAnswer => ({
  name: bounded(name, 255),
  type: bounded(type, 20),
  ttl: ttl ?? 0,
  data: dataText(type, data),
})

const flag = ({ flags }: packet.Decoded, mask: number): boolean => (flags & mask) !== 0

const rcodeOf = ({ flags, additionals }: packet.Decoded): number =>
  (flags & 0xf) | ((additionals.find(({ type }) => type === 'OPT')?.extendedRcode ?? 0) << 4)

const replyOf = (decoded: packet.Decoded): Reply => ({
  id: decoded.id,
  rcode: rcodeOf(decoded),
  authoritative: flag(decoded, packet.AUTHORITATIVE_ANSWER),
  authenticatedData: flag(decoded, packet.AUTHENTIC_DATA),
  truncated: flag(decoded, packet.TRUNCATED_RESPONSE),
  questions: decoded.questions.map(({ name, type }) => ({ name, type })),
  answers: decoded.answers.map(answerOf),
})

const headerBytes = 12
const truncatedBit = 0x02

/** Servers that cut an answer may cut it within a record: header and question still say that it was cut. */
const decode = (bytes: Buffer): packet.Decoded => {
  try {
    return packet.decode(bytes)
  } catch (error) {
    if (bytes.length < headerBytes || (bytes.readUInt8(2) & truncatedBit) === 0) throw error
    const withoutRecords = Buffer.from(bytes).fill(0, 6, headerBytes)
    return packet.decode(withoutRecords)
  }
}

/** A message from the wire as a reply, or undefined where it is none. Never throws. */
export const decodeReply = (bytes: Buffer): Reply | undefined => {
  try {
    const decoded = decode(bytes)
    return decoded.type === 'response' && decoded.answers.every(isWhole) ? replyOf(decoded) : undefined
  } catch {
    return undefined
  }
}

const sameName = (a: string, b: string): boolean =>
  a.toLowerCase().replace(/\.$/u, '') === b.toLowerCase().replace(/\.$/u, '')

/**
 * Whether a reply is the answer to this query: id and question (RFC 5452 §9.1).
 * A server that could not read the question may leave it out of its error.
 */
export const isReplyTo = ({ id, name, type }: Query, reply: Reply): boolean => {
  if (reply.id !== id) return false
  const [question] = reply.questions
  if (question === undefined) return reply.rcode !== 0
  return sameName(question.name, name) && question.type === type
}

/** `NXDOMAIN`; `RCODE16` for a code outside the table. */
export const rcodeName = (rcode: number): string => rcodes[rcode] ?? `RCODE${rcode}`

/** The number of a code by the name that `rcodeName` gives. */
export const rcodeNumber = (name: string): number => {
  const index = (rcodes as readonly string[]).indexOf(name)
  return index === -1 ? Number(name.slice('RCODE'.length)) : index
}
