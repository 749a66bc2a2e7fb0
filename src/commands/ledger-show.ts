import { Args, Flags } from '@oclif/core'
import {
  categoryLabels,
  type Claim,
  claimKindLabels,
  leadBasisLabels,
  type Progress,
  stateLabels,
  type Task,
  verificationLabels,
} from '../../inventory/ledger/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import { monthRange, parseDay, weekRange, type DayRange } from '../core/day.ts'
import { UsageFault } from '../core/fault.ts'
import { nearest } from '../core/nearest.ts'
import {
  claimedRatio,
  claimsAt,
  type Context,
  dayOf,
  type GoalStanding,
  type Happened,
  happenedIn,
  type Ledger,
  ledgerAt,
  lightLabels,
  type NoRoster,
  type Ratio,
  rosterChangeLine,
  slipLabels,
  standingClaims,
  type Standing,
  today,
} from '../ledger/index.ts'
import { table } from '../terminal/table.ts'
import { documentLine } from './document.ts'
import { asOfFlag } from './as-of.ts'
import { LedgerCommand } from './ledger-base.ts'
import { type Names, ratioText, standingColumns, unitNames } from './ledger-tables.ts'

const field = (name: string, text: string | undefined): readonly string[] =>
  text === undefined || text === '' ? [] : [`${name}：${text}`]

const list = (name: string, texts: readonly string[]): readonly string[] =>
  texts.length === 0 ? [] : [`${name}：`, ...texts.map((text) => `  - ${text}`)]

const taskLines = (task: Task, { mention }: Inventory, names: Names): readonly string[] => [
  ...field('章节', task.headings.join(' › ')),
  ...field('原文', task.anchor),
  ...field('牵头单位', `${names(task.lead)}（${leadBasisLabels[task.leadBasis]}）`),
  ...field('配合单位', `${names(task.joint)}${task.openEnded ? '（原文未列尽）' : ''}`),
  ...field('类别', task.categories.map((category) => categoryLabels[category]).join('、')),
  ...field('点名系统', task.mentions.map((id) => `${mention.get(id)?.name ?? id}（${id}）`).join('、')),
  ...field('核验方式', verificationLabels[task.verification]),
  ...list('探测核验', task.byProbe),
  ...list('文件核验', task.byDocument),
  ...field('指标', task.metric),
  ...field('名录系列', task.roster),
  ...field('前置（文件写明）', task.dependsOn.join(' ')),
  ...field('前置（推定，非原文）', task.dependsOnInferred.join(' ')),
  ...field('备注', task.remark),
]

const ratioLines = (ratio: Ratio | NoRoster | undefined): readonly string[] => [
  ...field('填报（未经核验）', ratioText(ratio)),
  ...(ratio?.kind === 'ratio'
    ? list(
        '排除及依据',
        ratio.exclusions.map(({ what, count, basis }) => `${what}（${count}）：${basis}`),
      )
    : []),
]

/** What was recorded of some tasks and milestones, as known at the context's clock, in the order of time. */
const historyOf = (
  { progress }: Inventory,
  { now }: Context,
  subjects: ReadonlySet<string>,
): readonly Progress[] =>
  [...progress.values()]
    .filter(({ subject, at }) => subjects.has(subject) && Date.parse(at) <= now)
    .sort((left, right) => (left.at < right.at ? -1 : 1))

const progressLine = (context: Context, { subject, at, by, to, text }: Progress): string =>
  `${dayOf(context, at)} ${subject} ${by}：${to === undefined ? '' : `→ ${stateLabels[to]}，`}${text}`

const claimLine = (context: Context, { id, at, by, kind, value, withdrawn }: Claim): string =>
  [
    `${id} ${dayOf(context, at)} ${by}：${claimKindLabels[kind]}`,
    value !== undefined && ` ${value}`,
    withdrawn !== undefined && `（${dayOf(context, withdrawn.at)} 撤回：${withdrawn.why}）`,
  ]
    .filter(Boolean)
    .join('')

interface Found {
  readonly standing?: Standing
  readonly goal?: GoalStanding
}

const findIn = (ledger: Ledger, id: string): Found => {
  const standing = [...ledger.tasks, ...ledger.milestones].find((each) => each.id === id)
  if (standing !== undefined) return { standing }
  const goal = ledger.goals.find((each) => each.id === id)
  if (goal !== undefined) return { goal }
  const ids = [...ledger.tasks, ...ledger.milestones, ...ledger.goals].map((each) => each.id)
  const meant = nearest(id, ids)
  throw new UsageFault([
    {
      where: 'id',
      message: `expected the id of a goal, task or milestone, got ${id}`,
      suggestion: meant === undefined ? '`yiwang ledger tasks` shows them' : `did you mean ${meant}?`,
    },
  ])
}

