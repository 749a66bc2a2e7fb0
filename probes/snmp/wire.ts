import { randomInt } from 'node:crypto'
import dgram from 'node:dgram'
import { SocketAddress } from 'node:net'
import type { Resolved } from '../net/resolve.ts'
import { openErrorAware, readPathErrors } from './icmp-errors.ts'
import { type Incoming, decodeMessage } from './message/incoming.ts'

/** Whom datagrams go to, and alone may come from. */
export interface Peer {
  readonly address: string
  readonly port: number
  readonly family: 4 | 6
  /** The same for everyone who means the same peer. */
  readonly key: string
}

/** An outstanding request. */
export interface Listener {
  readonly peer: Peer
  /** request-id or msgID. */
  readonly id: number
  /** A message with the id came from the peer. */
  readonly hear: (message: Incoming) => void
  /** Something else came from the peer: to another request, or no SNMP at all. */
  readonly stray: (message: Incoming | undefined) => void
  /** The system says that nothing gets there, by ICMP or by itself. */
  readonly lost: (error: Error) => void
}

/** One UDP socket, which every look at an address of its family shares. */
export interface Wire {
  /** An id that no outstanding request has; it cannot be guessed (RFC 3414 §1.1 leaves v2c nothing else). */
  readonly newId: () => number
  readonly add: (listener: Listener) => void
  readonly remove: (listener: Listener) => void
  readonly send: (listener: Listener, datagram: Buffer) => void
}

/** Datagrams tell of a link-local sender by another zone than we may have been given. */
const withoutZone = (address: string): string => address.split('%')[0] ?? address

const keyOf = (address: string, port: number): string => `${address}|${port}`

const canonical = (address: string, family: 4 | 6): string =>
  family === 4 ? address : new SocketAddress({ address: withoutZone(address), family: 'ipv6' }).address

export const peerAt = ({ address, family }: Resolved, port: number): Peer => ({
  address,
  port,
  family,
  key: keyOf(canonical(address, family), port),
})

interface Desk {
  readonly byId: Map<number, Listener>
  readonly byPeer: Map<string, Set<Listener>>
}

const add = ({ byId, byPeer }: Desk, listener: Listener): void => {
  byId.set(listener.id, listener)
  const others = byPeer.get(listener.peer.key)
  if (others === undefined) byPeer.set(listener.peer.key, new Set([listener]))
  else others.add(listener)
}

const remove = ({ byId, byPeer }: Desk, listener: Listener): void => {
  const all = byPeer.get(listener.peer.key)
  byId.delete(listener.id)
  all?.delete(listener)
  if (all?.size === 0) byPeer.delete(listener.peer.key)
}

/** What nobody waits for is not even read. */
const take = ({ byId, byPeer }: Desk, datagram: Buffer, from: dgram.RemoteInfo): void => {
  const waiting = byPeer.get(keyOf(withoutZone(from.address), from.port))
  if (waiting === undefined) return
  const message = decodeMessage(datagram)
  const meant = message && byId.get(message.id)
  if (message && meant && waiting.has(meant)) meant.hear(message)
  else for (const listener of [...waiting]) listener.stray(message)
}

const pathError = (code: string, key: string): Error =>
  Object.assign(new Error(`recvmsg ${code} ${key.replace('|', ' port ')}`), { code, syscall: 'recvmsg' })

/** Too big for a link on the way: the system sends it in fragments the next time. */
const passing = 'EMSGSIZE'

const tellLost = ({ byPeer }: Desk, fd: number, family: 4 | 6): void => {
  for (const { address, port, code } of readPathErrors(fd, family)) {
    const key = keyOf(canonical(address, family), port)
    if (code !== passing)
      for (const listener of [...(byPeer.get(key) ?? [])]) listener.lost(pathError(code, key))
  }
}

/** Answers that come at once must find room: 1 kB each, and twice that in the kernel. The system may give less. */
const recvBufferSize = 4 * 2 ** 20

/** Addresses are literals: the socket need not look them up, nor wait a turn for the answer. */
const asGiven = (address: string, _: unknown, done: (...result: [null, string, number]) => void): void =>
  done(null, address, address.includes(':') ? 6 : 4)

const bind = async (socket: dgram.Socket, fd: number | undefined): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  socket.once('error', reject).once('listening', () => resolve(undefined))
  socket.bind(fd === undefined ? {} : { fd })
  await promise
  socket.off('error', reject)
}

interface OpenWire extends Wire {
  readonly close: () => void
}

/** An ICMP error about another peer is also left at the socket, and ends the next call once. */
const mostLeftErrors = 64

const openWire = async (family: 4 | 6): Promise<OpenWire> => {
  const fd = openErrorAware(family)
  const socket = dgram.createSocket({ type: `udp${family}`, lookup: asGiven, recvBufferSize })
  await bind(socket, fd)
  const desk: Desk = { byId: new Map(), byPeer: new Map() }
  const listen = (): void => {
    if (fd !== undefined) tellLost(desk, fd, family)
  }
  const send = (listener: Listener, datagram: Buffer, triesLeft: number): void => {
    const { peer, id } = listener
    socket.send(datagram, peer.port, peer.address, (error) => {
      if (error === null) return
      listen()
      if (desk.byId.get(id) !== listener) return
      if (fd !== undefined && triesLeft > 0) send(listener, datagram, triesLeft - 1)
      else listener.lost(error)
    })
  }
  socket.on('error', listen).on('message', (datagram, from) => take(desk, datagram, from))
  return {
    newId: () => {
      for (;;) {
        const id = randomInt(1, 2 ** 31)
        if (!desk.byId.has(id)) return id
      }
    },
    add: (listener) => add(desk, listener),
    remove: (listener) => remove(desk, listener),
    send: (listener, datagram) => send(listener, datagram, mostLeftErrors),
    close: () => socket.close(),
  }
}

interface Shared {
  readonly wire: Promise<OpenWire>
  users: number
}

const sharedWires = new Map<4 | 6, Shared>()

const leaveShared = (family: 4 | 6, shared: Shared): void => {
  shared.users -= 1
  if (shared.users > 0) return
  if (sharedWires.get(family) === shared) sharedWires.delete(family)
  shared.wire.then(
    (wire) => wire.close(),
    () => undefined,
  )
}

export interface Lease extends Disposable {
  readonly wire: Wire
}

/** A share of the family's socket, which is there as long as somebody has one. Rejects with the system's error. */
export const leaseWire = async (family: 4 | 6): Promise<Lease> => {
  const shared = sharedWires.get(family) ?? { wire: openWire(family), users: 0 }
  sharedWires.set(family, shared)
  shared.users += 1
  try {
    const wire = await shared.wire
    return { wire, [Symbol.dispose]: () => leaveShared(family, shared) }
  } catch (error) {
    leaveShared(family, shared)
    throw error
  }
}
