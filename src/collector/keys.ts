import { randomBytes } from 'node:crypto'
import { keyHash } from '../../inventory/agents.ts'
import { ownerOf } from '../../inventory/signing-keys.ts'
import type { Agent } from '../../inventory/model.ts'
import type { Inventory, InventoryStore, Operation } from '../../inventory/store.ts'
import type { Clock } from '../core/clock.ts'
import { UsageFault } from '../core/fault.ts'
import type { Assignee } from '../plan/assign.ts'
import type { Enrolment } from '../transport/wire.ts'
import type { Authenticated } from './access.ts'
import { Refusal } from './http-answer.ts'

const newKey = (): string => randomBytes(32).toString('base64url')

const put = (record: Agent): Operation => ({ op: 'put', collection: 'agent', record })

const without = (agent: Agent, ...fields: readonly (keyof Agent)[]): Agent =>
  Object.fromEntries(
    Object.entries(agent).filter(([name]) => !fields.includes(name as keyof Agent)),
  ) as unknown as Agent

const checkInvitation = (agent: Agent | undefined, invitation: string, now: number): Agent => {
  if (agent?.state !== 'invited' || agent.keyHash !== keyHash(invitation))
    throw new Refusal(401, 'the collector does not know this invitation, or it was used', {
      suggestion: 'have the agent invited again (yiwang agent invite)',
    })
  const expiresAt = agent.invitationExpiresAt
  if (expiresAt === undefined || Date.parse(expiresAt) <= now)
    throw new Refusal(403, `the invitation expired at ${expiresAt ?? 'an unknown time'}`, {
      suggestion: 'have the agent invited again (yiwang agent invite)',
    })
  return agent
}

const checkSigningKey = (inventory: Inventory, signingKey: string): void => {
  const owner = ownerOf(inventory, signingKey)
  if (owner !== undefined)
    throw new Refusal(409, `expected a signing key of the agent's own, got that of ${owner}`, {
      suggestion: 'enrol the agent anew: it makes a key pair for itself',
    })
}

/**
 * Trades an invitation for a key, once: decided under the store's lock, so that of two requests one wins.
 * Throws `Refusal` 401 or 403.
 */
export const enrol = async (
  store: InventoryStore,
  request: {
    readonly agent: string
    readonly invitation: string
    readonly signingKey?: string | undefined
  },
  clock: Clock,
): Promise<Enrolment> => {
  // Whoever guesses comes not to the store's lock: agents and people wait for it.
  checkInvitation((await store.read()).agent.get(request.agent), request.invitation, clock())
  const key = newKey()
  const { signingKey } = request
  let vantage: Agent['vantage'] = 'public'
  await store.change({
    actor: `agent:${request.agent}`,
    reason: 'enrolled',
    operations: (inventory) => {
      const agent = checkInvitation(inventory.agent.get(request.agent), request.invitation, clock())
      vantage = agent.vantage
      if (signingKey !== undefined) checkSigningKey(inventory, signingKey)
      return [
        put({
          ...without(agent, 'invitationExpiresAt', 'previousKeyHash'),
          state: 'active',
          keyHash: keyHash(key),
          signingKey,
        }),
      ]
    },
  })
  return { agent: request.agent, key, vantage }
}

/** The record as it is now, if this key still is one of its own. */
const stillHolds = (agent: Agent | undefined, hash: string): agent is Agent =>
  agent?.state === 'active' && (agent.keyHash === hash || agent.previousKeyHash === hash)

/** Gives the agent a new key; the one it asked with stays good until the new one is used. */
export const rotate = async (store: InventoryStore, { agent, hash }: Authenticated): Promise<Enrolment> => {
  const key = newKey()
  await store.change({
    actor: `agent:${agent.id}`,
    reason: 'asked for a new key',
    operations: (inventory) => {
      const record = inventory.agent.get(agent.id)
      if (!stillHolds(record, hash)) throw new Refusal(401, 'this key was replaced meanwhile')
      return [put({ ...record, keyHash: keyHash(key), previousKeyHash: hash })]
    },
  })
  return { agent: agent.id, key, vantage: agent.vantage }
}

/**
 * Takes the public half of an agent's signing key, where it has none yet; the same one again changes nothing.
 * Throws `Refusal` 409 for another: evidence must not change hands with the key to the collector.
 */
export const registerSigningKey = (
  store: InventoryStore,
  { agent, hash }: Authenticated,
  signingKey: string,
): Promise<unknown> =>
  store.change({
    actor: `agent:${agent.id}`,
    reason: 'sent its signing key',
    operations: (inventory) => {
      const record = inventory.agent.get(agent.id)
      if (!stillHolds(record, hash)) throw new Refusal(401, 'this key was replaced meanwhile')
      if (record.signingKey === signingKey) return []
      if (record.signingKey !== undefined)
        throw new Refusal(409, `agent ${agent.id} has another signing key already`, {
          suggestion: 'have it invited again (yiwang agent invite) and enrol it anew',
        })
      checkSigningKey(inventory, signingKey)
      return [put({ ...record, signingKey })]
    },
  })

const refuseLocal = (id: string, message: string): never => {
  throw new UsageFault([
    {
      where: `agent/${id}`,
      message,
      suggestion: `\`yiwang agent invite ${id}\`, then start \`yiwang run\` again: the key of this machine takes its place`,
    },
  ])
}

/**
 * Gives the agent inside the collector's process a place in the inventory, for its evidence alone: nobody has a key
 * that opens the collector to it. The same key again changes nothing. Rejects with `UsageFault` for a revoked agent,
 * for another key than it had, and for the key of another.
 */
export const registerLocalAgent = (
  store: InventoryStore,
  { id, vantage }: Pick<Assignee, 'id' | 'vantage'>,
  signingKey: string,
): Promise<unknown> =>
  store.change({
    actor: `agent:${id}`,
    reason: 'signs evidence of the collector’s own machine',
    operations: (inventory) => {
      const known = inventory.agent.get(id)
      if (known?.state === 'active' && known.signingKey === signingKey) return []
      if (known?.state === 'revoked') return refuseLocal(id, 'expected an agent in force, it was revoked')
      if (known?.state === 'active' && known.signingKey !== undefined)
        return refuseLocal(id, 'expected the signing key that it had, got another')
      const owner = ownerOf(inventory, signingKey)
      if (owner !== undefined)
        throw new UsageFault([
          {
            where: `agent/${id}`,
            message: `expected a signing key of its own, the data folder has that of ${owner}`,
            suggestion: 'name that agent in agent.id, or have it check this machine: `yiwang agent run`',
          },
        ])
      const fresh = { id, vantage, regions: [], keyHash: keyHash(newKey()) }
      const record = known === undefined ? fresh : without(known, 'invitationExpiresAt', 'previousKeyHash')
      return [put({ ...record, state: 'active', signingKey })]
    },
  })

/** The agent has used its new key: the old one is refused from now on. */
export const retirePreviousKey = async (
  store: InventoryStore,
  { agent, key }: Authenticated,
): Promise<void> => {
  if (key !== 'current' || agent.previousKeyHash === undefined) return
  await store.change({
    actor: `agent:${agent.id}`,
    reason: 'used its new key',
    operations: (inventory) => {
      const record = inventory.agent.get(agent.id)
      const isSame = record?.keyHash === agent.keyHash && record.previousKeyHash !== undefined
      return isSame ? [put(without(record, 'previousKeyHash'))] : []
    },
  })
}
