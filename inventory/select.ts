import { type Problem, UsageFault } from '../src/core/fault.ts'
import type { AnyRecord } from './audit/changes.ts'
import { allSpellings, codeMeant, listed, type Spelled } from './columns/index.ts'
import { type Label, levelWords } from './columns/label.ts'
import { labels } from './columns/labels.ts'
import { type Collection, collectionNames, type RecordOf } from './model.ts'
import { nearest } from '../src/core/nearest.ts'
import type { Inventory } from './store.ts'

/** Every selector that is given must hold. */
export interface Selection {
  /** Everything in and under it: a statistics code of 2, 4, 6 or 9 digits (`41`, `4102`, `410202`, `410202001`). */
  readonly region?: string | undefined
  /** Level of the record, or of the region or node where it stands; its code, or a word for it. */
  readonly level?: string | undefined
  /** Id of the responsible unit; units beneath it count. */
  readonly unit?: string | undefined
  /** `kind` of the record, `role` of a device; its code, or a word for it. */
  readonly kind?: string | undefined
}

type Selector = keyof Selection
const selectors: readonly Selector[] = ['region', 'level', 'unit', 'kind']

/** How a record of a collection answers each selector; a selector without an answer does not apply to it. */
interface Traits<C extends Collection> {
  readonly region?: (record: RecordOf<C>, inventory: Inventory) => string | undefined
  readonly level?: (record: RecordOf<C>, inventory: Inventory) => string | undefined
  readonly unit?: (record: RecordOf<C>, inventory: Inventory) => string | undefined
  /** The field that says it. */
  readonly kind?: keyof RecordOf<C> & string
}

const levelOfRegion = ({ region }: { readonly region: string }, inventory: Inventory): string | undefined =>
  inventory.region.get(region)?.level

const traits: { readonly [C in Collection]: Traits<C> } = {
  region: { region: ({ id }) => id, level: ({ level }) => level },
  unit: {
    region: ({ region }) => region,
    level: levelOfRegion,
    unit: ({ id }) => id,
    kind: 'kind',
  },
  node: {
    region: ({ region }) => region,
    level: ({ level }) => level,
    unit: ({ unit }) => unit,
    kind: 'kind',
  },
  system: {
    region: ({ region }) => region,
    level: levelOfRegion,
    unit: ({ unit }) => unit,
    kind: 'kind',
  },
  device: {
    region: ({ node }, inventory) => inventory.node.get(node)?.region,
    level: ({ node }, inventory) => inventory.node.get(node)?.level,
    unit: ({ node }, inventory) => inventory.node.get(node)?.unit,
    kind: 'role',
  },
  network: {
    region: ({ region }) => region,
    level: ({ region }, inventory) => inventory.region.get(region ?? '')?.level,
    unit: ({ unit }) => unit,
  },
  contact: {},
  agent: {},
  signer: { kind: 'state' },
  evidence: {},
  assessment: {
    region: ({ system }, inventory) => inventory.system.get(system ?? '')?.region,
    unit: ({ system }, inventory) => inventory.system.get(system ?? '')?.unit,
    kind: 'object',
  },
  asset: { kind: 'kind' },
  waiver: {},
  remediation: {
    unit: ({ unit }) => unit,
    kind: 'state',
  },
  workplan: { region: ({ region }) => region },
  goal: {},
  task: { unit: ({ lead }) => lead[0] },
  milestone: { kind: 'kind' },
  mention: { kind: 'kind' },
  progress: { kind: 'kind' },
  claim: {
    unit: ({ unit }) => unit,
    kind: 'kind',
  },
  roster: { kind: 'of' },
  cloud: { unit: ({ unit }) => unit },
  wave: { unit: ({ unit }) => unit },
  migration: {
    region: ({ id }, inventory) => inventory.system.get(id)?.region,
    unit: ({ id, unit }, inventory) => unit ?? inventory.system.get(id)?.unit,
    kind: 'state',
  },
  readiness: {
    region: ({ id }, inventory) => inventory.system.get(id)?.region,
    unit: ({ id }, inventory) => inventory.system.get(id)?.unit,
  },
  bulletin: {
    unit: ({ unit }) => unit,
    kind: 'kind',
  },
  maintenance: {},
  exception: {},
  duty: {},
}

/** What `kind` may be for records of a collection, with its words; none where it does not apply. */
export const kindsOf = (collection: Collection): Spelled => {
  const fields: Readonly<Record<string, Label>> = labels[collection]
  return fields[traits[collection].kind ?? '']?.words ?? {}
}

/** The digits that codes in and under a region begin with; undefined for what is no code. */
export const regionPrefix = (code: string): string | undefined => {
  if (!/^[1-9](?:\d|\d{3}|\d{5}|\d{8})$/u.test(code)) return undefined
  const short = code.length === 9 ? code.replace(/000$/u, '') : code
  return short.length === 9 ? short : short.replace(/(?:00)+$/u, '')
}

