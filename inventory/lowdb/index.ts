import type { Clock } from '../../src/core/clock.ts'
import { EnvironmentFault, UsageFault } from '../../src/core/fault.ts'
import { forged, verifyChain } from '../audit/chain.ts'
import { prepareChange, requestProblems } from '../change.ts'
import { type InventorySchema, inventorySchema } from '../schema.ts'
import type {
  AuditChange,
  AuditEntry,
  AuditHead,
  AuditVerdict,
  ChangeRequest,
  ChangeResult,
  Inventory,
  InventoryStore,
} from '../store.ts'
import { auditEntries, auditLines } from './audit-log.ts'
import { adoptEdits, commit, rewriteShards } from './commit.ts'
import { createStore } from './create.ts'
import { guarded, guardedEach } from './faults.ts'
import { migrateStore } from './migrate.ts'
import { type LockedPlace, recoverIfFree, withLock } from './recover.ts'
import { loadSnapshot, type Snapshot } from './snapshot.ts'
import { readState, tokenOf } from './state.ts'

export interface OpenOptions {
  readonly clock: Clock
  /** Makes an empty store where there is none. */
  readonly create?: boolean
  /** How long a change waits for another writer; default: 10 s. */
  readonly lockTimeoutMs?: number
  /** Default: that of today's model. */
  readonly schema?: InventorySchema
}

interface Place extends LockedPlace {
  readonly clock: Clock
}

/** The newest snapshot; undefined where the store changes faster than it can be read. */
type View = () => Promise<Snapshot | undefined>

interface Views {
  /** Sees changes of any kind. */
  readonly newest: View
  /** Sees every change at once, but edits by hand in a store of thousands of files some seconds later. */
  readonly recent: View
}

const inTurn = (): (<T>(task: () => Promise<T>) => Promise<T>) => {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const turn = last.then(task)
    last = turn.catch(() => undefined)
    return turn
  }
}

/** Stores of so few files are looked at whole each time. */
const fewFiles = 250
/** Looking at a file for an edit by hand takes some 20 µs, and may cost a hundredth of the time. */
const trustedMsPerFile = 2

const viewsOf = ({ folder, newest }: Place): Views => {
  const turn = inTurn()
  let snapshot: Snapshot | undefined
  let lookedAt = -Infinity
  const look: View = async () => {
    const loaded = await loadSnapshot(folder, newest, snapshot)
    snapshot = loaded ?? snapshot
    lookedAt = loaded === undefined ? -Infinity : performance.now()
    return loaded
  }
  const isRecent = ({ shards, state }: Snapshot): boolean =>
    shards.size > fewFiles &&
    performance.now() < lookedAt + shards.size * trustedMsPerFile &&
    state.token === tokenOf(folder)
  return {
    newest: () => turn(look),
    recent: () => turn(async () => (snapshot !== undefined && isRecent(snapshot) ? snapshot : look())),
  }
}

const settled = async (view: View, { folder }: Place): Promise<Snapshot> => {
  const snapshot = await view()
  if (snapshot !== undefined) return snapshot
  throw new EnvironmentFault('STORE_LOCKED', `${folder} is changed by somebody who does not keep to its lock`)
}

const timestamp = ({ clock }: Place): string => new Date(clock()).toISOString()

const read = async (place: Place, { newest, recent }: Views): Promise<Inventory> => {
  const snapshot = (await recent()) ?? (await withLock(place, () => settled(newest, place)))
  return snapshot.inventory
}

const withoutEdits = async (place: Place, view: View): Promise<Snapshot> => {
  const snapshot = await settled(view, place)
  if (snapshot.edited.length === 0) return snapshot
  await adoptEdits(place.folder, snapshot, timestamp(place))
  return settled(view, place)
}

const count = (changes: readonly AuditChange[], op: AuditChange['op']): number =>
  changes.filter((change) => change.op === op).length

const resultOf = (before: Inventory, changes: readonly AuditChange[]): ChangeResult => ({
  revision: before.revision + (changes.length > 0 ? 1 : 0),
  added: count(changes, 'add'),
  replaced: count(changes, 'replace'),
  removed: count(changes, 'remove'),
})

const change = async (
  place: Place,
  view: View,
  { actor, reason, operations }: ChangeRequest,
): Promise<ChangeResult> => {
  const snapshot = await withoutEdits(place, view)
  const { inventory, state } = snapshot
  const { problems, changes, next } = prepareChange(inventory, operations(inventory))
  if (problems.length > 0) throw new UsageFault(problems)
  if (changes.length > 0) {
    const note = { at: timestamp(place), actor, reason, changes }
    await commit(place.folder, state.meta, rewriteShards(snapshot, changes, next), note)
  }
  return resultOf(inventory, changes)
}

async function* entries(
  { folder, newest }: Place,
  { since = 1, limit = Infinity }: { readonly since?: number; readonly limit?: number } = {},
): AsyncGenerator<AuditEntry> {
  const { meta, journal } = await readState(folder, newest)
  let left = limit
  for await (const entry of auditEntries(auditLines(folder, journal?.audit), meta.audit)) {
    if (entry.sequence < since) continue
    if (left <= 0) return
    left -= 1
    yield entry
  }
}

const verify = async ({ folder, newest }: Place, head: AuditHead | undefined): Promise<AuditVerdict> => {
  const { token, meta, journal } = await readState(folder, newest)
  const kept = head === undefined ? [meta.audit] : [meta.audit, head]
  const { verdict, beyond } = await verifyChain(auditLines(folder, journal?.audit), kept)
  // More than the store knows of was either forged, or written while we looked.
  if (!verdict.intact || !beyond || tokenOf(folder) !== token) return verdict
  return forged(verdict.head)
}

const storeOf = (place: Place): InventoryStore => {
  const { folder, newest } = place
  const views = viewsOf(place)
  const turn = inTurn()
  return {
    read: () => guarded(folder, () => read(place, views)),
    change: async (request) => {
      const problems = requestProblems(request)
      if (problems.length > 0) throw new UsageFault(problems)
      return turn(() => guarded(folder, () => withLock(place, () => change(place, views.newest, request))))
    },
    audit: (range) => guardedEach(folder, entries(place, range)),
    auditHead: () => guarded(folder, async () => (await readState(folder, newest)).meta.audit),
    auditVerify: (head) => guarded(folder, () => verify(place, head)),
    [Symbol.asyncDispose]: () => turn(() => Promise.resolve()),
  }
}

const bringForward = async (place: Place, schema: InventorySchema): Promise<void> => {
  const { meta } = await readState(place.folder, schema.version)
  if (meta.schemaVersion === schema.version) return
  await withLock(place, () => migrateStore(place.folder, schema, timestamp(place)))
}

/**
 * Opens the inventory kept as files in `folder`: makes an empty one if asked, carries out a change that was cut
 * short, brings an older schema forward. Throws `STORE_MISSING`, `STORE_BROKEN`, `STORE_NEWER`, `STORE_LOCKED`.
 */
export const openInventory = (
  folder: string,
  { clock, create = false, lockTimeoutMs = 10_000, schema = inventorySchema }: OpenOptions,
): Promise<InventoryStore> =>
  guarded(folder, async () => {
    const place: Place = { folder, clock, newest: schema.version, timeoutMs: lockTimeoutMs }
    if (create) await createStore(place)
    await recoverIfFree(folder, schema.version)
    await bringForward(place, schema)
    return storeOf(place)
  })
