import { claimKindLabels, subjectLabels } from '../../inventory/ledger/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import { checkLabels } from '../compliance/evidence/claim.ts'
import type { Config } from '../config/index.ts'
import { minuteIn } from '../core/day.ts'
import { UsageFault } from '../core/fault.ts'
import { nearest } from '../core/nearest.ts'
import type { Context } from '../ledger/index.ts'
import { readVerifyInput } from '../service/verify.ts'
import { age } from '../terminal/age.ts'
import type { Column } from '../terminal/table.ts'
import {
  countsOf,
  type Finding,
  type ItemRatio,
  ratiosOf,
  type Verdict,
  type Verified,
  type VerifyInput,
  verifyAll,
} from '../verify/index.ts'
import { contextOf, LedgerCommand, type LedgerFlags } from './ledger-base.ts'

export interface Examination {
  readonly config: Config
  readonly inventory: Inventory
  readonly context: Context
  readonly input: VerifyInput
  readonly verified: readonly Verified[]
  readonly ratios: readonly ItemRatio[]
}

/** Commands that hold claims against what was seen. */
export abstract class VerifyCommand extends LedgerCommand {
  protected async examine(flags: LedgerFlags, everySystem = false): Promise<Examination> {
    const config = this.configuration(flags)
    const context = contextOf(config, flags['as-of'])
    await using store = await this.openInventory(config)
    const inventory = await store.read()
    const input = await readVerifyInput(config, inventory, context, { everySystem })
    const verified = verifyAll(input)
    return { config, inventory, context, input, verified, ratios: ratiosOf(input, verified) }
  }

  protected noteCounts(verified: readonly Verified[]): void {
    const counts = countsOf(verified)
    this.note(
      (Object.keys(checkLabels) as Verdict[])
        .map((verdict) => `${checkLabels[verdict]} ${counts[verdict]}`)
        .join('，'),
    )
  }
}

/** `节点 n-410202` */
export const subjectText = ({ claim: { subjectKind, subject, item } }: Verified): string =>
  `${subjectLabels[subjectKind]} ${subject}${item === undefined ? '' : `/${item}`}`

export const ageText = ({ ageSeconds }: Finding): string => (ageSeconds === undefined ? '' : age(ageSeconds))

export const verifiedColumns: readonly Column<Verified>[] = [
  { header: '编号', read: ({ claim }) => claim.id },
  { header: '对象', read: subjectText, least: 20 },
  { header: '名称', read: ({ name }) => name, least: 8, optional: true },
  { header: '声明', read: ({ claim }) => claimKindLabels[claim.kind], least: 12 },
  { header: '结论', read: ({ verdict }) => checkLabels[verdict] },
  { header: '依据', read: ({ because }) => because, least: 12 },
  { header: '距今', read: ageText },
  {
    header: '申诉',
    read: ({ answers }) => (answers.length === 0 ? '' : String(answers.length)),
    optional: true,
  },
]

const numberOf =
  (read: (ratio: Extract<ItemRatio['ratio'], { kind: 'ratio' }>) => number) =>
  ({ ratio }: ItemRatio): string =>
    ratio.kind === 'ratio' ? String(read(ratio)) : ''

const percent = (value: number | undefined): string => (value === undefined ? '' : `${value.toFixed(1)}%`)

export const ratioColumns: readonly Column<ItemRatio>[] = [
  { header: '编号', read: ({ item }) => item.id },
  { header: '名称', read: ({ item }) => item.name, least: 8 },
  { header: '填报', read: numberOf(({ claimed }) => claimed), align: 'right' },
  { header: '核验', read: numberOf(({ verified }) => verified), align: 'right' },
  { header: '矛盾', read: numberOf(({ gap }) => gap.contradicted), align: 'right' },
  { header: '证据过期', read: numberOf(({ gap }) => gap.stale), align: 'right' },
  { header: '无法验证', read: numberOf(({ gap }) => gap.unverifiable), align: 'right' },
  { header: '分母', read: numberOf(({ denominator }) => denominator), align: 'right' },
  {
    header: '核验率',
    read: ({ ratio }) => (ratio.kind === 'ratio' ? percent(ratio.verifiedPercent) : ''),
    align: 'right',
  },
  {
    header: '名录',
    read: ({ ratio }) =>
      ratio.kind === 'none'
        ? ratio.why
        : `${ratio.roster.id}${ratio.excluded > 0 ? `（排除 ${ratio.excluded}）` : ''}`,
    least: 10,
  },
]

export const momentText = ({ timeZone }: Context, at: number): string => minuteIn(timeZone, at)

/** What a person named: a unit, system, place, task or goal, and the claims that are about it. */
export interface Scope {
  readonly holds: (each: Verified) => boolean
  readonly item: (ratio: ItemRatio) => boolean
}

export const everything: Scope = { holds: () => true, item: () => true }

const ofTasks = (ids: ReadonlySet<string>, { inventory, ratios, verified }: Examination): Scope => {
  const tasks = [...ids].flatMap((id) => inventory.task.get(id) ?? [])
  const subjects = new Set([
    ...ids,
    ...tasks.flatMap(({ mentions }) =>
      mentions.flatMap((id) => [id, inventory.mention.get(id)?.system ?? id]),
    ),
    ...[...inventory.milestone.values()].filter(({ task }) => ids.has(task)).map(({ id }) => id),
  ])
  const item = (each: ItemRatio): boolean => ids.has(each.item.id)
  const contradicted = new Set(
    ratios.filter(item).flatMap(({ ratio }) => (ratio.kind === 'ratio' ? ratio.contradicted : [])),
  )
  const counted = new Set(
    verified.filter((each) => contradicted.has(each.claim.subject) && each.verdict === 'contradicted'),
  )
  return { holds: (each) => subjects.has(each.claim.subject) || counted.has(each), item }
}

const ofSystem = (id: string, { inventory }: Examination): Scope => ({
  holds: ({ claim: { subject, subjectKind } }) =>
    subject === id || (subjectKind === 'mention' && inventory.mention.get(subject)?.system === id),
  item: () => false,
})

const kinds = ['unit', 'system', 'mention', 'node', 'region', 'milestone', 'task', 'goal'] as const

/** Throws `UsageFault` where nothing has that id. */
export const scopeOf = (id: string, examination: Examination): Scope => {
  const { inventory } = examination
  const goal = inventory.goal.get(id)
  if (goal !== undefined) return ofTasks(new Set([id, ...goal.tasks]), examination)
  if (inventory.task.has(id)) return ofTasks(new Set([id]), examination)
  if (inventory.unit.has(id))
    return { holds: ({ unit, claim }) => unit === id || claim.subject === id, item: () => false }
  if (kinds.some((kind) => inventory[kind].has(id))) return ofSystem(id, examination)
  const meant = nearest(
    id,
    kinds.flatMap((kind) => [...inventory[kind].keys()]),
  )
  throw new UsageFault([
    {
      where: id,
      message: 'expected the id of a unit, system, place, task or goal',
      suggestion:
        meant === undefined ? '`yiwang claim list` shows what is claimed' : `did you mean ${meant}?`,
    },
  ])
}
