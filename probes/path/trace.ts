import { createHash } from 'node:crypto'
import type { Resolved } from '../net/resolve.ts'
import { type IcmpError, isExceeded } from './icmp-error.ts'
import { canonical } from './sockaddr.ts'
import { type Answer, type TraceSocket, openTraceSocket } from './socket.ts'
import { type PathSpec, hopsAtOnce } from './spec.ts'

export interface Hop {
  /** How many routers the datagram was allowed to meet, the last one included. */
  readonly ttl: number
  /** Who answered; absent where nobody did. */
  readonly address?: string
  readonly rttSeconds?: number
}

export interface Trace {
  /** From 1 on, up to the target, or to the last one asked for. */
  readonly hops: readonly Hop[]
  readonly reached: boolean
  /** Who refused to pass the datagram on, at the last hop. */
  readonly refusal?: IcmpError
}

/** After so many silent hops in a row nothing more is expected. */
const mostSilent = 10

interface Found extends Hop {
  readonly isEnd: boolean
  readonly refusal?: IcmpError
}

interface Tracing {
  readonly spec: PathSpec
  readonly target: Resolved
  readonly targetAddress: string
  readonly socket: TraceSocket
  readonly found: Map<number, Found>
  readonly sentAt: Map<number, number>
}

/** Port and hop stand for each other: an ICMP error always quotes the port (RFC 792), and not always more. */
const portOf = ({ port }: PathSpec, ttl: number): number => port + ttl - 1

const take = (tracing: Tracing, { port, error, from }: Answer): void => {
  const { spec, target, targetAddress, found, sentAt } = tracing
  const ttl = port - spec.port + 1
  const sent = sentAt.get(ttl)
  const address = error?.from ?? from
  // An answer that is no error must come from the target; all else that a socket can get is not about us.
  const isOurs = error !== undefined || from === targetAddress
  if (sent === undefined || address === undefined || !isOurs || found.has(ttl)) return
  const isTarget = address === targetAddress
  const isEnd = isTarget || (error !== undefined && !isExceeded(error, target.family))
  const rttSeconds = (performance.now() - sent) / 1000
  found.set(ttl, { ttl, address, rttSeconds, isEnd, ...(isEnd && !isTarget && error && { refusal: error }) })
}

const endOf = ({ found }: Tracing): Found | undefined =>
  [...found.values()].filter(({ isEnd }) => isEnd).toSorted((left, right) => left.ttl - right.ttl)[0]

/** Those that still matter: what lies behind the end is the end again. */
const unanswered = (tracing: Tracing, ttls: readonly number[]): readonly number[] => {
  const end = endOf(tracing)?.ttl ?? Infinity
  return ttls.filter((ttl) => ttl < end && !tracing.found.has(ttl))
}

const askOnce = async (tracing: Tracing, ttls: readonly number[], signal: AbortSignal): Promise<void> => {
  const { spec, socket, sentAt } = tracing
  for (const ttl of ttls) {
    sentAt.set(ttl, performance.now())
    socket.send(ttl, portOf(spec, ttl))
  }
  const until = AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(spec.hopTimeoutSeconds * 1000))])
  // What came while the event loop was busy counts, though the time is over by then.
  do for (const answer of await socket.receive(until)) take(tracing, answer)
  while (unanswered(tracing, ttls).length > 0 && !until.aborted)
}

const ask = async (tracing: Tracing, ttls: readonly number[], signal: AbortSignal): Promise<void> => {
  for (let attempt = 0; attempt < tracing.spec.attempts && !signal.aborted; attempt += 1) {
    const left = unanswered(tracing, ttls)
    if (left.length === 0) return
    await askOnce(tracing, left, signal)
  }
}

const isSilentSince = ({ found }: Tracing, ttl: number): boolean =>
  ttl - Math.max(0, ...found.keys()) >= mostSilent

const follow = async (tracing: Tracing, signal: AbortSignal): Promise<number> => {
  const { maxHops } = tracing.spec
  let last = 0
  while (last < maxHops && endOf(tracing) === undefined && !isSilentSince(tracing, last) && !signal.aborted) {
    const ttls = Array.from({ length: Math.min(hopsAtOnce, maxHops - last) }, (_, index) => last + 1 + index)
    await ask(tracing, ttls, signal)
    last += ttls.length
  }
  return last
}

const resultOf = (tracing: Tracing, last: number): Trace => {
  const end = endOf(tracing)
  const hops = Array.from({ length: end?.ttl ?? last }, (_, index): Hop => {
    const ttl = index + 1
    const { address, rttSeconds } = tracing.found.get(ttl) ?? {}
    return { ttl, ...(address !== undefined && { address }), ...(rttSeconds !== undefined && { rttSeconds }) }
  })
  const reached = end !== undefined && end.refusal === undefined
  return { hops, reached, ...(end?.refusal && { refusal: end.refusal }) }
}

/** Above the ports that Linux gives out by itself. */
const firstSourcePort = 61_000
const sourcePorts = 4000

/** The same for a target each time: routers that choose among equal ways by the ports choose the same one. */
const sourcePortFor = (address: string): number =>
  firstSourcePort + (createHash('sha256').update(address).digest().readUInt32BE() % sourcePorts)

/**
 * Finds the routers on the way by datagrams with growing TTL (as traceroute does).
 * Ends at the target, at a refusal, after ten silent hops, or when the signal aborts: with what was found by then.
 */
export const trace = async (spec: PathSpec, target: Resolved, signal: AbortSignal): Promise<Trace> => {
  const targetAddress = canonical(target)
  using socket = openTraceSocket(target, sourcePortFor(targetAddress))
  const tracing: Tracing = { spec, target, targetAddress, socket, found: new Map(), sentAt: new Map() }
  return resultOf(tracing, await follow(tracing, signal))
}
