import { Flags } from '@oclif/core'
import { stateLabels } from '../../inventory/ledger/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import { UsageFault } from '../core/fault.ts'
import { parseDay } from '../core/day.ts'
import {
  claimedRatio,
  claimsAt,
  type Context,
  deadlinesOf,
  type Ledger,
  ledgerAt,
  type Light,
  lightLabels,
  type SlipColour,
  slipLabels,
  standingClaims,
  type Standing,
} from '../ledger/index.ts'
import { csv } from '../terminal/csv.ts'
import { type Column, table } from '../terminal/table.ts'
import { recordOf } from './inventory/record.ts'
import { asOfFlag } from './as-of.ts'
import { csvFlag } from './base.ts'
import { LedgerCommand, planFlag } from './ledger-base.ts'
import { deadlineColumns, goalColumns, type GoalRow, standingColumns, unitNames } from './ledger-tables.ts'
import { codeOf, listed } from './mlps-words.ts'

const stateWords = { ...stateLabels, overdue: '逾期' } as const

const listFlags = {
  plan: planFlag,
  unit: Flags.string({ summary: 'only what this unit leads or takes part in', helpValue: 'ID' }),
  state: Flags.string({ summary: `only this state: ${listed(stateWords)}` }),
  light: Flags.string({ summary: `only this light: ${listed(lightLabels)}` }),
  ...asOfFlag,
  ...csvFlag,
}

interface Filter {
  readonly plan?: string | undefined
  readonly unit?: string | undefined
  readonly state?: string | undefined
  readonly light?: string | undefined
}

const chosen = (
  standings: readonly Standing[],
  inventory: Inventory,
  filter: Filter,
): readonly Standing[] => {
  const { unit, state, light } = filter
  if (unit !== undefined) recordOf(inventory, 'unit', unit)
  const wantedState = state === undefined ? undefined : codeOf(stateWords, state, '--state')
  const wantedLight = light === undefined ? undefined : codeOf(lightLabels, light, '--light')
  return standings
    .filter(({ lead, joint }) => unit === undefined || [...lead, ...joint].includes(unit))
    .filter(
      ({ overdue, state: own }) =>
        wantedState === undefined || (wantedState === 'overdue' ? overdue : own === wantedState),
    )
    .filter((each) => wantedLight === undefined || each.light === wantedLight)
}

const ledgerOf = (inventory: Inventory, context: Context, plan: string | undefined): Ledger => {
  if (plan !== undefined) recordOf(inventory, 'workplan', plan)
  return ledgerAt(inventory, context, plan)
}

abstract class ListView extends LedgerCommand {
  protected print<Row>(columns: readonly Column<Row>[], rows: readonly Row[], asCsv: boolean): void {
    if (this.jsonEnabled()) return
    this.line((asCsv ? csv : table)(columns, rows))
  }
}

export class LedgerTasks extends ListView {
  static override readonly summary =
    'tasks of the work ledger (工作台账) with state, light, deadline and what they wait on'
  static override readonly description =
    'State is what was recorded last; 逾期, lights and slips are derived. The deadline of a task is that of its last milestone.'
  static override readonly examples = [
    '<%= config.bin %> ledger tasks --as-of 2018-06-30',
    '<%= config.bin %> ledger tasks --light 红 --unit u-410200-service-center',
  ]
  static override readonly flags = listFlags

  async run(): Promise<unknown> {
    const { flags } = await this.parse(LedgerTasks)
    const { inventory, context } = await this.look(flags)
    const ledger = ledgerOf(inventory, context, flags.plan)
    const tasks = chosen(ledger.tasks, inventory, flags)
    this.print(standingColumns(unitNames(inventory)), tasks, flags.csv)
    this.noteUncharted(ledger)
    return { today: ledger.today, uncharted: ledger.uncharted, tasks }
  }
}

export class LedgerMilestones extends ListView {
  static override readonly summary = 'milestones (时限节点) with state, light, slip and what they wait on'
  static override readonly examples = ['<%= config.bin %> ledger milestones --state 逾期 --as-of 2018-05-08']
  static override readonly flags = listFlags

  async run(): Promise<unknown> {
    const { flags } = await this.parse(LedgerMilestones)
    const { inventory, context } = await this.look(flags)
    const ledger = ledgerOf(inventory, context, flags.plan)
    const milestones = chosen(ledger.milestones, inventory, flags)
    this.print(standingColumns(unitNames(inventory)), milestones, flags.csv)
    this.noteUncharted(ledger)
    return { today: ledger.today, uncharted: ledger.uncharted, milestones }
  }
}

