/** Just enough BER (X.690) to write SNMP messages that no honest library would send. */

export const tags = {
  integer: 0x02,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  ipAddress: 0x40,
  counter32: 0x41,
  timeTicks: 0x43,
  counter64: 0x46,
  getRequest: 0xa0,
  response: 0xa2,
  trap: 0xa7,
  report: 0xa8,
} as const

const lengthBytes = (length: number): Buffer =>
  length < 128 ? Buffer.from([length]) : Buffer.from([0x82, length >> 8, length & 0xff])

export const element = (tag: number, ...content: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(content)
  return Buffer.concat([Buffer.from([tag]), lengthBytes(body.length), body])
}

export const sequence = (...content: readonly Buffer[]): Buffer => element(tags.sequence, ...content)
export const octets = (text: string | Buffer): Buffer => element(tags.octets, Buffer.from(text))

/** Two's complement in as few octets as it needs. */
export const integer = (value: number, tag: number = tags.integer): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  const size = [1, 2, 3, 4, 5, 6].find((count) => bytes.readIntBE(8 - count, count) === value)
  return element(tag, bytes.subarray(8 - (size ?? 8)))
}

const base128 = (value: number): readonly number[] =>
  value < 128 ? [value] : [...base128(Math.floor(value / 128)).map((digit) => digit | 128), value % 128]

export const oid = (dotted: string): Buffer => {
  const [first = 1, second = 3, ...rest] = dotted.split('.').map(Number)
  return element(tags.oid, Buffer.from([first * 40 + second, ...rest].flatMap(base128)))
}

export const varbind = (name: string, value: Buffer): Buffer => sequence(oid(name), value)

export interface Pdu {
  readonly tag?: number
  readonly id: number
  readonly status?: number
  readonly varbinds?: readonly Buffer[]
}

export const pdu = ({ tag = tags.response, id, status = 0, varbinds = [] }: Pdu): Buffer =>
  element(tag, integer(id), integer(status), integer(0), sequence(...varbinds))

export const v2c = (community: string, content: Buffer, version = 1): Buffer =>
  sequence(integer(version), octets(community), content)

export interface V3 {
  readonly id: number
  readonly flags?: number
  readonly engineId?: Buffer
  readonly boots?: number
  readonly time?: number
  readonly content: Buffer
}

export const engineId = Buffer.from('80001f8804', 'hex')

/** An SNMPv3 message; in clear unless `content` is an octet string. */
export const v3 = ({
  id,
  flags = 0,
  engineId: engine = engineId,
  boots = 1,
  time = 1,
  content,
}: V3): Buffer =>
  sequence(
    integer(3),
    sequence(integer(id), integer(65_507), octets(Buffer.from([flags])), integer(3)),
    octets(
      sequence(octets(engine), integer(boots), integer(time), octets('sha256user'), octets(''), octets('')),
    ),
    content,
  )

export const scoped = (content: Buffer): Buffer => sequence(octets(engineId), octets(''), content)

/** The elements of a constructed element, as tag and content. */
export const children = (bytes: Buffer): readonly { tag: number; content: Buffer }[] => {
  const found: { tag: number; content: Buffer }[] = []
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at + 1]!
    const count = first < 128 ? 0 : first & 127
    const length = count === 0 ? first : bytes.readUIntBE(at + 2, count)
    const start = at + 2 + count
    found.push({ tag: bytes[at]!, content: bytes.subarray(start, start + length) })
    at = start + length
  }
  return found
}

const number = (content: Buffer): number => content.readIntBE(0, content.length)

/** request-id of a v2c request. */
export const requestId = (request: Buffer): number => {
  const [, , requested] = children(children(request)[0]!.content)
  return number(children(requested!.content)[0]!.content)
}

/** msgID of a v3 request. */
export const messageId = (request: Buffer): number => {
  const [, header] = children(children(request)[0]!.content)
  return number(children(header!.content)[0]!.content)
}
