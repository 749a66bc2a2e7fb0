import { UsageFault } from '../src/core/fault.ts'
import type { KnownKey } from '../src/core/host-evidence-document.ts'
import { keyIdOf } from '../src/core/signing-key.ts'
import type { Signer } from './model.ts'
import type { Inventory, Operation } from './store.ts'

export interface RegisteredKey extends KnownKey {
  /** The agent that has it; absent: it was registered by a person, to be carried to hosts without one. */
  readonly agent?: string
}

const registered = ({ agent, signer }: Inventory): readonly RegisteredKey[] => [
  ...[...signer.values()].map(({ id, publicKey, state }) => ({
    publicKey,
    isRevoked: state === 'revoked',
    owner: `signer ${id}`,
  })),
  ...[...agent.values()].flatMap(({ id, signingKey, state }) =>
    signingKey === undefined
      ? []
      : [{ publicKey: signingKey, isRevoked: state === 'revoked', owner: `agent ${id}`, agent: id }],
  ),
]

/** Every key that is or was good for evidence, by its name. */
export const keyRingOf = (inventory: Inventory): ReadonlyMap<string, RegisteredKey> =>
  new Map(registered(inventory).map((key) => [keyIdOf(key.publicKey), key]))

/** Whose this key is already. It must be one owner's, or one could pass the other's evidence off as its own. */
export const ownerOf = (inventory: Inventory, publicKey: string): string | undefined =>
  registered(inventory).find((key) => key.publicKey === publicKey)?.owner

/** Registers a key. Throws `UsageFault` where id or key is taken; a revoked key stays so. */
export const addSigner = (
  inventory: Inventory,
  signer: Pick<Signer, 'id' | 'publicKey' | 'name'>,
): readonly Operation[] => {
  const { id, publicKey } = signer
  const owner = ownerOf(inventory, publicKey)
  const problems = [
    ...(inventory.signer.has(id)
      ? [{ where: id, message: 'expected a new id, there is such a signer' }]
      : []),
    ...(owner === undefined ? [] : [{ where: id, message: `expected a new key, it is that of ${owner}` }]),
  ]
  if (problems.length > 0) throw new UsageFault(problems)
  return [{ op: 'put', collection: 'signer', record: signer }]
}
