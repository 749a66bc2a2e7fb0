import { UsageFault } from '../../src/core/fault.ts'
import { villagesOf } from '../regions/index.ts'
import { select, type Selection } from '../select.ts'
import type { Inventory, Operation } from '../store.ts'
import type { Exclusion, Roster } from './records.ts'
import { memberCollection } from './references.ts'
import { type RosterKind, rosterLabels } from './words.ts'

/** A new version of a roster, from what the inventory has now. */
export interface Taking {
  readonly series: string
  readonly of: RosterKind
  readonly name?: string | undefined
  readonly effectiveOn: string
  readonly source: string
  /** Which part of the inventory; the level is that of the record or of its region. */
  readonly selection: Pick<Selection, 'region' | 'level' | 'unit'>
  /** Instead of what the inventory has. */
  readonly members?: readonly string[]
  /** Instead of members, where only the number is known. */
  readonly count?: number | undefined
  /** Beside those of the version before. */
  readonly exclusions: Readonly<Record<string, Omit<Exclusion, 'count'> & { readonly count?: number }>>
  /** Excluded in the version before, and no longer. */
  readonly included: readonly string[]
}

const ids = (records: readonly { readonly id: string }[]): readonly string[] => records.map(({ id }) => id)

const regions = (inventory: Inventory, level: string, { region }: Taking['selection']) =>
  select(inventory, 'region', { region, level }).filter(({ statisticalOnly }) => !statisticalOnly)

const county = (code: string): string => code.slice(0, 6)

interface Content {
  readonly members?: readonly string[]
  readonly count?: number
  readonly parts?: Readonly<Record<string, number>>
  readonly remark?: string
}

/** The statistics list villages and neighbourhoods together; only the name tells which is which. */
const isVillage = (name: string): boolean => /村(?:委会|民委员会)?$/u.test(name)

/** Villages of the townships, by county. */
const villages = (inventory: Inventory, selection: Taking['selection']): Content => {
  const townships = regions(inventory, 'township', selection)
  const parts: Record<string, number> = {}
  for (const { id } of townships)
    parts[county(id)] = (parts[county(id)] ?? 0) + villagesOf(id).filter(isVillage).length
  const count = Object.values(parts).reduce((sum, number) => sum + number, 0)
  return { count, parts, remark: '按统计名录中以“村”“村委会”“村民委员会”结尾的名称计，不含社区和居委会' }
}

const listed = (inventory: Inventory, { of, selection }: Taking): Content => {
  const members = (list: readonly string[]): Content => ({ members: list })
  switch (of) {
    case 'departments':
      return members(ids(select(inventory, 'unit', { ...selection, kind: 'department' })))
    case 'halls':
      return members(ids(select(inventory, 'unit', { ...selection, kind: 'hall' })))
    case 'counties':
      return members(ids(regions(inventory, 'county', selection)))
    case 'townships':
      return members(ids(regions(inventory, 'township', selection)))
    case 'nodes':
      return members(ids(select(inventory, 'node', selection).filter(({ state }) => state !== 'retired')))
    case 'systems':
      return members(ids(select(inventory, 'system', selection).filter(({ state }) => state !== 'retired')))
    case 'villages':
      return villages(inventory, selection)
    case 'items':
      return {}
  }
}

const newest = (inventory: Inventory, series: string): Roster | undefined =>
  inventory.roster
    .values()
    .filter((roster) => roster.series === series)
    .reduce<Roster | undefined>(
      (last, each) => (last === undefined || each.version > last.version ? each : last),
      undefined,
    )

const contentOf = (inventory: Inventory, taking: Taking): Content => {
  const { of, members, count } = taking
  if (count !== undefined) return { count }
  if (members !== undefined && members.length > 0) return { members }
  const found = listed(inventory, taking)
  const isEmpty = (found.members?.length ?? found.count ?? 0) === 0
  if (!isEmpty) return found
  const collection = memberCollection[of]
  throw new UsageFault([
    {
      where: '--of',
      message: `expected ${of} (${rosterLabels[of]}) in that part of the inventory, found none`,
      suggestion:
        collection === undefined
          ? 'give the number with --count'
          : `\`yiwang ${collection} list\` shows what there is`,
    },
  ])
}

/** Exclusions go on from version to version, for what is still listed. */
const exclusionsOf = (
  before: Roster | undefined,
  { exclusions, included }: Taking,
  members: readonly string[] | undefined,
) => {
  const carried = Object.entries(before?.exclusions ?? {}).filter(
    ([what]) => !included.includes(what) && (members?.includes(what) ?? true),
  )
  return { ...Object.fromEntries(carried), ...exclusions }
}

/** The next version of a series, as an operation on the newest revision. Throws `UsageFault` where it would be empty. */
export const takeRoster = (inventory: Inventory, taking: Taking): readonly Operation[] => {
  const { series, of, effectiveOn, source } = taking
  const before = newest(inventory, series)
  const version = (before?.version ?? 0) + 1
  const content = contentOf(inventory, taking)
  return [
    {
      op: 'put',
      collection: 'roster',
      record: {
        id: `${series}-v${version}`,
        series,
        version,
        of,
        name: taking.name ?? before?.name ?? rosterLabels[of],
        effectiveOn,
        source,
        ...content,
        exclusions: exclusionsOf(before, taking, content.members),
      },
    },
  ]
}
