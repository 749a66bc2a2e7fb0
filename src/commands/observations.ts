import { existsSync } from 'node:fs'
import { Args, Flags } from '@oclif/core'
import { select } from '../../inventory/select.ts'
import type { Inventory } from '../../inventory/store.ts'
import { looksAt, type StoredLook } from '../collector/history/looks.ts'
import { openForReading } from '../collector/history/schema.ts'
import type { TimeWindow } from '../collector/history/port.ts'
import { parseDay, startOfDay } from '../core/day.ts'
import { EnvironmentFault, UsageFault } from '../core/fault.ts'
import { historyFile } from '../service/host-evidence.ts'
import { csv } from '../terminal/csv.ts'
import { type Column, table } from '../terminal/table.ts'
import { asOfFlag, instantOf } from './as-of.ts'
import { YiwangCommand } from './base.ts'
import { readTime, timeIn } from './time-flag.ts'

interface Count {
  /** A job or, of a region, a node. */
  readonly of: string
  readonly up: number
  readonly down: number
  readonly unknown: number
  /** 0 to 100: up of those that tell something; absent where none does. */
  readonly percent?: number
}

interface Counted {
  readonly counts: readonly Count[]
  /** Of a region the mean over its nodes, as reports have it; otherwise over all looks together. */
  readonly percent?: number
  /** The newest, oldest first; none of a region. */
  readonly looks: readonly (Omit<StoredLook, 'observedAt'> & { readonly observedAt: string })[]
}

const share = (up: number, down: number): { readonly percent?: number } =>
  up + down === 0 ? {} : { percent: (100 * up) / (up + down) }

const countOf = (of: string, looks: readonly StoredLook[]): Count => {
  const having = (wanted: StoredLook['status']): number =>
    looks.filter(({ status }) => status === wanted).length
  const [up, down] = [having('up'), having('down')]
  return { of, up, down, unknown: having('unknown'), ...share(up, down) }
}

type Read = (of: string) => readonly StoredLook[]

const ofOne = (of: string, read: Read, limit: number): Counted => {
  const looks = read(of)
  const { percent } = countOf(of, looks)
  return {
    counts: [...Map.groupBy(looks, ({ job }) => job)].map(([job, own]) => countOf(job, own)),
    ...(percent !== undefined && { percent }),
    looks: looks.slice(Math.max(0, looks.length - limit)).map((look) => ({
      ...look,
      observedAt: new Date(look.observedAt).toISOString(),
    })),
  }
}

const ofRegion = (region: string, inventory: Inventory, read: Read): Counted => {
  const nodes = select(inventory, 'node', { region }).filter(({ state }) => state === 'active')
  const counts = nodes.map(({ id }) => countOf(id, read(id)))
  const percents = counts.flatMap(({ percent }) => percent ?? [])
  const sum = percents.reduce((total, each) => total + each, 0)
  return { counts, ...(percents.length > 0 && { percent: sum / percents.length }), looks: [] }
}

const percentText = (percent: number | undefined): string =>
  percent === undefined ? '–' : `${percent.toFixed(1)} %`

const countColumns: readonly Column<Count>[] = [
  { header: 'OF', read: ({ of }) => of },
  { header: 'UP', align: 'right', read: ({ up }) => String(up) },
  { header: 'DOWN', align: 'right', read: ({ down }) => String(down) },
  { header: 'UNKNOWN', align: 'right', read: ({ unknown }) => String(unknown) },
  { header: 'UP/(UP+DOWN)', align: 'right', read: ({ percent }) => percentText(percent) },
]

type Shown = Counted['looks'][number]

const lookColumns = (timezone: string): readonly Column<Shown>[] => [
  { header: 'TIME', read: ({ observedAt }) => timeIn(timezone)(Date.parse(observedAt)) },
  { header: 'STATUS', read: ({ status, cause }) => (cause === undefined ? status : `${status}: ${cause}`) },
  { header: 'SECONDS', align: 'right', read: ({ seconds }) => seconds.toFixed(3) },
  { header: 'AGENT', read: ({ agent }) => agent },
  { header: 'JOB', read: ({ job }) => job },
]

const since = (text: string, zone: string, now: number): number => {
  const day = parseDay(text)
  return day === undefined ? readTime('--since', text, now) : startOfDay(zone, day)
}

export class Observations extends YiwangCommand {
  static override readonly summary = 'what agents saw, look by look, from the history'
  static override readonly description =
    'Of a node, uplink (NODE/UPLINK), system, device or job: its looks, counted by job, and the newest of them. Of a region: its nodes, counted, and the mean of their shares, as reports have it. Where verdicts and reports name a job, this is what stands behind it. Looks are kept as long as `collector.history.rawDays` says.'
  static override readonly examples = [
    '<%= config.bin %> observations n-410202 --since 1d',
    '<%= config.bin %> observations 410221 --since 2026-11-23 --as-of 2026-11-26T18:00:00+08:00',
  ]
  static override readonly args = {
    of: Args.string({ description: 'id of a target, job or region', required: true }),
  }
  static override readonly flags = {
    since: Flags.string({ summary: 'from this day or time on, or 30m, 12h, 7d back', default: '1d' }),
    limit: Flags.integer({ summary: 'list the newest N looks', default: 20, min: 0, max: 100_000 }),
    ...asOfFlag,
    csv: Flags.boolean({ summary: 'print the looks, of a region the counts, as CSV', exclusive: ['json'] }),
  }

  async run(): Promise<Counted> {
    const { args, flags } = await this.parse(Observations)
    const config = this.configuration(flags)
    const { timezone } = config
    const now = instantOf(flags['as-of'], timezone, Date.now())
    const window = { from: since(flags.since, timezone, now), to: now + 1 }
    await using store = await this.openInventory(config)
    const inventory = await store.read()
    const counted = this.read(historyFile(config.dataFolder), window, (read) =>
      inventory.region.has(args.of) ? ofRegion(args.of, inventory, read) : ofOne(args.of, read, flags.limit),
    )
    if (counted.counts.length === 0)
      throw new UsageFault([
        {
          where: args.of,
          message: `expected a target, job or region that was looked at since ${new Date(window.from).toISOString()}`,
          suggestion: '`yiwang plan show` lists targets and jobs; --since looks further back',
        },
      ])
    if (!this.jsonEnabled()) this.print(counted, flags.csv, timezone)
    return counted
  }

  private read(file: string, window: TimeWindow, use: (read: Read) => Counted): Counted {
    if (!existsSync(file))
      throw new EnvironmentFault('STORE_MISSING', `${file}: expected a history, there is none yet`, {
        suggestion: 'run a collector on this data folder: yiwang run, or yiwang collector run',
      })
    const database = openForReading(file)
    try {
      return use((of) => [...looksAt(database, of, window)])
    } finally {
      database.close()
    }
  }

  private print({ counts, looks, percent }: Counted, asCsv: boolean, timezone: string): void {
    const isOfRegion = looks.length === 0
    if (asCsv) {
      this.line(isOfRegion ? csv(countColumns, counts) : csv(lookColumns(timezone), looks))
      return
    }
    this.line(table(countColumns, counts))
    if (counts.length > 1 || isOfRegion) this.line(`all: ${percentText(percent)}`)
    if (!isOfRegion) this.line(`\n${table(lookColumns(timezone), looks)}`)
  }
}
