import { type Address, addressFamily, readWords } from './address.ts'
import { type EchoRequest, fillerByte, icmpHeaderBytes, slotBytes, writeEchoRequest } from './packet.ts'
import { libc } from './libc.ts'

/**
 * Arrays of `struct mmsghdr` for sendmmsg(2) and recvmmsg(2), laid out by hand for 64-bit little-endian Linux.
 * One ArrayBuffer holds headers, vectors, names, control data and packets of a batch, so that the addresses
 * written into it stay valid for as long as the batch itself is reachable.
 */
interface Arena {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly vectors: number
  readonly names: number
  readonly controls: number
  readonly packets: number
}

/** `struct mmsghdr`: offsets of the members that change, and its size. */
const header = {
  nameLength: 8,
  vectorCount: 24,
  controlLength: 40,
  flags: 48,
  length: 56,
  bytes: 64,
} as const
const vectorBytes = 16
/** Two vectors a message: its own slot, and the shared filler of long payloads. */
const vectorsBytes = vectorBytes * 2
/** `struct sockaddr_in6` is 28. */
const nameBytes = 32
const nameLengths = { 4: 16, 6: 28 } as const

interface Shape {
  readonly capacity: number
  readonly controlBytes: number
  readonly packetBytes: number
}

const allocate = ({ capacity, controlBytes, packetBytes }: Shape): Arena => {
  const vectors = capacity * header.bytes
  const names = vectors + capacity * vectorsBytes
  const controls = names + capacity * nameBytes
  const packets = controls + capacity * controlBytes
  const buffer = new ArrayBuffer(packets + capacity * packetBytes)
  return { bytes: new Uint8Array(buffer), view: new DataView(buffer), vectors, names, controls, packets }
}

const linkSlot = (arena: Arena, shape: Shape, base: bigint, index: number): void => {
  const { view, vectors, names, controls, packets } = arena
  const at = index * header.bytes
  const vector = vectors + index * vectorsBytes
  const address = (offset: number): bigint => base + BigInt(offset)
  view.setBigUint64(at, address(names + index * nameBytes), true)
  view.setUint32(at + header.nameLength, nameBytes, true)
  view.setBigUint64(at + 16, address(vector), true)
  view.setUint32(at + header.vectorCount, 1, true)
  view.setBigUint64(vector, address(packets + index * shape.packetBytes), true)
  view.setUint32(vector + 8, shape.packetBytes, true)
  if (shape.controlBytes === 0) return
  view.setBigUint64(at + 32, address(controls + index * shape.controlBytes), true)
  view.setUint32(at + header.controlLength, shape.controlBytes, true)
}

const createArena = (shape: Shape): Arena => {
  const arena = allocate(shape)
  const base = libc().addressOf(arena.bytes)
  for (let index = 0; index < shape.capacity; index += 1) linkSlot(arena, shape, base, index)
  return arena
}

/** Small, so that the departure of a packet is known to some microseconds from those of its batch. */
export const sendCapacity = 32

/** Requests about to be sent. */
export interface SendBatch<Item> {
  /** For sendmmsg. */
  readonly headers: Uint8Array
  /** Where they lie, for another thread. */
  readonly address: bigint
  /** What the requests are for, in their order. */
  readonly loaded: Item[]
  /** Which of the batches it is that the thread which sends was given; undefined while it is not. */
  number: number | undefined
  readonly write: (index: number, to: Address, request: EchoRequest) => void
}

/** Payload bytes of a packet that lie in its slot. */
const slotPayload = slotBytes - icmpHeaderBytes
const largestPayload = 65_535

const createFiller = (): Uint8Array =>
  new Uint8Array(new ArrayBuffer(largestPayload)).map((_, index) => fillerByte(slotPayload + index))

const fillSlots = ({ bytes, packets }: Arena, capacity: number): void => {
  for (let offset = 0; offset < capacity * slotBytes; offset += 1)
    bytes[packets + offset] = fillerByte((offset % slotBytes) - icmpHeaderBytes)
}

