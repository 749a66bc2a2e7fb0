import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { type Problem, UsageFault } from '../../src/core/fault.ts'
import { nearest } from '../../src/core/nearest.ts'
import { prepareChange } from '../change.ts'
import type { AuditChange, Inventory, Operation } from '../store.ts'

/**
 * A work plan as a file: sections named after collections, each a list of records with the fields of the model.
 * Regions, units and systems of the file are added where the inventory has none of that id, and left alone where
 * it has; everything else replaces what is there.
 */

export const surroundings = ['region', 'unit', 'system'] as const
export const planCollections = ['workplan', 'goal', 'mention', 'task', 'milestone'] as const
const sections = [...surroundings, ...planCollections] as const
type Section = (typeof sections)[number]

/** Plans that come with yiwang. */
export const shippedPlans = ['kaifeng-2018'] as const
export type ShippedPlan = (typeof shippedPlans)[number]

export interface PlanSource {
  readonly value: unknown
  readonly placeOf: (path: readonly PropertyKey[]) => string
}

interface Entry {
  readonly section: Section
  readonly index: number
  readonly id: string
  readonly record: object
}

const isSection = (name: string): name is Section => sections.some((section) => section === name)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const unknownSection = (name: string, where: string): Problem => {
  const meant = nearest(name, sections)
  const suggestion = meant === undefined ? `one of ${sections.join(', ')}` : `did you mean ${meant}?`
  return { where, message: `expected a section of a plan, got ${name}`, suggestion }
}

const entryOf = (section: Section, index: number, record: unknown, where: string): Entry | Problem => {
  const id = isRecord(record) ? record['id'] : undefined
  if (isRecord(record) && typeof id === 'string') return { section, index, id, record }
  const got = typeof id === 'number' ? `the number ${id}` : 'none'
  return {
    where,
    message: `expected a ${section} with an id in quotes, got ${got}`,
    ...(typeof id === 'number' && { suggestion: `write id: '${id}'` }),
  }
}

const sectionEntries = (
  [name, list]: readonly [string, unknown],
  placeOf: PlanSource['placeOf'],
): readonly (Entry | Problem)[] => {
  if (!isSection(name)) return [unknownSection(name, placeOf([name]))]
  if (!Array.isArray(list))
    return [{ where: placeOf([name]), message: `expected a list of ${name} records, got ${typeof list}` }]
  return list.map((record: unknown, index) => entryOf(name, index, record, placeOf([name, index])))
}

const readEntries = ({ value, placeOf }: PlanSource): readonly (Entry | Problem)[] => {
  if (!isRecord(value))
    return [{ where: placeOf([]), message: `expected sections ${sections.join(', ')}, got no mapping` }]
  const given = Object.entries(value)
  if (!given.some(([name]) => name === 'workplan'))
    return [{ where: placeOf([]), message: 'expected a section workplan, got none' }]
  return given.flatMap((section) => sectionEntries(section, placeOf))
}

const keyOf = ({ section, id }: Entry): string => `${section}/${id}`

const duplicates = (entries: readonly Entry[], placeOf: PlanSource['placeOf']): readonly Problem[] => {
  const first = new Map<string, Entry>()
  return entries.flatMap((entry) => {
    const { section, index, id } = entry
    const before = first.get(keyOf(entry))
    if (before === undefined) {
      first.set(keyOf(entry), entry)
      return []
    }
    const there = placeOf([section, before.index, 'id'])
    return [{ where: placeOf([section, index, 'id']), message: `duplicate id ${id}, first at ${there}` }]
  })
}

