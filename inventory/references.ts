import type { Problem } from '../src/core/fault.ts'
import type { AnyRecord } from './audit/changes.ts'
import { findCycles } from './cycles.ts'
import { endpointProblem } from './endpoint.ts'
import { ledgerReferences } from './ledger/references.ts'
import { ledgerProblems } from './ledger/rules.ts'
import { allWaveProblems, migrationProblems } from './migration/rules.ts'
import { assessmentProblems } from './mlps/rules.ts'
import { type Collection, collectionNames, type ProbeRequest, type RecordOf } from './model.ts'
import { dutyProblems, exceptionProblems, maintenanceProblems } from './security/rules.ts'
import { nearest } from '../src/core/nearest.ts'
import { many, one, type Reference } from './reference.ts'
import type { Inventory } from './store.ts'

/** Records of each collection that a change puts (record) or removes (undefined). */
export type Touched = ReadonlyMap<Collection, ReadonlyMap<string, AnyRecord | undefined>>

/** What can be probed, and so serve as a control. */
const targets = ['node', 'system', 'device'] as const satisfies readonly Collection[]

const controls = (probes: readonly ProbeRequest[]): readonly Reference[] =>
  probes.flatMap(({ control }, index) =>
    control === undefined ? [] : [{ path: `probes[${index}].control`, to: targets, id: control }],
  )

const oneTarget = (id: string | undefined): readonly Reference[] =>
  id === undefined ? [] : [{ path: 'target', to: targets, id }]

const references: { readonly [C in Collection]: (record: RecordOf<C>) => readonly Reference[] } = {
  region: ({ parent }) => one('parent', 'region', parent),
  unit: ({ region, parent, contacts }) => [
    ...one('region', 'region', region),
    ...one('parent', 'unit', parent),
    ...many('contacts', 'contact', contacts),
  ],
  node: ({ region, unit, uplinks, contacts, probes }) => [
    ...one('region', 'region', region),
    ...one('unit', 'unit', unit),
    ...uplinks.flatMap(({ to }, index) => one(`uplinks[${index}].to`, 'node', to)),
    ...many('contacts', 'contact', contacts),
    ...controls(probes),
  ],
  system: ({ unit, region, node, contacts, probes }) => [
    ...one('unit', 'unit', unit),
    ...one('region', 'region', region),
    ...one('node', 'node', node),
    ...many('contacts', 'contact', contacts),
    ...controls(probes),
  ],
  device: ({ node, contacts, probes }) => [
    ...one('node', 'node', node),
    ...many('contacts', 'contact', contacts),
    ...controls(probes),
  ],
  network: ({ unit, region }) => [...one('unit', 'unit', unit), ...one('region', 'region', region)],
  contact: () => [],
  agent: ({ regions, target }) => [...many('regions', 'region', regions), ...oneTarget(target)],
  signer: () => [],
  evidence: ({ target }) => oneTarget(target),
  assessment: ({ system, previous }) => [
    ...one('system', 'system', system),
    ...one('previous', 'assessment', previous),
  ],
  asset: ({ assessment, target }) => [...one('assessment', 'assessment', assessment), ...oneTarget(target)],
  waiver: ({ assessment, asset }) => [
    ...one('assessment', 'assessment', assessment),
    ...one('asset', 'asset', asset),
  ],
  remediation: ({ assessment, asset, unit }) => [
    ...one('assessment', 'assessment', assessment),
    ...one('asset', 'asset', asset),
    ...one('unit', 'unit', unit),
  ],
  ...ledgerReferences,
  cloud: ({ unit }) => one('unit', 'unit', unit),
  wave: ({ unit }) => one('unit', 'unit', unit),
  migration: ({ id, unit, wave, cloud, control, dependsOn }) => [
    ...one('id', 'system', id),
    ...one('unit', 'unit', unit),
    ...one('wave', 'wave', wave),
    ...one('cloud', 'cloud', cloud),
    ...(control === undefined ? [] : [{ path: 'control', to: targets, id: control }]),
    ...many('dependsOn', 'system', dependsOn),
  ],
  readiness: ({ id }) => one('id', 'system', id),
  bulletin: ({ unit, corrects }) => [...one('unit', 'unit', unit), ...one('corrects', 'bulletin', corrects)],
  maintenance: ({ targets: ids, regions }) => [
    ...ids.map((id, index) => ({ path: `targets[${index}]`, to: targets, id })),
    ...many('regions', 'region', regions),
  ],
  exception: ({ target }) => oneTarget(target),
  duty: ({ contacts, escalation }) => [
    ...many('contacts', 'contact', contacts),
    ...many('escalation', 'contact', escalation),
  ],
}

