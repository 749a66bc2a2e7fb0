import { bounded } from '../net/text.ts'

/** What could be read of the bytes so far: a value and how many bytes it took, more to wait for, or what is wrong. */
export type Parsed<Value> =
  { readonly value: Value; readonly used: number } | 'more' | { readonly problem: string }

/** RFC 4253 §4.2: `SSH-protoversion-softwareversion SP comments`. */
export interface Identification {
  /** The whole line, of at most 255 characters. */
  readonly banner: string
  /** `2.0`; `1.99` speaks 1.5 as well. */
  readonly protocolVersion: string
  readonly software: string
  readonly comments?: string
  /** What the server said before it. */
  readonly preamble: readonly string[]
}

/** Lines that a server may send before its identification, all together. */
const maxBytes = 8192
const maxPreambleLines = 20
const lineFeed = 10

const form = /^SSH-(\d{1,3}\.\d{1,3})-([^ ]*)(?: (.*))?$/u

/** Bytes as one line of a person's text. */
export const lineOf = (bytes: Buffer): string => bounded(bytes.toString('utf8'), 255)

const linesOf = (bytes: Buffer): readonly string[] =>
  bytes
    .subarray(0, maxBytes)
    .toString('latin1')
    .split('\n')
    .slice(0, maxPreambleLines)
    .map((line) => lineOf(Buffer.from(line, 'latin1')))
    .filter((line) => line !== '')

const startOfLine = (bytes: Buffer, at: number): boolean => at === 0 || bytes[at - 1] === lineFeed

const findIdentification = (bytes: Buffer): number => {
  for (let at = bytes.indexOf('SSH-'); at !== -1; at = bytes.indexOf('SSH-', at + 1))
    if (startOfLine(bytes, at)) return at
  return -1
}

/** Reads a server's identification line and what comes before it. Never throws. */
export const readIdentification = (received: Buffer): Parsed<Identification> => {
  const bytes = received.subarray(0, maxBytes)
  const start = findIdentification(bytes)
  const end = start === -1 ? -1 : bytes.indexOf(lineFeed, start)
  if (end === -1)
    return received.length < maxBytes
      ? 'more'
      : { problem: `expected an SSH identification within ${maxBytes} bytes, got ${lineOf(bytes)}` }
  const banner = lineOf(bytes.subarray(start, end))
  const [, protocolVersion, software, comments] = form.exec(banner) ?? []
  if (protocolVersion === undefined || software === undefined)
    return { problem: `expected SSH-protocol-software, got ${banner}` }
  const preamble = linesOf(bytes.subarray(0, start))
  const value = { banner, protocolVersion, software, ...(comments && { comments }), preamble }
  return { value, used: end + 1 }
}