export class LedgerShow extends LedgerCommand {
  static override readonly summary =
    'one goal, task or milestone: what the plan says, where it stands, its history and claims'
  static override readonly examples = ['<%= config.bin %> ledger show 4.1.4 --as-of 2018-06-30']
  static override readonly args = { id: Args.string({ description: 'its id', required: true }) }
  static override readonly flags = asOfFlag

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(LedgerShow)
    const { inventory, context } = await this.look(flags)
    const ledger = ledgerAt(inventory, context)
    const { standing, goal } = findIn(ledger, args.id)
    const task = inventory.task.get(standing?.task ?? '')
    const claims = claimsAt(inventory.claim.values(), context).filter(({ subject }) => subject === args.id)
    const record =
      goal !== undefined ? inventory.goal.get(goal.id) : standing?.kind === 'task' ? task : undefined
    const claimed =
      record &&
      claimedRatio(record, goal === undefined ? 'task' : 'goal', {
        claims: standingClaims(claims),
        rosters: inventory.roster.values(),
        context,
      })
    const milestones = ledger.milestones.filter((each) => each.task === args.id)
    const names = unitNames(inventory)
    const shown =
      standing === undefined
        ? ledger.tasks.filter(({ id }) => goal?.tasks.includes(id))
        : [standing, ...milestones]
    const history = historyOf(inventory, context, new Set(shown.map(({ id }) => id)))
    const lines = [
      `${args.id} ${goal?.name ?? standing?.name ?? ''}（截至 ${ledger.today}）`,
      ...field('灯', goal === undefined ? undefined : `${lightLabels[goal.light]}，${goal.why}`),
      ...field('分母', goal === undefined ? undefined : inventory.goal.get(goal.id)?.denominator),
      table(standingColumns(names), shown),
      ...(standing === undefined || task === undefined ? [] : taskLines(task, inventory, names)),
      ...(record?.roster === undefined ? [] : ratioLines(claimed)),
      ...(history.length === 0 ? ['进展：无记录'] : ['进展：']),
      ...history.flatMap((each) => [
        `  - ${progressLine(context, each)}`,
        ...each.documents.map((document) => `    ${documentLine(document)}`),
      ]),
      ...list(
        '填报',
        claims.map((claim) => claimLine(context, claim)),
      ),
    ]
    this.line(lines.join('\n'))
    this.noteUncharted(ledger)
    return { today: ledger.today, standing, goal, task, milestones, claimed, claims, history }
  }
}

const rangeOf = (flags: {
  readonly week?: string | undefined
  readonly month?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
}): DayRange => {
  const { week, month, since, until } = flags
  const wrong = (where: string, expected: string, got: string) =>
    new UsageFault([{ where, message: `expected ${expected}, got ${got}` }])
  if (week !== undefined) {
    const range = weekRange(week)
    if (range === undefined) throw wrong('--week', 'an ISO week that there is, such as 2018-W26', week)
    return range
  }
  if (month !== undefined) {
    const range = monthRange(month)
    if (range === undefined) throw wrong('--month', 'a month, such as 2018-06', month)
    return range
  }
  const [from, to] = [parseDay(since ?? ''), parseDay(until ?? '')]
  if (from === undefined || to === undefined || to < from)
    throw wrong(
      '--since',
      '--week, --month, or --since and --until, two days in their order',
      `${since ?? 'none'} and ${until ?? 'none'}`,
    )
  return { from, to }
}

const named = (standings: readonly Standing[]): readonly string[] =>
  standings.map(({ id, name }) => `${id} ${name}`)

const happenedText = (happened: Happened, context: Context): string => {
  const { range, silent, progress, claims, withdrawn } = happened
  return [
    `${range.from} 至 ${range.to}${silent ? '：无进展和填报记录（未报不等于没有变化）' : `：进展 ${progress.length} 条，填报 ${claims.length} 条，撤回 ${withdrawn.length} 条`}`,
    ...list('新完成（待核验或已核验）', named(happened.done)),
    ...list('新销号', named(happened.verified)),
    ...list('新逾期', named(happened.newlyOverdue)),
    ...list(
      '督查单',
      happened.slips.map(
        ({ colour, issuedOn, milestone }) =>
          `${issuedOn} ${slipLabels[colour]} ${milestone.id} ${milestone.name}`,
      ),
    ),
    ...list('口径', happened.rosters.map(rosterChangeLine)),
    ...list(
      '进展',
      progress.map((each) => progressLine(context, each)),
    ),
  ].join('\n')
}

export class LedgerChanges extends LedgerCommand {
  static override readonly summary = 'what happened in a week, a month or a range of days'
  static override readonly description =
    'Newly done, verified and overdue milestones, slips issued, changed rosters, notes and claims. Where nothing was recorded, that is said, not zeroed.'
  static override readonly examples = [
    '<%= config.bin %> ledger changes --week 2018-W18',
    '<%= config.bin %> ledger changes --since 2018-04-13 --until 2018-04-30',
  ]
  static override readonly flags = {
    week: Flags.string({
      summary: 'an ISO week, Monday to Sunday',
      helpValue: '2018-W26',
      exclusive: ['month', 'since', 'until'],
    }),
    month: Flags.string({ summary: 'a month', helpValue: '2018-06', exclusive: ['since', 'until'] }),
    since: Flags.string({ summary: 'first day', helpValue: 'DATE' }),
    until: Flags.string({ summary: 'last day', helpValue: 'DATE' }),
    ...asOfFlag,
  }

  async run(): Promise<Happened> {
    const { flags } = await this.parse(LedgerChanges)
    const range = rangeOf(flags)
    const { inventory, context } = await this.look(flags)
    if (range.from > today(context))
      throw new UsageFault([
        {
          where: '--as-of',
          message: `expected days that have begun by ${today(context)}, got ${range.from} to ${range.to}`,
        },
      ])
    const happened = happenedIn(inventory, range, context)
    this.line(happenedText(happened, context))
    return happened
  }
}