/** What a record of the collection refers to. */
export const referencesOf = (collection: Collection, record: AnyRecord): readonly Reference[] =>
  (references[collection] as (record: AnyRecord) => readonly Reference[])(record)

const withSuggestion = (id: string, candidates: Iterable<string>): Pick<Problem, 'suggestion'> => {
  const best = nearest(id, candidates)
  return best === undefined ? {} : { suggestion: `did you mean ${best}?` }
}

// Looking for a near id walks the whole collection: worth it for a slip of the hand, not for a thousand.
const maxSuggestions = 20

const idsOf = (inventory: Inventory, among: readonly Collection[]): readonly string[] =>
  among.flatMap((name) => [...inventory[name].keys()])

const missing = (
  inventory: Inventory,
  touched: Touched,
  assumed: ReadonlySet<string>,
): readonly Problem[] => {
  const problems: Problem[] = []
  for (const [collection, records] of touched)
    for (const [id, record] of records)
      for (const { path, to, id: target } of record ? referencesOf(collection, record) : []) {
        const isAccountedFor = (name: Collection): boolean =>
          inventory[name].has(target) ||
          touched.get(name)?.has(target) === true ||
          assumed.has(`${name}/${target}`)
        if (to.some(isAccountedFor)) continue
        problems.push({
          where: `${collection}/${id}.${path}`,
          message: `expected an existing ${to.join(' or ')}, got ${target}`,
          ...(problems.length < maxSuggestions && withSuggestion(target, idsOf(inventory, to))),
        })
      }
  return problems
}

const removedKeys = (touched: Touched): ReadonlySet<string> =>
  new Set(
    [...touched].flatMap(([collection, records]) =>
      [...records].flatMap(([id, record]) => (record === undefined ? [`${collection}/${id}`] : [])),
    ),
  )

const referrers = (inventory: Inventory, removed: ReadonlySet<string>): ReadonlyMap<string, string[]> => {
  const found = new Map<string, string[]>()
  for (const collection of collectionNames)
    for (const record of inventory[collection].values())
      for (const { path, to, id } of referencesOf(collection, record)) {
        const key = to.map((name) => `${name}/${id}`).find((each) => removed.has(each))
        if (key === undefined) continue
        const mentions = found.get(key) ?? []
        mentions.push(`${collection}/${record.id}.${path}`)
        found.set(key, mentions)
      }
  return found
}

const maxMentions = 5

const stillReferenced = (inventory: Inventory, touched: Touched): readonly Problem[] => {
  const removed = removedKeys(touched)
  if (removed.size === 0) return []
  return [...referrers(inventory, removed)].map(([where, mentions]) => {
    const rest = mentions.length - maxMentions
    const named = mentions.slice(0, maxMentions).join(', ')
    return {
      where,
      message: `cannot be removed: still referenced by ${named}${rest > 0 ? ` and ${rest} more` : ''}`,
      suggestion: 'change or remove these first, or in the same change',
    }
  })
}