export class LedgerGoals extends ListView {
  static override readonly summary = 'goals (目标) with their tasks and what is claimed over which roster'
  static override readonly examples = ['<%= config.bin %> ledger goals --as-of 2018-12-31']
  static override readonly flags = { plan: planFlag, ...asOfFlag, ...csvFlag }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(LedgerGoals)
    const { inventory, context } = await this.look(flags)
    const ledger = ledgerOf(inventory, context, flags.plan)
    const claims = standingClaims(claimsAt(inventory.claim.values(), context))
    const rosters = [...inventory.roster.values()]
    const rows = ledger.goals.map((goal): GoalRow => ({
      goal,
      claimed: claimedRatio(recordOf(inventory, 'goal', goal.id), 'goal', { claims, rosters, context }),
    }))
    this.print(goalColumns, rows, flags.csv)
    return { today: ledger.today, goals: rows.map(({ goal, claimed }) => ({ ...goal, claimed })) }
  }
}

export class LedgerDeadlines extends ListView {
  static override readonly summary =
    'what must be true by when, what waits on what, what is late because of what it waits on'
  static override readonly description =
    'Tasks without a deadline stand at the first day on which something else needs them. Done items are left out unless --all.'
  static override readonly examples = [
    '<%= config.bin %> ledger deadlines --as-of 2018-04-13 --until 2018-05-31',
  ]
  static override readonly flags = {
    plan: planFlag,
    until: Flags.string({ summary: 'only up to this day', helpValue: 'DATE' }),
    all: Flags.boolean({ summary: 'what is done as well' }),
    ...asOfFlag,
    ...csvFlag,
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(LedgerDeadlines)
    const until = flags.until === undefined ? undefined : parseDay(flags.until)
    if (flags.until !== undefined && until === undefined)
      throw new UsageFault([
        { where: '--until', message: `expected a day, got ${flags.until}`, suggestion: '2018-06-30' },
      ])
    const { inventory, context } = await this.look(flags)
    const ledger = ledgerOf(inventory, context, flags.plan)
    const deadlines = deadlinesOf(ledger, until).filter(
      ({ item }) =>
        flags.all || !('state' in item) || (item.state !== 'claimed' && item.state !== 'verified'),
    )
    this.print(deadlineColumns(unitNames(inventory)), deadlines, flags.csv)
    this.noteUncharted(ledger)
    return { today: ledger.today, uncharted: ledger.uncharted, deadlines }
  }
}

interface UnitLights {
  readonly unit: string
  readonly name: string
  readonly lights: Readonly<Record<Light, number>>
  readonly slips: Readonly<Record<SlipColour, number>>
  readonly overdue: readonly string[]
}

const total = '合计'

/** Milestones and tasks without any, by the unit that leads; each counts once. */
const lightsByUnit = ({ tasks, milestones }: Ledger, name: (id: string) => string): readonly UnitLights[] => {
  const undated = tasks.filter(({ due }) => due === undefined)
  const items = [...milestones, ...undated]
  const tally = (unit: string, own: readonly Standing[]): UnitLights => {
    const count = (light: Light) => own.filter((each) => each.light === light).length
    const slips = (colour: SlipColour) => own.filter(({ slip }) => slip === colour).length
    return {
      unit,
      name: unit === total ? total : name(unit),
      lights: { green: count('green'), yellow: count('yellow'), red: count('red') },
      slips: { blue: slips('blue'), orange: slips('orange'), red: slips('red') },
      overdue: own.filter(({ overdue }) => overdue).map(({ id }) => id),
    }
  }
  const units = Map.groupBy(items, ({ lead }) => lead[0] ?? '')
  return [...[...units].map(([unit, own]) => tally(unit, own)), tally(total, items)]
}

const lightColumns: readonly Column<UnitLights>[] = [
  { header: '牵头单位', read: ({ name }) => name },
  ...(['green', 'yellow', 'red'] as const).map((light): Column<UnitLights> => ({
    header: lightLabels[light],
    read: ({ lights }) => String(lights[light]),
    align: 'right',
  })),
  ...(['blue', 'orange', 'red'] as const).map((colour): Column<UnitLights> => ({
    header: `${slipLabels[colour]}单`,
    read: ({ slips }) => String(slips[colour]),
    align: 'right',
  })),
  { header: '逾期', read: ({ overdue }) => overdue.join(' '), least: 12 },
]

export class LedgerLights extends ListView {
  static override readonly summary =
    'lights and running slips by lead unit: milestones, and tasks that have none'
  static override readonly examples = ['<%= config.bin %> ledger lights --as-of 2018-05-08']
  static override readonly flags = { plan: planFlag, ...asOfFlag, ...csvFlag }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(LedgerLights)
    const { inventory, context } = await this.look(flags)
    const ledger = ledgerOf(inventory, context, flags.plan)
    const rows = lightsByUnit(ledger, (id) => inventory.unit.get(id)?.name ?? id)
    this.print(lightColumns, rows, flags.csv)
    this.noteUncharted(ledger)
    return { today: ledger.today, uncharted: ledger.uncharted, units: rows }
  }
}
