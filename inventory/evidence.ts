import type { HostEvidence } from '../src/core/host-evidence.ts'
import type { Evidence } from './model.ts'
import type { Inventory, Operation } from './store.ts'

/** Host evidence that was verified, and is among the attachments. */
export interface Brought {
  readonly hash: string
  readonly bytes: number
  readonly key: string
  readonly evidence: HostEvidence
}

const recordOf = ({ hash, bytes, key, evidence }: Brought, receivedAt: string): Evidence => ({
  id: hash,
  bytes,
  key,
  hostname: evidence.host.hostname,
  ...(evidence.host.machine !== undefined && { machine: evidence.host.machine }),
  collectedAt: evidence.collectedAt,
  receivedAt,
})

/**
 * Records of evidence. What is recorded already stays as it is, but for the target: one that is given replaces it.
 */
export const recordEvidence = (
  { evidence: known }: Inventory,
  brought: readonly Brought[],
  { target, receivedAt }: { readonly target?: string | undefined; readonly receivedAt: string },
): readonly Operation[] =>
  brought.map((each) => ({
    op: 'put',
    collection: 'evidence',
    record: {
      ...(known.get(each.hash) ?? recordOf(each, receivedAt)),
      ...(target !== undefined && { target }),
    },
  }))
