import { createHash, randomBytes } from 'node:crypto'
import type { Agent } from './model.ts'
import type { Operation } from './store.ts'

/** SHA-256 (hex) of an invitation or a key: all that the inventory keeps of it. */
export const keyHash = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** What is not given stays as it was with an agent that is known. */
export interface InvitationRequest {
  readonly id: string
  /** Of a new agent: the public one. */
  readonly vantage?: Agent['vantage'] | undefined
  /** Of a new agent: all. */
  readonly regions?: readonly string[] | undefined
  /** Node, system or device that its machine is. */
  readonly target?: string | undefined
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

export interface Invitation {
  /** To be handed over by a person; shown once, good for one enrolment. */
  readonly secret: string
  readonly operation: Operation
}

/** Invites an agent: it may enrol once, until the invitation expires. An enrolled agent of that id loses its key. */
export const inviteAgent = (
  { id, vantage, regions, target, expiresAt }: InvitationRequest,
  known?: Agent,
): Invitation => {
  const secret = randomBytes(24).toString('base64url')
  const record = {
    id,
    vantage: vantage ?? known?.vantage ?? 'public',
    regions: regions ?? known?.regions ?? [],
    target: target ?? known?.target,
    remark: known?.remark,
    state: 'invited',
    keyHash: keyHash(secret),
    invitationExpiresAt: new Date(expiresAt).toISOString(),
  }
  return { secret, operation: { op: 'put', collection: 'agent', record } }
}

/** A revoked agent keeps its place in history; its key is refused from the next request on. */
export const revokeAgent = (agent: Agent): Operation => {
  const { id, vantage, regions, keyHash: hash, signingKey, target, remark } = agent
  return {
    op: 'put',
    collection: 'agent',
    record: { id, vantage, regions, state: 'revoked', keyHash: hash, signingKey, target, remark },
  }
}

/** Says which node, system or device the machine of an agent is; none: that it is none of them. */
export const placeAgent = (agent: Agent, target: string | undefined): Operation => ({
  op: 'put',
  collection: 'agent',
  record: { ...agent, target },
})