/** What was meant, else where to look. */
const didYouMean = (
  text: string,
  candidates: Iterable<string>,
  elsewhere?: string,
): Pick<Problem, 'suggestion'> => {
  const best = nearest(text, candidates)
  const suggestion = best === undefined ? elsewhere : `did you mean ${best}?`
  return suggestion === undefined ? {} : { suggestion }
}

const regionProblem = ({ region }: Inventory, code: string): Omit<Problem, 'where'> | undefined => {
  const prefix = regionPrefix(code)
  if (prefix === undefined) return { message: `expected a region code of 2, 4, 6 or 9 digits, got ${code}` }
  return region.keys().some((id) => id.startsWith(prefix))
    ? undefined
    : {
        message: `expected a region of the inventory, got ${code}`,
        ...didYouMean(code, region.keys(), '`yiwang region list` shows them'),
      }
}

/** Of a text that is neither a code nor a word; undefined of any other. */
export const choiceProblem = (text: string, choices: Spelled): Omit<Problem, 'where'> | undefined =>
  codeMeant(choices, text) === undefined
    ? {
        message: `expected one of ${listed(choices)}, got ${text}`,
        ...didYouMean(text, allSpellings(choices)),
      }
    : undefined

const unitProblem = ({ unit }: Inventory, id: string): Omit<Problem, 'where'> | undefined =>
  unit.has(id)
    ? undefined
    : {
        message: `expected the id of a unit, got ${id}`,
        ...didYouMean(id, unit.keys(), '`yiwang unit list` shows them'),
      }

const valueProblem = (
  inventory: Inventory,
  collection: Collection,
  selector: Selector,
  value: string,
): Omit<Problem, 'where'> | undefined => {
  switch (selector) {
    case 'region':
      return regionProblem(inventory, value)
    case 'level':
      return choiceProblem(value, levelWords)
    case 'unit':
      return unitProblem(inventory, value)
    case 'kind':
      return choiceProblem(value, kindsOf(collection))
  }
}

const inapplicable = (collection: Collection, selector: Selector): Omit<Problem, 'where'> => {
  const others = collectionNames.filter((name) => traits[name][selector] !== undefined)
  return { message: `a ${collection} has no ${selector} to select by; it works for ${others.join(', ')}` }
}

const problemsOf = (inventory: Inventory, collection: Collection, selection: Selection): readonly Problem[] =>
  selectors.flatMap((selector) => {
    const value = selection[selector]
    if (value === undefined) return []
    const problem =
      traits[collection][selector] === undefined
        ? inapplicable(collection, selector)
        : valueProblem(inventory, collection, selector, value)
    return problem === undefined ? [] : [{ where: `--${selector}`, ...problem }]
  })

const unitsUnder = ({ unit }: Inventory, id: string): ReadonlySet<string> => {
  const under = new Set([id])
  for (let size = 0; size < under.size;) {
    size = under.size
    for (const { id: candidate, parent } of unit.values())
      if (parent !== undefined && under.has(parent)) under.add(candidate)
  }
  return under
}

const testsOf = (
  inventory: Inventory,
  collection: Collection,
  { region, unit, ...words }: Selection,
): readonly ((record: AnyRecord) => boolean)[] => {
  const own = traits[collection] as Traits<Collection>
  const field = own.kind as keyof AnyRecord
  const level = codeMeant(levelWords, words.level ?? '')
  const kind = codeMeant(kindsOf(collection), words.kind ?? '')
  const prefix = regionPrefix(region ?? '') ?? ''
  const units = unit === undefined ? new Set<string>() : unitsUnder(inventory, unit)
  return [
    (record) => region === undefined || own.region?.(record, inventory)?.startsWith(prefix) === true,
    (record) => level === undefined || own.level?.(record, inventory) === level,
    (record) => unit === undefined || units.has(own.unit?.(record, inventory) ?? ''),
    (record) => kind === undefined || record[field] === kind,
  ]
}

/**
 * The records of a collection for which every given selector holds, in the order of their ids.
 * Throws `UsageFault` for selectors that do not apply or name nothing that exists, all of them at once.
 */
export const select = <C extends Collection>(
  inventory: Inventory,
  collection: C,
  selection: Selection = {},
): readonly RecordOf<C>[] => {
  const problems = problemsOf(inventory, collection, selection)
  if (problems.length > 0) throw new UsageFault(problems)
  const tests = testsOf(inventory, collection, selection)
  const records = [...inventory[collection].values()] as RecordOf<C>[]
  return records.filter((record) => tests.every((test) => test(record)))
}
