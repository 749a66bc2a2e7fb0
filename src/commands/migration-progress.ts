import { Flags } from '@oclif/core'
import { migrationOf, putMigration } from '../../inventory/migration/edit.ts'
import { stateLabels } from '../../inventory/migration/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import { dayIn } from '../core/day.ts'
import { UsageFault } from '../core/fault.ts'
import {
  burnDown,
  type BurnDownPoint,
  funnelOf,
  type FunnelStep,
  type Override,
  overridesOf,
  type Slip,
  slipsOf,
} from '../migration/progress.ts'
import {
  type Placement,
  planWaves,
  type WavePlan,
  type WaveProblem,
  waveProblems,
  type WaveStanding,
  waveStandings,
} from '../migration/waves.ts'
import { csv } from '../terminal/csv.ts'
import { type Column, table } from '../terminal/table.ts'
import { asOfFlag, instantOf } from './as-of.ts'
import { csvFlag, writeFlags, YiwangCommand } from './base.ts'

interface AsOf {
  readonly inventory: Inventory
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly zone: string
}

interface Given {
  readonly data?: string | undefined
  readonly config?: string | undefined
  readonly 'as-of'?: string | undefined
}

/** A look at the records, as of an instant. */
abstract class ProgressCommand extends YiwangCommand {
  protected async asOf(flags: Given): Promise<AsOf> {
    const config = this.configuration(flags)
    const at = instantOf(flags['as-of'], config.timezone, Date.now())
    await using store = await this.openInventory(config)
    return { inventory: await store.read(), at, zone: config.timezone }
  }
}

const nameOf = ({ system }: Inventory, id: string): string => system.get(id)?.name ?? id

const waveColumns: readonly Column<WaveStanding>[] = [
  { header: '批次', read: ({ wave }) => wave.id },
  { header: '名称', read: ({ wave }) => wave.name, least: 8 },
  { header: '开始', read: ({ wave }) => wave.startsOn },
  { header: '结束', read: ({ wave }) => wave.endsOn },
  { header: '容量', read: ({ wave }) => String(wave.capacity), align: 'right' },
  { header: '系统', read: ({ systems }) => String(systems), align: 'right' },
  { header: '完成', read: ({ done }) => String(done), align: 'right' },
  { header: '不迁', read: ({ outOfScope }) => String(outOfScope), align: 'right' },
  {
    header: '封网期',
    read: ({ wave }) => wave.freezes.map(({ from, to }) => `${from}至${to}`).join(' '),
    optional: true,
  },
]

const slipColumns = (inventory: Inventory): readonly Column<Slip>[] => [
  { header: '延期系统', read: ({ system }) => system },
  { header: '名称', read: ({ system }) => nameOf(inventory, system), least: 8 },
  { header: '批次', read: ({ wave }) => wave },
  { header: '状态', read: ({ state }) => stateLabels[state] },
  { header: '计划完成', read: ({ plannedOn }) => plannedOn },
  { header: '实际完成', read: ({ doneOn }) => doneOn ?? '' },
  { header: '延期(日)', read: ({ days }) => String(days), align: 'right' },
]

interface WavesReport {
  readonly waves: readonly WaveStanding[]
  readonly slips: readonly Slip[]
  readonly problems: readonly WaveProblem[]
}

export class MigrationWaves extends ProgressCommand {
  static override readonly summary = 'waves of the migration: places, what is done, slips, what is wrong'
  static override readonly examples = ['<%= config.bin %> migration waves --as-of 2018-09-30']
  static override readonly flags = { ...asOfFlag, ...csvFlag }

  async run(): Promise<WavesReport> {
    const { flags } = await this.parse(MigrationWaves)
    const { inventory, at, zone } = await this.asOf(flags)
    const { migration, wave } = inventory
    const report = {
      waves: waveStandings(migration, wave, at),
      slips: slipsOf(migration.values(), wave, { at, zone }),
      problems: waveProblems(migration, wave),
    }
    if (this.jsonEnabled()) return report
    if (flags.csv) this.line(csv(waveColumns, report.waves))
    else {
      this.line(table(waveColumns, report.waves))
      if (report.slips.length > 0) this.line(`\n${table(slipColumns(inventory), report.slips)}`)
    }
    for (const { wave: id, system, message } of report.problems)
      this.note(`${id}${system === undefined ? '' : ` ${system}`}: ${message}`)
    return report
  }
}

interface PlanReport extends WavePlan {
  /** Absent where nothing was written. */
  readonly revision?: number
}

const placementColumns = (inventory: Inventory): readonly Column<Placement>[] => [
  { header: '批次', read: ({ wave }) => wave },
  { header: '系统', read: ({ system }) => system },
  { header: '名称', read: ({ system }) => nameOf(inventory, system), least: 12 },
  {
    header: '依赖系统',
    read: ({ system }) => inventory.migration.get(system)?.dependsOn.join(' ') ?? '',
    least: 12,
  },
]

