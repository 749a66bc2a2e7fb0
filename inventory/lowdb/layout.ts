import type { AnyRecord } from '../audit/changes.ts'
import { type Collection, collectionNames, type RecordOf } from '../model.ts'
import type { Inventory } from '../store.ts'

/** Files of a store, relative to its folder. */
export const metaFile = 'meta.json'
export const auditFile = 'audit.jsonl'
export const journalFile = 'journal'
/** An audit log that a restore has made ready, and that its journal puts in place. */
export const stagedAuditFile = 'audit.jsonl.restored'

const name = '[A-Za-z0-9][A-Za-z0-9._-]{0,100}\\.json'
/** Name of a shard in its collection's folder: ours, or one that a person chose. */
export const shardName = new RegExp(`^${name}$`, 'u')
/** The same with the folder, as `shardPath` gives it. */
export const shardPattern = new RegExp(`^(?:${collectionNames.join('|')})/${name}$`, 'u')

const county = (region: string): string => region.slice(0, 6)

type Place<C extends Collection> = (record: RecordOf<C>, inventory: Inventory) => string

/** Which file of its collection a record belongs to: a change of one county rewrites a file of that county. */
const places: { readonly [C in Collection]: Place<C> } = {
  region: ({ id }) => county(id),
  unit: ({ region }) => county(region),
  node: ({ region }) => county(region),
  system: ({ region }) => county(region),
  device: ({ node }, inventory) => county(inventory.node.get(node)?.region ?? 'elsewhere'),
  network: ({ region }) => (region === undefined ? 'all' : county(region)),
  contact: () => 'all',
  agent: () => 'all',
  signer: () => 'all',
  evidence: ({ collectedAt }) => collectedAt.slice(0, 7),
  assessment: ({ id }) => id,
  // All results of an assessment are one file: a change rewrites that one only.
  asset: ({ assessment }) => assessment,
  waiver: ({ assessment }) => assessment,
  remediation: ({ assessment }) => assessment,
  workplan: () => 'all',
  goal: ({ plan }) => plan,
  task: ({ plan }) => plan,
  milestone: ({ task }, inventory) => inventory.task.get(task)?.plan ?? 'elsewhere',
  mention: ({ plan }) => plan,
  progress: ({ subject }) => subject,
  // A month's claims are one file: a year of them is not rewritten for each.
  claim: ({ at }) => at.slice(0, 7),
  roster: ({ series }) => series,
  cloud: () => 'all',
  wave: () => 'all',
  migration: ({ id }, inventory) => county(inventory.system.get(id)?.region ?? 'elsewhere'),
  readiness: ({ id }, inventory) => county(inventory.system.get(id)?.region ?? 'elsewhere'),
  bulletin: ({ year }) => String(year),
  maintenance: () => 'all',
  exception: () => 'all',
  duty: () => 'all',
}

/** `node/410202.json` */
export const shardPath = (collection: Collection, record: AnyRecord, inventory: Inventory): string =>
  `${collection}/${(places[collection] as Place<Collection>)(record, inventory)}.json`

/** Collection of a shard's path. Throws for a path of no collection: a bug or a forged file. */
export const collectionOf = (shard: string): Collection => {
  const name = collectionNames.find((collection) => shard.startsWith(`${collection}/`))
  if (name === undefined) throw new Error(`no collection has the shard ${shard}`)
  return name
}
