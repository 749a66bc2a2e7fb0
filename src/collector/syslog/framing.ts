/** Messages of a TCP or TLS stream: octet counting and non-transparent framing, told apart message by message (RFC 6587 §3.4). */

/** RFC 5424 §6.1 asks for 2048 at least; what is longer is cut, and said to be. */
export const maxMessageBytes = 65_536

export interface Frame {
  readonly bytes: Buffer
  /** It was longer than is kept. */
  readonly isCut: boolean
}

export interface Framer {
  /** The messages that this piece of the stream completes. Holds little more than one message, whatever comes. */
  readonly push: (chunk: Buffer) => readonly Frame[]
  /** In the middle of a message that was cut: nothing of what came last is kept, but for frames. */
  readonly isSkipping: () => boolean
  /** The stream has ended: what is left, if it is a message. */
  readonly end: () => readonly Frame[]
}

const newline = 0x0a
const carriageReturn = 0x0d
const nul = 0x00
/** `MSG-LEN SP <`: a line that begins with a number, but no `<` after it, is not counted. */
const countPattern = /^(?<digits>[1-9]\d{0,8}) </u
const countStart = /^[1-9]\d{0,8} ?$/u
const longestCount = 11

interface Taken {
  readonly frame?: Frame
  /** Bytes of what was held that are done with. */
  readonly used: number
  /** Of a message that was cut: bytes still to come, or everything up to the end of the line. */
  readonly skip?: number | 'line'
}

const trailers: readonly unknown[] = [newline, carriageReturn, nul]

/** Without the line's end, however it is written: rsyslog counts one in. */
const ended = (bytes: Buffer): Buffer => {
  let { length } = bytes
  while (length > 0 && trailers.includes(bytes[length - 1])) length -= 1
  return bytes.subarray(0, length)
}

/** A datagram is one message (RFC 5426 §3.1). */
export const datagramFrame = (bytes: Buffer): Frame => ({
  bytes: ended(bytes).subarray(0, maxMessageBytes),
  isCut: bytes.length > maxMessageBytes,
})

const counted = (held: Buffer, digits: string): Taken | undefined => {
  const start = digits.length + 1
  const length = Number(digits)
  const wanted = Math.min(length, maxMessageBytes)
  if (held.length < start + wanted) return undefined
  const frame = { bytes: ended(held.subarray(start, start + wanted)), isCut: length > wanted }
  return { frame, used: start + wanted, ...(frame.isCut && { skip: length - wanted }) }
}

const line = (held: Buffer): Taken | undefined => {
  const end = held.indexOf(newline)
  if (end >= 0 && end <= maxMessageBytes)
    return { frame: { bytes: ended(held.subarray(0, end)), isCut: false }, used: end + 1 }
  if (held.length <= maxMessageBytes) return undefined
  const frame = { bytes: held.subarray(0, maxMessageBytes), isCut: true }
  return { frame, used: maxMessageBytes, skip: 'line' }
}

/** The first message of what is held; undefined where more of it must come. */
const take = (held: Buffer): Taken | undefined => {
  const head = held.toString('latin1', 0, longestCount)
  if (head.length < longestCount && countStart.test(head)) return undefined
  const digits = countPattern.exec(head)?.groups?.['digits']
  return digits === undefined ? line(held) : counted(held, digits)
}

const afterSkip = (chunk: Buffer, skip: number | 'line'): { rest: Buffer; skip?: number | 'line' } => {
  if (skip === 'line') {
    const end = chunk.indexOf(newline)
    return end < 0 ? { rest: chunk.subarray(chunk.length), skip } : { rest: chunk.subarray(end + 1) }
  }
  const left = skip - chunk.length
  return { rest: chunk.subarray(skip), ...(left > 0 && { skip: left }) }
}

export const createFramer = (): Framer => {
  let held: Buffer = Buffer.alloc(0)
  let skip: number | 'line' | undefined
  const discard = (): void => {
    while (skip !== undefined && held.length > 0)
      ({ rest: held, skip } = { skip: undefined, ...afterSkip(held, skip) })
  }
  return {
    push: (chunk) => {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
      const frames: Frame[] = []
      discard()
      for (let taken = take(held); taken !== undefined && held.length > 0; taken = take(held)) {
        if (taken.frame !== undefined && taken.frame.bytes.length > 0) frames.push(taken.frame)
        held = held.subarray(taken.used)
        skip = taken.skip
        discard()
      }
      return frames
    },
    isSkipping: () => skip !== undefined,
    end: () => {
      const bytes = ended(held)
      held = Buffer.alloc(0)
      return bytes.length > 0 && skip === undefined ? [{ bytes, isCut: false }] : []
    },
  }
}
