import type { Collection, RecordOf } from './model.ts'

/** A frozen view of every record at one revision. */
export type Inventory = {
  readonly [C in Collection]: ReadonlyMap<string, RecordOf<C>>
} & {
  /** Grows by one with every change; 0 is the empty store. */
  readonly revision: number
}

export interface Put {
  readonly op: 'put'
  readonly collection: Collection
  /** Validated by the collection's schema. */
  readonly record: unknown
}
export interface Remove {
  readonly op: 'remove'
  readonly collection: Collection
  readonly id: string
}
/** `put` adds or replaces the whole record with that id. */
export type Operation = Put | Remove

export interface ChangeRequest {
  /** Who: a person's login, or `agent:<id>`, `collector`. */
  readonly actor: string
  readonly reason: string
  /**
   * What to do, decided under the lock on the newest revision, so that two writers never lose a change.
   * Returning no operation is a change of nothing: no revision, no audit entry.
   */
  readonly operations: (inventory: Inventory) => readonly Operation[]
}

export interface ChangeResult {
  readonly revision: number
  readonly added: number
  readonly replaced: number
  readonly removed: number
}

/** One entry of the audit log; `hash` covers all other fields, `previous` is the hash of the entry before. */
export interface AuditEntry {
  readonly sequence: number
  /** ISO 8601, UTC. */
  readonly at: string
  readonly actor: string
  readonly reason: string
  readonly revision: number
  readonly changes: readonly AuditChange[]
  readonly previous: string
  readonly hash: string
}

export interface AuditChange {
  readonly op: 'add' | 'replace' | 'remove'
  readonly collection: Collection
  readonly id: string
  /** Fields that changed, old and new value; for `add` and `remove` the whole record. */
  readonly before?: unknown
  readonly after?: unknown
}

/** Head of the chain, to be kept elsewhere: a chain cannot see that its own tail was cut. */
export interface AuditHead {
  readonly sequence: number
  readonly hash: string
}

export type AuditVerdict =
  | { readonly intact: true; readonly head: AuditHead }
  | { readonly intact: false; readonly sequence: number; readonly problem: string }

/**
 * The inventory's port. A change is wholly in the store and in the audit log, or in neither,
 * `kill -9` included; it is durable (file and folder synced) when the promise resolves.
 */
export interface InventoryStore extends AsyncDisposable {
  /** The newest revision; the same object until something changed. */
  read(): Promise<Inventory>
  /** Throws `UsageFault` with every problem (schema, references) and writes nothing then. */
  change(request: ChangeRequest): Promise<ChangeResult>
  audit(range?: { readonly since?: number; readonly limit?: number }): AsyncIterable<AuditEntry>
  auditHead(): Promise<AuditHead>
  /** Recomputes the chain; with a head kept elsewhere also finds a cut tail. */
  auditVerify(head?: AuditHead): Promise<AuditVerdict>
}
