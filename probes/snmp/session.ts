import type { SnmpCommunity, SnmpUser } from '../../src/core/credential.ts'
import type { Conversation } from './conversation.ts'
import { SnmpFault } from './fault.ts'
import { encodeCommunityRequest } from './message/community.ts'
import { type Request, type Varbind, pduTags } from './message/pdu.ts'
import { readResponse } from './response.ts'
import { userAsker } from './user.ts'
import type { Peer } from './wire.ts'

export type SnmpCredential = SnmpCommunity | SnmpUser

/** Requests to one agent. They reject with `SnmpFault`, a system error, or what ended the conversation. */
export interface SnmpSession {
  readonly get: (oids: readonly string[]) => Promise<readonly Varbind[]>
  /** For each OID, what follows it, up to `repetitions` of them (RFC 3416 §4.2.3). */
  readonly getBulk: (oids: readonly string[], repetitions: number) => Promise<readonly (readonly Varbind[])[]>
}

export const versionOf = (credential: SnmpCredential): 'v2c' | 'v3' =>
  credential.kind === 'snmp-community' ? 'v2c' : 'v3'

/** Asks once. */
type Ask = (request: Omit<Request, 'id'>) => Promise<readonly Varbind[]>

const communityAsker = (conversation: Conversation, { community }: SnmpCommunity): Ask => {
  const ours = Buffer.from(community)
  return (request) => {
    const id = conversation.newId()
    return conversation.ask({
      id,
      version: 'v2c',
      datagram: encodeCommunityRequest(community, { ...request, id }),
      read: (message) => {
        if (message.version !== 'v2c') return { objection: `expected SNMP v2c, got ${message.version}` }
        if (!message.community.equals(ours))
          return { objection: 'expected an answer with our community, got one with another' }
        return readResponse(message.pdu, id)
      },
    })
  }
}

const getFrom =
  (ask: Ask): SnmpSession['get'] =>
  async (oids) => {
    const varbinds = await ask({ type: pduTags.get, oids })
    const isAsked = varbinds.length === oids.length && varbinds.every(({ oid }, at) => oid === oids[at])
    if (!isAsked) throw new SnmpFault('expected the objects that were asked for, got others')
    return varbinds
  }

const getBulkFrom =
  (ask: Ask): SnmpSession['getBulk'] =>
  async (oids, repetitions) => {
    const varbinds = await ask({ type: pduTags.getBulk, oids, repetitions })
    const columns = oids.map((): Varbind[] => [])
    varbinds.forEach((varbind, at) => columns[at % oids.length]?.push(varbind))
    return columns
  }

/** Requests by v2c with a community, by v3 authPriv with a user. */
export const createSession = (
  conversation: Conversation,
  peer: Peer,
  credential: SnmpCredential,
): SnmpSession => {
  const ask =
    credential.kind === 'snmp-community'
      ? communityAsker(conversation, credential)
      : userAsker(conversation, peer, credential)
  return { get: getFrom(ask), getBulk: getBulkFrom(ask) }
}
