import net from 'node:net'
import { bounded } from '../net/text.ts'

const maxData = 500

const octet = (byte: number): string => {
  const character = String.fromCharCode(byte)
  if (character === '"' || character === '\\') return `\\${character}`
  return byte >= 0x20 && byte <= 0x7e ? character : `\\${String(byte).padStart(3, '0')}`
}

/** RFC 1035 §5.1: a character string in quotes, `\DDD` for what is not printable ASCII. */
const quoted = (text: unknown): string => {
  const bytes = Buffer.isBuffer(text) ? text : Buffer.from(String(text))
  return `"${Array.from(bytes.subarray(0, maxData), octet).join('')}"`
}

const hex = (value: unknown): string => (Buffer.isBuffer(value) ? value.toString('hex') : '')

type Fields = Readonly<Record<string, unknown>>

const words =
  (...keys: readonly string[]) =>
  (data: Fields): string =>
    keys.map((key) => (Buffer.isBuffer(data[key]) ? hex(data[key]) : String(data[key]))).join(' ')

/** How the structured types are written in a zone file. */
const formats: Readonly<Record<string, (data: Fields) => string>> = {
  MX: words('preference', 'exchange'),
  SOA: words('mname', 'rname', 'serial', 'refresh', 'retry', 'expire', 'minimum'),
  SRV: words('priority', 'weight', 'port', 'target'),
  DS: words('keyTag', 'algorithm', 'digestType', 'digest'),
  TLSA: words('usage', 'selector', 'matchingType', 'certificate'),
  CAA: ({ flags, tag, value }) => `${String(flags)} ${String(tag)} ${quoted(value)}`,
  HINFO: ({ cpu, os }) => `${quoted(cpu)} ${quoted(os)}`,
  NAPTR: (data) =>
    [
      words('order', 'preference')(data),
      ...[data['flags'], data['services'], data['regexp']].map(quoted),
      String(data['replacement']),
    ].join(' '),
}

/** RFC 5952: the one text form of an IPv6 address; other text as it is. */
const canonical = (address: string): string =>
  net.isIPv6(address) ? new net.SocketAddress({ address, family: 'ipv6' }).address : address

const isFields = (data: unknown): data is Fields => typeof data === 'object' && data !== null

const textOf = (type: string, data: unknown): string => {
  if (typeof data === 'string') return type === 'AAAA' ? canonical(data) : data
  if (type === 'TXT' && Array.isArray(data)) return data.slice(0, 20).map(quoted).join(' ')
  // RFC 3597 §5: data of a type that we do not read.
  if (Buffer.isBuffer(data)) return `\\# ${data.length} ${data.subarray(0, maxData).toString('hex')}`
  const format = Object.hasOwn(formats, type) ? formats[type] : undefined
  if (!isFields(data)) return String(data)
  return format === undefined ? JSON.stringify(data) : format(data)
}

/** A record's data as `dig +short` prints it, names without their last dot, at most 500 characters. */
export const dataText = (type: string, data: unknown): string => bounded(textOf(type, data), maxData)

/** Two texts that mean the same answer become the same text. */
export const comparable = (text: string): string => canonical(text.toLowerCase().replace(/\.$/u, ''))