/** Ids are one name space over all plans: `4.1.4` of another plan is not silently taken over. */
const takenOver = (
  inventory: Inventory,
  entries: readonly Entry[],
  placeOf: PlanSource['placeOf'],
): readonly Problem[] => {
  const planOf = (section: Section, id: string): string | undefined => {
    if (section === 'milestone') return planOf('task', inventory.milestone.get(id)?.task ?? '')
    return section === 'goal' || section === 'task' || section === 'mention'
      ? inventory[section].get(id)?.plan
      : undefined
  }
  const own = new Set(entries.filter(({ section }) => section === 'workplan').map(({ id }) => id))
  return entries.flatMap(({ section, index, id }) => {
    const owner = planOf(section, id)
    if (owner === undefined || own.has(owner)) return []
    return [
      {
        where: placeOf([section, index, 'id']),
        message: `expected an id that no other plan has, got ${id} of ${owner}`,
        suggestion: 'begin the ids with that of the plan',
      },
    ]
  })
}

const pathOf = (text: string): readonly PropertyKey[] =>
  [...text.matchAll(/\.([^.[\]]+)|\[(\d+)\]/gu)].map(([, field, index]) => field ?? Number(index))

/** The store names a record and a path in it; a reader of the file wants its line. */
const placed = (
  problem: Problem,
  entries: ReadonlyMap<string, Entry>,
  placeOf: PlanSource['placeOf'],
): Problem => {
  const starts = [
    problem.where,
    ...[...problem.where.matchAll(/[.[]/gu)].map(({ index }) => problem.where.slice(0, index)).reverse(),
  ]
  const key = starts.find((start) => entries.has(start))
  const entry = entries.get(key ?? '')
  if (key === undefined || entry === undefined) return problem
  const place = placeOf([entry.section, entry.index, ...pathOf(problem.where.slice(key.length))])
  return { ...problem, where: `${place} ${problem.where}` }
}

export interface PlanImport {
  readonly operations: readonly Operation[]
  /** Records that it adds or changes. */
  readonly changes: readonly AuditChange[]
  /** Regions, units and systems of the file that the inventory has already. */
  readonly kept: number
}

const put = ({ section, record }: Entry): Operation => ({ op: 'put', collection: section, record })

/**
 * What loading a plan would change, decided on one revision of the inventory. Throws one `UsageFault` with every
 * problem and the line of each: unknown sections, fields, units and systems, duplicate ids, cycles, missing dates.
 */
export const planImport = (source: PlanSource, inventory: Inventory): PlanImport => {
  const { placeOf } = source
  const read = readEntries(source)
  const entries = read.filter((each) => 'record' in each)
  const isKept = ({ section, id }: Entry): boolean =>
    surroundings.some((name) => name === section) && inventory[section].has(id)
  const wanted = entries.filter((entry) => !isKept(entry))
  const operations = wanted.map(put)
  const prepared = prepareChange(inventory, operations)
  const byKey = new Map(wanted.map((entry) => [keyOf(entry), entry]))
  const problems = [
    ...read.filter((each) => 'message' in each),
    ...duplicates(entries, placeOf),
    ...takenOver(inventory, entries, placeOf),
    ...prepared.problems.map((problem) => placed(problem, byKey, placeOf)),
  ]
  if (problems.length > 0) throw new UsageFault(problems)
  return { operations, changes: prepared.changes, kept: entries.length - wanted.length }
}

/** What a plan adds to an empty store that gets these operations too; checked when it is written. */
export const planOver = (source: PlanSource, seed: readonly Operation[]): readonly Operation[] => {
  const there = new Set(
    seed.flatMap((each) =>
      each.op === 'put' ? [`${each.collection}/${(each.record as { readonly id: string }).id}`] : [],
    ),
  )
  return readEntries(source)
    .filter((each) => 'record' in each)
    .filter((entry) => !there.has(keyOf(entry)))
    .map(put)
}

/** A plan that comes with yiwang. */
export const shippedPlan = (name: ShippedPlan): PlanSource => ({
  value: parse(readFileSync(new URL(`plans/${name}.yaml`, import.meta.url), 'utf8')) as unknown,
  placeOf: (path) => [name, ...path].join('.'),
})
