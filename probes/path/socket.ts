import type { Resolved } from '../net/resolve.ts'
import { type IcmpError, readIcmpError } from './icmp-error.ts'
import { libc } from './libc.ts'
import { addressFamily, encodeAddress, readAddress, readPort } from './sockaddr.ts'

/** What came back for the datagram to `port`: an ICMP error, or an answer of whoever listens there. */
export interface Answer {
  readonly port: number
  readonly error?: IcmpError
  /** Sender of an answer. */
  readonly from?: string
}

/** A UDP socket that hears of ICMP errors (`IP_RECVERR`), which needs no privilege. */
export interface TraceSocket extends Disposable {
  /** Sends one small datagram that may pass so many routers. Throws the system's error. */
  readonly send: (hops: number, port: number) => void
  /** What has come, or comes first; nothing where `until` comes before. */
  readonly receive: (until: AbortSignal) => Promise<readonly Answer[]>
}

const type = { datagram: 2, nonblock: 0o4000, cloexec: 0o2000000 } as const
const level = { 4: 0, 6: 41 } as const
const hopsOption = { 4: 2, 6: 16 } as const
const receiveErrors = { 4: 11, 6: 25 } as const
const flags = { errorQueue: 0x2000, dontWait: 0x40 } as const

const payload = new Uint8Array(new ArrayBuffer(32))
/** An answer's text is not read. */
const payloadBytes = 64
const nameBytes = 32
const controlBytes = 128
/** Of one turn of the event loop. */
const mostAnswers = 256

/** Offsets in `struct msghdr`, followed by the vector, the name, the control data and the payload. */
const header = {
  name: 0,
  nameLength: 8,
  vector: 16,
  vectorCount: 24,
  control: 32,
  controlLength: 40,
} as const
const layout = { vector: 56, name: 72, control: 104, payload: 232, bytes: 296 } as const

const failure = (call: string): Error => {
  const code = libc().errorCode()
  return Object.assign(new Error(`${call}: ${code}`), { code })
}

const setInteger = (fd: number, optionLevel: number, name: number, value: number): void => {
  const bytes = new Uint8Array(new ArrayBuffer(4))
  new DataView(bytes.buffer).setInt32(0, value, true)
  if (libc().setsockopt(fd, optionLevel, name, bytes) < 0) throw failure('setsockopt')
}

interface Inbox {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly control: DataView
}

const createInbox = (): Inbox => {
  const bytes = new Uint8Array(new ArrayBuffer(layout.bytes))
  const view = new DataView(bytes.buffer)
  const base = libc().addressOf(bytes)
  const point = (offset: number, to: number): void => view.setBigUint64(offset, base + BigInt(to), true)
  point(header.name, layout.name)
  point(header.vector, layout.vector)
  point(header.control, layout.control)
  point(layout.vector, layout.payload)
  view.setUint32(layout.vector + 8, payloadBytes, true)
  view.setUint32(header.vectorCount, 1, true)
  return { bytes, view, control: new DataView(bytes.buffer, layout.control, controlBytes) }
}

/** One message of a queue; undefined where it has none. An error that was left at the socket is passed over. */
const readOne = (fd: number, family: 4 | 6, inbox: Inbox, queue: number): Answer | undefined => {
  const { bytes, view, control } = inbox
  view.setUint32(header.nameLength, nameBytes, true)
  view.setUint32(header.controlLength, controlBytes, true)
  if (libc().recvmsg(fd, bytes, queue | flags.dontWait) < 0) return undefined
  const port = readPort(view, layout.name)
  if (queue === flags.errorQueue) {
    const error = readIcmpError(control, view.getUint32(header.controlLength, true), family)
    return { port, ...(error && { error }) }
  }
  const from = readAddress(view, layout.name, layout.name + nameBytes, family)
  return { port, ...(from !== undefined && { from }) }
}

const readQueue = (fd: number, family: 4 | 6, inbox: Inbox, queue: number): readonly Answer[] => {
  const answers: Answer[] = []
  while (answers.length < mostAnswers) {
    const answer = readOne(fd, family, inbox, queue)
    if (answer === undefined) break
    answers.push(answer)
  }
  return answers
}

/** Resolves when the socket has something, or when `until` aborts. */
const readable = async (fd: number, until: AbortSignal): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const wake = (): void => {
    resolve(undefined)
  }
  const watch = libc().poll(fd, { readable: true }, wake)
  until.addEventListener('abort', wake, { once: true })
  try {
    await promise
  } finally {
    until.removeEventListener('abort', wake)
    watch.close()
  }
}

/** An ICMP error is also left at the socket, and ends the next call once: only what stays is our own. */
const mostLeftErrors = 64

const sendTo = (fd: number, target: Resolved, port: number): void => {
  const to = encodeAddress(target, port)
  for (let tries = 0; libc().sendto(fd, payload, flags.dontWait, to) < 0; tries += 1)
    if (tries >= mostLeftErrors) throw failure('sendto')
}

const bindTo = (fd: number, family: 4 | 6, port: number): void => {
  const name = encodeAddress({ address: family === 4 ? '0.0.0.0' : '::', family }, port)
  // Taken by another: the kernel chooses then, and only the choice among equal routes may differ.
  libc().bind(fd, name, name.byteLength)
}

/** Opens a socket to trace the way to `target`; `sourcePort` is taken where it is free. Throws the system's error. */
export const openTraceSocket = (target: Resolved, sourcePort: number): TraceSocket => {
  const { family } = target
  const fd = libc().socket(addressFamily[family], type.datagram | type.nonblock | type.cloexec, 0)
  if (fd < 0) throw failure('socket')
  setInteger(fd, level[family], receiveErrors[family], 1)
  bindTo(fd, family, sourcePort)
  const inbox = createInbox()
  const drain = (): readonly Answer[] => [
    ...readQueue(fd, family, inbox, flags.errorQueue),
    ...readQueue(fd, family, inbox, 0),
  ]
  return {
    send: (hops, port) => {
      setInteger(fd, level[family], hopsOption[family], hops)
      sendTo(fd, target, port)
    },
    receive: async (until) => {
      const waiting = drain()
      if (waiting.length > 0 || until.aborted) return waiting
      await readable(fd, until)
      return drain()
    },
    [Symbol.dispose]: () => {
      libc().close(fd)
    },
  }
}
