import { createRequire } from 'node:module'
import type koffi from 'koffi'
import { onesSum } from '../../probes/icmp/packet.ts'

/**
 * Run as a process of its own in a network namespace whose kernel answers no echo request:
 * answers in its place, by the last octet of the address that was asked, and not always as it should.
 */

const ffi = createRequire(import.meta.url)('koffi') as typeof koffi
const library = ffi.load(null)
type Call = (...parameters: readonly unknown[]) => number
const socket: Call = library.func('int socket(int, int, int)')
const setsockopt: Call = library.func('int setsockopt(int, int, int, void *, uint)')
const recv: Call = library.func('int recv(int, void *, size_t, int)')
const sendto: Call = library.func('int sendto(int, void *, size_t, int, void *, uint)')

const fd = socket(2, 3, 1)
const one = new Int32Array([1])
if (fd < 0 || setsockopt(fd, 0, 3, one, 4) !== 0) throw new Error('expected a raw socket')

const send = (source: Uint8Array, target: Uint8Array, message: Uint8Array): void => {
  const view = new DataView(message.buffer)
  view.setUint16(2, 0)
  view.setUint16(2, ~onesSum(view, 0, message.length) & 0xffff)
  const header = Uint8Array.from([0x45, 0, 0, 0, 0, 0, 0, 0, 64, 1, 0, 0, ...source, ...target])
  const packet = Uint8Array.from([...header, ...message])
  sendto(
    fd,
    packet,
    packet.length,
    0,
    Uint8Array.from([2, 0, 0, 0, ...target, ...new Array<number>(8).fill(0)]),
    16,
  )
}

const asReply = (request: Uint8Array): Uint8Array => Uint8Array.from(request).with(0, 0)

interface Asked {
  readonly packet: Uint8Array
  readonly from: Uint8Array
  readonly to: Uint8Array
  readonly request: Uint8Array
}

const errorAbout = ({ packet }: Asked, quotedBytes: number): Uint8Array =>
  Uint8Array.from([3, 13, 0, 0, 0, 0, 0, 0, ...packet.slice(0, 20 + quotedBytes)])

const later = new Int32Array(new SharedArrayBuffer(4))

const answerLate = ({ to, from, request }: Asked, ms: number): void => {
  Atomics.wait(later, 0, 0, ms)
  send(to, from, asReply(request))
}

/** Of packets numbered from 0, as they were sent: every second one. */
const isSecond = ({ request }: Asked): boolean => ((request[7] ?? 0) & 1) === 1

const behaviours: Readonly<Record<number, (asked: Asked) => void>> = {
  10: ({ to, from, request }) => {
    send(to, from, asReply(request))
    send(to, from, asReply(request))
  },
  11: ({ to, from, request }) => send(to, from, asReply(request).with(9, (request[9] ?? 0) ^ 1)),
  12: ({ to, from, request }) => send(to.with(3, 99), from, asReply(request)),
  13: (asked) => send(asked.to, asked.from, errorAbout(asked, 8)),
  14: (asked) => answerLate(asked, 400),
  15: ({ to, from, request }) => send(to, from, asReply(request).with(21, 200)),
  16: (asked) => {
    send(asked.to, asked.from, errorAbout(asked, 8).with(25, 17))
    send(asked.to, asked.from, errorAbout({ ...asked, packet: asked.packet.with(19, 99) }, 8))
  },
  17: (asked) => {
    if (!isSecond(asked)) answerLate(asked, 0)
  },
  18: (asked) => answerLate(asked, 180),
  19: (asked) => answerLate(asked, isSecond(asked) ? 180 : 0),
}

const buffer = new Uint8Array(new ArrayBuffer(2048))
process.stdout.write('ready\n')
for (;;) {
  const length = recv(fd, buffer, buffer.length, 0)
  const packet = buffer.slice(0, Math.max(length, 0))
  if (packet[20] !== 8) continue
  const asked = { packet, from: packet.slice(12, 16), to: packet.slice(16, 20), request: packet.slice(20) }
  const answer = behaviours[packet[19] ?? 0] ?? (() => send(asked.to, asked.from, asReply(asked.request)))
  answer(asked)
}
