import type { SnmpCommunity, SnmpUser } from '../../../src/core/credential.ts'
import { faultOf } from '../../../src/core/fault-table.ts'
import type { AgentCause } from '../../../src/core/outcome.ts'
import { type Conversation, type Patience, converse } from '../conversation.ts'
import { SnmpFault } from '../fault.ts'
import { type SnmpSession, createSession, versionOf } from '../session.ts'
import type { Peer, Wire } from '../wire.ts'
import { type Description, describeAgent } from './describe.ts'
import { type Neighbourhood, readNeighbours } from './lldp.ts'
import { makerOf } from './makers.ts'

export interface NamedCredential {
  readonly name: string
  readonly credential: SnmpCommunity | SnmpUser
}

/** An agent that answered. */
export interface FoundAgent extends Description, Neighbourhood {
  readonly address: string
  readonly port: number
  readonly version: 'v2c' | 'v3'
  /** Name of the credential that it answered to. */
  readonly credential: string
  /** By the enterprise number in sysObjectID. */
  readonly maker?: string | undefined
  /** Why its neighbours are not all here. */
  readonly neighboursUnread?: string | undefined
}

/** What asking one address came to. */
export type Asked =
  | { readonly end: 'found'; readonly agent: FoundAgent }
  /** Something speaks SNMP there, and refused every credential. */
  | { readonly end: 'refused'; readonly address: string; readonly detail: string }
  | { readonly end: 'silent'; readonly address: string }
  /** A host that has no agent, or no way to it. */
  | { readonly end: 'none'; readonly address: string }
  /** We could not ask. */
  | {
      readonly end: 'failed'
      readonly address: string
      readonly cause: AgentCause
      readonly detail: string
    }

export interface Asking {
  readonly wire: Wire
  readonly credentials: readonly NamedCredential[]
  readonly conversations: Set<Conversation>
  readonly signal: AbortSignal
}

const knockPatience: Patience = { tries: 2, deadlineMs: 2000 }
/** All of a device’s neighbours, however many rows it makes up. */
const neighboursPatience: Patience = { tries: 3, deadlineMs: 15_000 }

/** What trying one credential came to. */
type Knock =
  | { readonly end: 'answered'; readonly description: Description }
  | { readonly end: 'silent' }
  | { readonly end: 'refused'; readonly detail: string }
  | Extract<Asked, { readonly end: 'none' | 'failed' }>

const within = async <Result>(
  { wire, conversations, signal }: Asking,
  peer: Peer,
  patience: Patience,
  body: (conversation: Conversation) => Promise<Result>,
): Promise<Result> => {
  const conversation = converse(wire, peer, patience)
  conversations.add(conversation)
  if (signal.aborted) conversation.fail(signal.reason)
  try {
    return await body(conversation)
  } finally {
    conversations.delete(conversation)
  }
}

const knockOf = (error: unknown, wasHeard: boolean, { address }: Peer, signal: AbortSignal): Knock => {
  if (error instanceof SnmpFault)
    return error.targetCause === 'timeout' && !wasHeard
      ? { end: 'silent' }
      : { end: 'refused', detail: error.message }
  const fault = faultOf(error, signal)
  if (fault === undefined) throw error
  if (fault.status === 'down') return { end: 'none', address }
  return { end: 'failed', address, cause: fault.cause, detail: fault.detail }
}

const knock = (peer: Peer, { credential }: NamedCredential, asking: Asking): Promise<Knock> =>
  within(asking, peer, knockPatience, async (conversation) => {
    try {
      const description = await describeAgent(createSession(conversation, peer, credential))
      return { end: 'answered', description }
    } catch (error) {
      return knockOf(error, conversation.wasHeard(), peer, asking.signal)
    }
  })

const noNeighbours: Neighbourhood = { neighbours: [], neighboursCut: false }

const neighboursBy = async (
  session: SnmpSession,
  signal: AbortSignal,
): Promise<Neighbourhood & Pick<FoundAgent, 'neighboursUnread'>> => {
  try {
    return await readNeighbours(session)
  } catch (error) {
    if (error instanceof SnmpFault) return { ...noNeighbours, neighboursUnread: error.message }
    const fault = faultOf(error, signal)
    if (fault === undefined) throw error
    return { ...noNeighbours, neighboursUnread: fault.detail }
  }
}

const foundAt = async (
  peer: Peer,
  { name, credential }: NamedCredential,
  description: Description,
  asking: Asking,
): Promise<Asked> => {
  const neighbourhood = await within(asking, peer, neighboursPatience, (conversation) =>
    neighboursBy(createSession(conversation, peer, credential), asking.signal),
  )
  const { address, port } = peer
  const maker = makerOf(description.sysObjectId)
  const who = { address, port, version: versionOf(credential), credential: name, maker }
  return { end: 'found', agent: { ...who, ...description, ...neighbourhood } }
}

/** Tries the credentials in their order: the first that is answered decides. */
export const askAddress = async (peer: Peer, asking: Asking): Promise<Asked> => {
  const { address } = peer
  const silent = new Set<'v2c' | 'v3'>()
  let refusal: string | undefined
  for (const named of asking.credentials) {
    const version = versionOf(named.credential)
    // Who does not answer the discovery of v3 answers none of its users.
    if (version === 'v3' && silent.has(version)) continue
    const knocked = await knock(peer, named, asking)
    if (knocked.end === 'answered') return foundAt(peer, named, knocked.description, asking)
    if (knocked.end === 'none' || knocked.end === 'failed') return knocked
    if (knocked.end === 'refused') refusal ??= `${version}: ${knocked.detail}`
    else silent.add(version)
  }
  return refusal === undefined ? { end: 'silent', address } : { end: 'refused', address, detail: refusal }
}