/** The hierarchies that must end at a top. */
const hierarchies: readonly {
  readonly collection: Collection
  readonly field: string
  readonly above: (inventory: Inventory, id: string) => readonly string[]
}[] = [
  {
    collection: 'region',
    field: 'parent',
    above: ({ region }, id) => [region.get(id)?.parent ?? []].flat(),
  },
  { collection: 'unit', field: 'parent', above: ({ unit }, id) => [unit.get(id)?.parent ?? []].flat() },
  {
    collection: 'node',
    field: 'uplinks',
    above: ({ node }, id) => node.get(id)?.uplinks.map(({ to }) => to) ?? [],
  },
  {
    collection: 'assessment',
    field: 'previous',
    above: ({ assessment }, id) => [assessment.get(id)?.previous ?? []].flat(),
  },
  {
    collection: 'migration',
    field: 'dependsOn',
    above: ({ migration }, id) => migration.get(id)?.dependsOn ?? [],
  },
]

const cyclic = (inventory: Inventory, touched: Touched): readonly Problem[] =>
  hierarchies.flatMap(({ collection, field, above }) =>
    findCycles(touched.get(collection)?.keys() ?? [], (id) => above(inventory, id)).map((cycle) => ({
      where: `${collection}/${cycle[0] ?? ''}.${field}`,
      message: `expected a way that ends at the top, got a cycle: ${[...cycle.slice(0, 10), cycle[0]].join(' → ')}`,
    })),
  )

const repeatedUplinks = ({ id, uplinks }: RecordOf<'node'>): readonly Problem[] =>
  uplinks.flatMap((uplink, index) =>
    uplinks.findIndex((other) => other.id === uplink.id) < index
      ? [
          {
            where: `node/${id}.uplinks[${index}].id`,
            message: `expected an id once a node, got ${uplink.id} again`,
          },
        ]
      : [],
  )

const badEndpoints = ({ id, endpoints }: RecordOf<'system'>): readonly Problem[] =>
  endpoints.flatMap((endpoint, index) => {
    const message = endpointProblem(endpoint)
    return message === undefined ? [] : [{ where: `system/${id}.endpoints[${index}]`, message }]
  })

const recordsOf = <C extends Collection>(touched: Touched, collection: C): readonly RecordOf<C>[] =>
  [...(touched.get(collection)?.values() ?? [])].filter((record) => record !== undefined) as RecordOf<C>[]

/**
 * What is wrong among records after a change, `inventory` being the state that it would lead to.
 * `assumed` are keys (`node/n-1`) of records that were refused by themselves: who mentions them is not to blame.
 */
export const referenceProblems = (
  inventory: Inventory,
  touched: Touched,
  assumed: ReadonlySet<string> = new Set(),
): readonly Problem[] => [
  ...missing(inventory, touched, assumed),
  ...stillReferenced(inventory, touched),
  ...cyclic(inventory, touched),
  ...recordsOf(touched, 'node').flatMap(repeatedUplinks),
  ...recordsOf(touched, 'system').flatMap(badEndpoints),
  ...recordsOf(touched, 'migration').flatMap(migrationProblems),
  ...allWaveProblems(inventory.wave, recordsOf(touched, 'wave')),
  ...recordsOf(touched, 'maintenance').flatMap(maintenanceProblems),
  ...recordsOf(touched, 'exception').flatMap(exceptionProblems),
  ...recordsOf(touched, 'duty').flatMap(dutyProblems),
  ...assessmentProblems(inventory, {
    assessment: recordsOf(touched, 'assessment'),
    asset: recordsOf(touched, 'asset'),
    waiver: recordsOf(touched, 'waiver'),
    remediation: recordsOf(touched, 'remediation'),
  }),
  ...ledgerProblems(inventory, {
    goal: recordsOf(touched, 'goal'),
    task: recordsOf(touched, 'task'),
    milestone: recordsOf(touched, 'milestone'),
    progress: recordsOf(touched, 'progress'),
    claim: recordsOf(touched, 'claim'),
    roster: recordsOf(touched, 'roster'),
  }),
]
