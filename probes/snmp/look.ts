import { isIP } from 'node:net'
import type { Clock } from '../../src/core/clock.ts'
import { faultOf } from '../../src/core/fault-table.ts'
import { type Outcome, down, up } from '../../src/core/outcome.ts'
import { type Resolved, resolve } from '../net/resolve.ts'
import { type Conversation, converse } from './conversation.ts'
import { SnmpFault } from './fault.ts'
import { type InterfaceFacts, readInterfaces } from './interfaces.ts'
import { type Counted, withPeaks } from './load.ts'
import { type SnmpCredential, type SnmpSession, createSession, versionOf } from './session.ts'
import type { SnmpSpec } from './spec.ts'
import { type SystemFacts, hasRestarted, readSystem } from './system.ts'
import { type Peer, leaseWire, peerAt } from './wire.ts'

export interface SnmpFacts extends SystemFacts {
  readonly version: 'v2c' | 'v3'
  /** Of v2c: it took one of the communities that devices are delivered with. */
  readonly defaultCommunity?: boolean
  /** The agent has started anew since the last run. */
  readonly restarted: boolean
  /** When the interfaces' counters were read. */
  readonly counted?: Counted | undefined
  readonly interfaces?: readonly InterfaceFacts[]
  /** There are more than `maxInterfaces`: those with the lowest indexes are here. */
  readonly interfacesTruncated?: boolean
}

export interface Look {
  readonly spec: SnmpSpec
  readonly credential: SnmpCredential
  /** Facts of the last look. */
  readonly previous: unknown
  readonly now: Clock
  readonly signal: AbortSignal
  /** The conversations under way: who aborts the signal fails them. */
  readonly conversations: Set<Conversation>
}

export interface Looked {
  readonly outcome: Outcome<SnmpFacts>
  /** From the first request on, without the wait for a place. */
  readonly seconds: number
}

const resolveName = ({ spec, signal }: Look): Promise<Resolved> => {
  const deadline = AbortSignal.timeout(Math.ceil(spec.timeoutSeconds * 1000))
  return resolve(spec.address, spec.family, AbortSignal.any([signal, deadline]))
}

const resolveAddress = (look: Look): Promise<Resolved> =>
  isIP(look.spec.address) === 0
    ? resolveName(look)
    : resolve(look.spec.address, look.spec.family, look.signal)

/** As makers deliver them; who takes one of these is open to everybody. */
const defaultCommunities: ReadonlySet<string> = new Set(['public', 'private'])

const takenCommunity = (credential: SnmpCredential): Pick<SnmpFacts, 'defaultCommunity'> =>
  credential.kind === 'snmp-community'
    ? { defaultCommunity: defaultCommunities.has(credential.community) }
    : {}

const readTraffic = async (
  { spec, previous, now }: Look,
  session: SnmpSession,
  upSeconds: number | undefined,
): Promise<Partial<SnmpFacts>> => {
  const at = now()
  const { interfaces, interfacesTruncated } = await readInterfaces(session, spec.maxInterfaces)
  if (upSeconds === undefined) return { interfaces, interfacesTruncated }
  const counted = { at, upSeconds }
  return { counted, interfaces: withPeaks(previous, counted, interfaces), interfacesTruncated }
}

const read = async (look: Look, conversation: Conversation, peer: Peer): Promise<Outcome<SnmpFacts>> => {
  const { spec, credential, previous } = look
  const version = versionOf(credential)
  let facts: Partial<SnmpFacts> = { version }
  try {
    const session = createSession(conversation, peer, credential)
    const system = await readSystem(session)
    const restarted = hasRestarted(previous, system)
    const known = { version, ...takenCommunity(credential), ...system, restarted }
    facts = known
    return up({
      ...known,
      ...(spec.interfaces && (await readTraffic(look, session, system.sysUpTimeSeconds))),
    })
  } catch (error) {
    if (error instanceof SnmpFault) return down(error.targetCause, error.message, facts)
    throw error
  }
}

interface Timed {
  seconds: () => number
}

const converseWith = async (look: Look, timed: Timed): Promise<Outcome<SnmpFacts>> => {
  const { spec, conversations, signal } = look
  const resolved = await resolveAddress(look)
  using lease = await leaseWire(resolved.family)
  signal.throwIfAborted()
  const peer = peerAt(resolved, spec.port)
  const patience = { tries: spec.retries + 1, deadlineMs: spec.timeoutSeconds * 1000 }
  const conversation = converse(lease.wire, peer, patience)
  timed.seconds = conversation.seconds
  conversations.add(conversation)
  try {
    return await read(look, conversation, peer)
  } finally {
    conversations.delete(conversation)
  }
}

/** Looks at one agent. What the network does is an outcome; rejects only for a bug of ours. */
export const lookAt = async (look: Look): Promise<Looked> => {
  const timed: Timed = { seconds: () => 0 }
  try {
    const outcome = await converseWith(look, timed)
    return { outcome, seconds: timed.seconds() }
  } catch (error) {
    const fault = faultOf<SnmpFacts>(error, look.signal)
    if (fault === undefined) throw error
    return { outcome: fault, seconds: timed.seconds() }
  }
}
