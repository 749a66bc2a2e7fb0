import {
  controlLengthOf,
  createMessage,
  type Message,
  messageLayout,
  nameBytes,
  readyMessage,
  receiveErrors,
  receiveFlags,
} from '../net/message.ts'
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
const hopsOption = { 4: 2, 6: 16 } as const

const payload = new Uint8Array(new ArrayBuffer(32))
/** An answer's text is not read. */
const payloadBytes = 64
/** Of one turn of the event loop. */
const mostAnswers = 256

const failure = (call: string): Error => {
  const code = libc().errorCode()
  return Object.assign(new Error(`${call}: ${code}`), { code })
}

const setInteger = (fd: number, optionLevel: number, name: number, value: number): void => {
  const bytes = new Uint8Array(new ArrayBuffer(4))
  new DataView(bytes.buffer).setInt32(0, value, true)
  if (libc().setsockopt(fd, optionLevel, name, bytes) < 0) throw failure('setsockopt')
}

/** One message of a queue; undefined where it has none. An error that was left at the socket is passed over. */
const readOne = (fd: number, family: 4 | 6, inbox: Message, queue: number): Answer | undefined => {
  const { bytes, view, control } = inbox
  readyMessage(inbox)
  if (libc().recvmsg(fd, bytes, queue | receiveFlags.dontWait) < 0) return undefined
  const port = readPort(view, messageLayout.name)
  if (queue === receiveFlags.errorQueue) {
    const error = readIcmpError(control, controlLengthOf(inbox), family)
    return { port, ...(error && { error }) }
  }
  const from = readAddress(view, messageLayout.name, messageLayout.name + nameBytes, family)
  return { port, ...(from !== undefined && { from }) }
}

const readQueue = (fd: number, family: 4 | 6, inbox: Message, queue: number): readonly Answer[] => {
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
  for (let tries = 0; libc().sendto(fd, payload, receiveFlags.dontWait, to) < 0; tries += 1)
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
  setInteger(fd, receiveErrors[family].level, receiveErrors[family].type, 1)
  bindTo(fd, family, sourcePort)
  const inbox = createMessage(libc().addressOf, payloadBytes)
  const drain = (): readonly Answer[] => [
    ...readQueue(fd, family, inbox, receiveFlags.errorQueue),
    ...readQueue(fd, family, inbox, 0),
  ]
  return {
    send: (hops, port) => {
      setInteger(fd, receiveErrors[family].level, hopsOption[family], hops)
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