export class MigrationPlan extends ProgressCommand {
  static override readonly summary = 'propose a wave for each system that has none'
  static override readonly description =
    'No system before what it depends on, no more than a wave can take, waves that are over left out. Waves that systems have stay. --write records the proposal.'
  static override readonly examples = [
    '<%= config.bin %> migration plan',
    '<%= config.bin %> migration plan --write --reason 按依赖排批次',
  ]
  static override readonly flags = {
    write: Flags.boolean({ summary: 'record the proposed waves' }),
    ...asOfFlag,
    ...writeFlags,
  }

  async run(): Promise<PlanReport> {
    const { flags } = await this.parse(MigrationPlan)
    const config = this.configuration(flags)
    const today = dayIn(config.timezone, instantOf(flags['as-of'], config.timezone, Date.now()))
    await using store = await this.openInventory(config)
    const inventory = await store.read()
    let plan = planWaves(inventory.migration, inventory.wave, today)
    const result = flags.write
      ? await store.change({
          actor: flags.actor,
          reason: flags.reason,
          operations: (newest) => {
            plan = planWaves(newest.migration, newest.wave, today)
            return plan.placed.map(({ system, wave }) =>
              putMigration({ ...migrationOf(newest, system), wave }),
            )
          },
        })
      : undefined
    this.line(table(placementColumns(inventory), plan.placed))
    for (const { system, why } of plan.unplaced) this.note(`${system}: no wave, ${why}`)
    this.note(
      result === undefined
        ? `${plan.placed.length} proposed; nothing was written, --write records it`
        : `revision ${result.revision}: ${plan.placed.length} systems have a wave now`,
    )
    return { ...plan, ...(result && { revision: result.revision }) }
  }
}

const funnelColumns: readonly Column<FunnelStep>[] = [
  { header: '状态', read: ({ label }) => label },
  { header: '代码', read: ({ state }) => state },
  { header: '系统数', read: ({ count }) => String(count), align: 'right' },
  { header: '到达及以后', read: ({ reached }) => String(reached ?? ''), align: 'right' },
]

interface FunnelReport {
  readonly funnel: readonly FunnelStep[]
  readonly overrides: readonly Override[]
}

export class MigrationFunnel extends ProgressCommand {
  static override readonly summary = 'systems by state of the migration, and moves that overrode a gate'
  static override readonly examples = ['<%= config.bin %> migration funnel --as-of 2018-06-30']
  static override readonly flags = { ...asOfFlag, ...csvFlag }

  async run(): Promise<FunnelReport> {
    const { flags } = await this.parse(MigrationFunnel)
    const { inventory, at } = await this.asOf(flags)
    const records = [...inventory.migration.values()]
    const report = { funnel: funnelOf(records, at), overrides: overridesOf(records, at) }
    if (this.jsonEnabled()) return report
    this.line((flags.csv ? csv : table)(funnelColumns, report.funnel))
    for (const { system, move } of report.overrides)
      this.note(
        `${system} ${move.from} → ${move.to} by ${move.by}, overridden: ${move.override ?? ''} (${move.missing?.join('; ') ?? ''})`,
      )
    return report
  }
}

const pointColumns: readonly Column<BurnDownPoint>[] = [
  { header: '日期', read: ({ day }) => day },
  { header: '应迁', read: ({ scope }) => String(scope), align: 'right' },
  { header: '计划剩余', read: ({ planned }) => String(planned), align: 'right' },
  { header: '实际剩余', read: ({ remaining }) => String(remaining ?? ''), align: 'right' },
]

export class MigrationBurnDown extends ProgressCommand {
  static override readonly summary =
    'what is left to move, as planned by the waves and as it is, week by week'
  static override readonly examples = ['<%= config.bin %> migration burn-down --step 1 --csv']
  static override readonly flags = {
    step: Flags.integer({ summary: 'days from one line to the next', default: 7, min: 1, max: 366 }),
    ...asOfFlag,
    ...csvFlag,
  }

  async run(): Promise<readonly BurnDownPoint[]> {
    const { flags } = await this.parse(MigrationBurnDown)
    const { inventory, at, zone } = await this.asOf(flags)
    if (inventory.migration.size === 0)
      throw new UsageFault([
        {
          where: '',
          message: 'expected systems that move, the inventory has none',
          suggestion: '`yiwang migration add` or `yiwang migration import` makes records',
        },
      ])
    const points = burnDown([...inventory.migration.values()], inventory.wave, { at, zone }, flags.step)
    if (!this.jsonEnabled()) this.line((flags.csv ? csv : table)(pointColumns, points))
    return points
  }
}
