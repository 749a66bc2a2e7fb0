/**
 * One message of recvmsg(2), laid out by hand for 64-bit little-endian Linux: `struct msghdr`, followed by what it
 * points to. Sockets that ask for it (ip(7), `IP_RECVERR`) hear of ICMP errors in a queue beside their datagrams.
 */

/** Offsets in `struct msghdr`. */
const header = {
  name: 0,
  nameLength: 8,
  vector: 16,
  vectorCount: 24,
  control: 32,
  controlLength: 40,
} as const
/** Where what it points to lies, from its own beginning. */
export const messageLayout = { vector: 56, name: 72, control: 104, payload: 232 } as const
export const nameBytes = messageLayout.control - messageLayout.name
const controlBytes = messageLayout.payload - messageLayout.control

/** `IPPROTO_IP` with `IP_RECVERR`, `IPPROTO_IPV6` with `IPV6_RECVERR`: of setsockopt(2), and of the control message. */
export const receiveErrors = { 4: { level: 0, type: 11 }, 6: { level: 41, type: 25 } } as const
/** `MSG_ERRQUEUE`, `MSG_DONTWAIT` */
export const receiveFlags = { errorQueue: 0x2000, dontWait: 0x40 } as const

export interface Message {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly control: DataView
}

/** Room for one message; `addressOf` is that of the C library. */
export const createMessage = (addressOf: (memory: Uint8Array) => bigint, payloadBytes: number): Message => {
  const bytes = new Uint8Array(new ArrayBuffer(messageLayout.payload + payloadBytes))
  const view = new DataView(bytes.buffer)
  const base = addressOf(bytes)
  const point = (from: number, to: number): void => view.setBigUint64(from, base + BigInt(to), true)
  point(header.name, messageLayout.name)
  point(header.vector, messageLayout.vector)
  point(header.control, messageLayout.control)
  point(messageLayout.vector, messageLayout.payload)
  view.setUint32(messageLayout.vector + 8, payloadBytes, true)
  view.setUint32(header.vectorCount, 1, true)
  return { bytes, view, control: new DataView(bytes.buffer, messageLayout.control, controlBytes) }
}

/** Makes it ready for the next call: the kernel leaves there how long the last name and control data were. */
export const readyMessage = ({ view }: Message): void => {
  view.setUint32(header.nameLength, nameBytes, true)
  view.setUint32(header.controlLength, controlBytes, true)
}

/** How much control data the last call left. */
export const controlLengthOf = ({ view }: Message): number => view.getUint32(header.controlLength, true)