const writeName = ({ view, names }: Arena, index: number, to: Address): void => {
  const at = names + index * nameBytes
  view.setUint32(at, addressFamily[to.family], true)
  view.setUint32(index * header.bytes + header.nameLength, nameLengths[to.family], true)
  if (to.family === 4) {
    view.setInt32(at + 4, to.words[0] ?? 0, true)
    return
  }
  to.words.forEach((word, position) => view.setInt32(at + 8 + position * 4, word, true))
  view.setUint32(at + 24, to.scopeId, true)
}

/** Splits a payload between the slot and the filler. */
const writeLengths = ({ view, vectors }: Arena, index: number, sizeBytes: number): void => {
  const vector = vectors + index * vectorsBytes
  view.setUint32(vector + 8, icmpHeaderBytes + Math.min(sizeBytes, slotPayload), true)
  view.setUint32(vector + vectorBytes + 8, Math.max(0, sizeBytes - slotPayload), true)
  view.setUint32(index * header.bytes + header.vectorCount, sizeBytes > slotPayload ? 2 : 1, true)
}

/** Preallocates a batch of `sendCapacity` requests. */
export const createSendBatch = <Item>(): SendBatch<Item> => {
  const capacity = sendCapacity
  const arena = createArena({ capacity, controlBytes: 0, packetBytes: slotBytes })
  fillSlots(arena, capacity)
  let filler: Uint8Array | undefined
  const linkFiller = (): void => {
    filler = createFiller()
    const base = libc().addressOf(filler)
    for (let index = 0; index < capacity; index += 1)
      arena.view.setBigUint64(arena.vectors + index * vectorsBytes + vectorBytes, base, true)
  }
  return {
    headers: arena.bytes,
    address: libc().addressOf(arena.bytes),
    loaded: [],
    number: undefined,
    write: (index, to, request) => {
      if (request.sizeBytes > slotPayload && filler === undefined) linkFiller()
      writeName(arena, index, to)
      writeLengths(arena, index, request.sizeBytes)
      writeEchoRequest(arena.view, arena.packets + index * slotBytes, request)
    },
  }
}

/** Messages just received. */
export interface ReceiveBatch {
  readonly capacity: number
  /** For recvmmsg. */
  readonly headers: Uint8Array
  readonly slot: (index: number) => ReceivedSlot
  /** Makes the first `count` slots ready for the next call. */
  readonly reset: (count: number) => void
}

export interface ReceivedSlot {
  readonly packet: DataView
  readonly length: number
  readonly isWhole: boolean
  readonly control: DataView
  readonly controlLength: number
  readonly source: readonly number[]
}

const truncatedFlag = 0x20
/** An error quotes at most two IP headers with options, two ICMP headers and our tag. */
const receivedBytes = 256
const receivedControlBytes = 128
const sourceOffset = { 4: 4, 6: 8 } as const

/** Preallocates a batch of `capacity` messages of one family. */
export const createReceiveBatch = (capacity: number, family: 4 | 6): ReceiveBatch => {
  const shape = { capacity, controlBytes: receivedControlBytes, packetBytes: receivedBytes }
  const arena = createArena(shape)
  const views = (start: number, size: number): readonly DataView[] =>
    Array.from(
      { length: capacity },
      (_, index) => new DataView(arena.view.buffer, start + index * size, size),
    )
  const packets = views(arena.packets, receivedBytes)
  const controls = views(arena.controls, receivedControlBytes)
  const { view, names } = arena
  return {
    capacity,
    headers: arena.bytes,
    slot: (index) => {
      const at = index * header.bytes
      return {
        packet: packets[index] as DataView,
        length: view.getUint32(at + header.length, true),
        isWhole: (view.getUint32(at + header.flags, true) & truncatedFlag) === 0,
        control: controls[index] as DataView,
        controlLength: view.getUint32(at + header.controlLength, true),
        source: readWords(view, names + index * nameBytes + sourceOffset[family], family),
      }
    },
    reset: (count) => {
      for (let index = 0; index < count; index += 1) {
        view.setUint32(index * header.bytes + header.nameLength, nameBytes, true)
        view.setUint32(index * header.bytes + header.controlLength, receivedControlBytes, true)
      }
    },
  }
}
