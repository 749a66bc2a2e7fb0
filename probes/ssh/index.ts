import { z } from 'zod'
import { faultOf } from '../../src/core/fault-table.ts'
import type { Metric } from '../../src/core/metric.ts'
import { up } from '../../src/core/outcome.ts'
import { defineProbe } from '../../src/core/probe.ts'
import { common, family, port } from '../net/spec.ts'
import { type HostKeyFacts, algorithmOfEachKey, chooseKex } from './host-key.ts'
import type { KexInit } from './kexinit.ts'
import { type Session, openSession, showHostKey } from './session.ts'
import { type WeakAlgorithm, weakAmong } from './weak.ts'

export type { HostKeyFacts } from './host-key.ts'
export type { WeakAlgorithm } from './weak.ts'

/** What a server offers, each list in its order; of both directions together where they differ. */
export interface OfferFacts {
  readonly kexAlgorithms: readonly string[]
  readonly hostKeyAlgorithms: readonly string[]
  readonly ciphers: readonly string[]
  readonly macs: readonly string[]
  readonly compression: readonly string[]
  /** The countermeasure to CVE-2023-48795 (Terrapin) is offered. */
  readonly strictKex: boolean
  /** Those offered that `weak.ts` names, with the reason. */
  readonly weak: readonly WeakAlgorithm[]
}

export interface SshFacts extends Partial<OfferFacts> {
  readonly remoteAddress: string
  readonly connectSeconds: number
  /** Until the offer had come, from the start of the connection. */
  readonly handshakeSeconds: number
  readonly banner: string
  /** `2.0`; `1.99` and `1.5` speak the broken version 1. The offer is absent for 1.x alone. */
  readonly protocolVersion: string
  readonly software: string
  readonly comments?: string
  /** Lines that came before the banner. */
  readonly preamble: readonly string[]
  /** Empty where no key exchange that we can begin is offered, or none came in time. */
  readonly hostKeys: readonly HostKeyFacts[]
}

const spec = z.strictObject({
  ...common,
  port: port.default(22).describe('TCP port'),
  family,
  allHostKeys: z
    .boolean()
    .default(false)
    .describe('look at the host key of each type (a connection for each), not at the first one only'),
})
type SshSpec = z.output<typeof spec>

const metrics: readonly Metric<SshFacts>[] = [
  {
    name: 'yiwang_ssh_connect_seconds',
    help: 'Time of the TCP handshake before SSH',
    type: 'gauge',
    unit: 'seconds',
    read: (facts) => facts.connectSeconds,
  },
  {
    name: 'yiwang_ssh_handshake_seconds',
    help: 'Time from the connection to the algorithms that the server offers',
    type: 'gauge',
    unit: 'seconds',
    read: (facts) => facts.handshakeSeconds,
  },
  {
    name: 'yiwang_ssh_weak_algorithms',
    help: 'Algorithms offered that the table of weak ones names',
    type: 'gauge',
    read: (facts) => facts.weak?.length,
  },
]

const both = (left: readonly string[], right: readonly string[]): readonly string[] => [
  ...new Set([...left, ...right]),
]

/** Names that are signals, not algorithms (RFC 8308 §2.1; OpenSSH's PROTOCOL §1.10). */
const isSignal = (name: string): boolean => /^(?:ext-info-[cs]|kex-strict-[cs]-v00@openssh\.com)$/u.test(name)

const offerOf = (offered: KexInit): OfferFacts => {
  const kexAlgorithms = offered.kex.filter((name) => !isSignal(name))
  const ciphers = both(offered.cipherToClient, offered.cipherToServer)
  const macs = both(offered.macToClient, offered.macToServer)
  return {
    kexAlgorithms,
    hostKeyAlgorithms: offered.hostKey,
    ciphers,
    macs,
    compression: both(offered.compressionToClient, offered.compressionToServer),
    strictKex: offered.kex.includes('kex-strict-s-v00@openssh.com'),
    weak: [
      ...weakAmong('kex', kexAlgorithms),
      ...weakAmong('hostKey', offered.hostKey),
      ...weakAmong('cipher', ciphers),
      ...weakAmong('mac', macs),
    ],
  }
}

/** A server that shows no key has still shown its offer: only the caller's own signal ends the run. */
const keyOrNothing = async (
  look: () => Promise<HostKeyFacts | undefined>,
  signal: AbortSignal,
): Promise<HostKeyFacts | undefined> => {
  try {
    return await look()
  } catch (error) {
    const isDeadline = signal.aborted && (signal.reason as Error).name === 'TimeoutError'
    if (signal.aborted ? !isDeadline : faultOf(error, signal) === undefined) throw error
    return undefined
  }
}

const lookAgain = async (options: SshSpec, algorithm: string, signal: AbortSignal) => {
  const session = await openSession(options, signal)
  try {
    const kex = chooseKex(session.offered?.kex ?? [])
    return kex === undefined ? undefined : await showHostKey(session, kex, algorithm)
  } finally {
    session.socket.destroy()
  }
}

const hostKeysOf = async (
  session: Session,
  options: SshSpec,
  signal: AbortSignal,
): Promise<readonly HostKeyFacts[]> => {
  const kex = chooseKex(session.offered?.kex ?? [])
  const [first, ...others] = algorithmOfEachKey(session.offered?.hostKey ?? [])
  if (kex === undefined || first === undefined) return []
  const keys = [await keyOrNothing(() => showHostKey(session, kex, first), signal)]
  session.socket.destroy()
  for (const algorithm of options.allHostKeys ? others : [])
    if (!signal.aborted) keys.push(await keyOrNothing(() => lookAgain(options, algorithm, signal), signal))
  return keys.filter((key) => key !== undefined)
}

/** RFC 4253 up to the key exchange: who the server is, what it offers, which key it shows. Sends no credentials. */
export const ssh = defineProbe({
  kind: 'ssh',
  summary: 'reads an SSH server’s banner, the algorithms that it offers, and its host key',
  example: '192.0.2.1 --port 22',
  spec,
  metrics,
  intervalSeconds: 3600,
  run: async (options, { signal }) => {
    const startedAt = performance.now()
    const session = await openSession(options, signal)
    const handshakeSeconds = (performance.now() - startedAt) / 1000
    try {
      const { remoteAddress, connectSeconds, identification, offered } = session
      return up<SshFacts>({
        remoteAddress,
        connectSeconds,
        handshakeSeconds,
        ...identification,
        ...(offered && offerOf(offered)),
        hostKeys: await hostKeysOf(session, options, signal),
      })
    } finally {
      session.socket.destroy()
    }
  },
})
