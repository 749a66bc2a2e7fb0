import { Flags } from '@oclif/core'
import { existsSync } from 'node:fs'
import { readHistory } from '../collector/history.ts'
import { EnvironmentFault } from '../core/fault.ts'
import { type Availability, availabilityOf } from '../security/availability.ts'
import { historyFile } from '../service/host-evidence.ts'
import { csv } from '../terminal/csv.ts'
import { type Column, table } from '../terminal/table.ts'
import { asOfFlag, instantOf } from './as-of.ts'
import { YiwangCommand } from './base.ts'

const dayMs = 86_400_000

const columns: readonly Column<Availability>[] = [
  { header: '运营商', read: ({ operator }) => operator || '（未登记）' },
  {
    header: '线路编号',
    read: ({ circuit, line }) => circuit ?? (line === undefined ? '合计' : '（未登记）'),
  },
  { header: '线路', read: ({ line, lines }) => line ?? `${lines} 条` },
  { header: '可用率', read: ({ upRatio }) => `${(upRatio * 100).toFixed(3)}%`, align: 'right' },
  { header: '中断小时', read: ({ downHours }) => String(downHours), align: 'right' },
  {
    header: '丢包',
    read: ({ lossRatio }) => (lossRatio === undefined ? '' : `${(lossRatio * 100).toFixed(2)}%`),
    align: 'right',
  },
  { header: '探测次数', read: ({ looks }) => String(looks), align: 'right' },
]

export class AvailabilityCommand extends YiwangCommand {
  static override readonly summary = 'availability of lines by operator and circuit, from the hourly history'
  static override readonly description =
    'Lines are those uplinks of the inventory that have an address. Hours in which nobody could look do not count.'
  static override readonly examples = ['<%= config.bin %> availability --days 30 --csv']
  static override readonly flags = {
    days: Flags.integer({ summary: 'how many days back', default: 30, min: 1, max: 3660 }),
    csv: Flags.boolean({ summary: 'print CSV', exclusive: ['json'] }),
    ...asOfFlag,
  }

  async run(): Promise<readonly Availability[]> {
    const { flags } = await this.parse(AvailabilityCommand)
    const config = this.configuration(flags)
    const to = instantOf(flags['as-of'], config.timezone, Date.now())
    const file = historyFile(config.dataFolder)
    if (!existsSync(file))
      throw new EnvironmentFault('STORE_MISSING', `${file}: expected a history, there is none yet`, {
        suggestion: 'run a collector on this data folder: yiwang run, or yiwang collector run',
      })
    await using store = await this.openInventory(config)
    const inventory = await store.read()
    await using history = readHistory(file)
    const lines = [...inventory.node.values()].flatMap(({ id, uplinks }) =>
      uplinks.filter(({ address }) => address !== undefined).map((uplink) => `${id}/${uplink.id}`),
    )
    const window = { from: to - flags.days * dayMs, to }
    const hours = await Promise.all(lines.map((line) => Array.fromAsync(history.rollups(window, line))))
    const report = availabilityOf(inventory, hours.flat())
    if (!this.jsonEnabled()) this.line((flags.csv ? csv : table)(columns, report))
    if (report.length === 0)
      this.note('no line has an address that is looked at: yiwang node set ID uplinks.1.address=…')
    return report
  }
}
