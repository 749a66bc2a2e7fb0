import path from 'node:path'
import { Args, Flags } from '@oclif/core'
import {
  exportFindings,
  type FindingDifference,
  type FindingsPlan,
  planFindings,
  readTables,
} from '../../inventory/exchange/index.ts'
import { writeDurably } from '../../inventory/lowdb/durable.ts'
import { guarded } from '../../inventory/lowdb/faults.ts'
import { assessmentOf } from '../../inventory/mlps/edit.ts'
import { readWording } from '../../inventory/mlps/wording-file.ts'
import { UsageFault } from '../core/fault.ts'
import { table } from '../terminal/table.ts'
import { writeFlags, YiwangCommand } from './base.ts'
import { readBytes } from './exchange.ts'
import { dayIn } from './mlps-words.ts'

const differences = (changed: readonly FindingDifference[]): string =>
  table(
    [
      { header: '表', read: ({ sheet }) => sheet ?? '', least: 10 },
      { header: '行', read: ({ row }) => String(row), align: 'right' },
      { header: '资产', read: ({ asset }) => asset },
      { header: '编号', read: ({ item }) => item },
      { header: '列', read: ({ column }) => column },
      { header: '原', read: ({ old }) => old ?? '', least: 12 },
      { header: '新', read: ({ new: now }) => now, least: 12 },
    ],
    changed,
  )

const counts = ({ added, changed, unchanged, empty }: FindingsPlan): string =>
  `${added} results new, ${changed} changed, ${unchanged} unchanged, ${empty} rows without a result`

export class MlpsExport extends YiwangCommand {
  static override readonly summary = 'export an assessment to the XLSX that assessors exchange'
  static override readonly description =
    'A sheet an asset, a row an item in the order of the standard, drop-downs for result and method; the official wording beside ours where it was loaded. `mlps import` reads it back without loss.'
  static override readonly examples = ['<%= config.bin %> mlps export net-2026 --out net-2026.xlsx']
  static override readonly args = {
    assessment: Args.string({ description: 'id of the assessment', required: true }),
  }
  static override readonly flags = {
    out: Flags.string({ summary: 'file to write', helpValue: 'FILE.xlsx', required: true }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(MlpsExport)
    if (path.extname(flags.out).toLowerCase() !== '.xlsx')
      throw new UsageFault([{ where: '--out', message: `expected a name ending in .xlsx, got ${flags.out}` }])
    const config = this.configuration(flags)
    await using store = await this.openInventory(config)
    const inventory = await store.read()
    const assessment = assessmentOf(inventory, args.assessment)
    const assets = [...inventory.asset.values()].filter((asset) => asset.assessment === assessment.id)
    const { texts } = await readWording(config.dataFolder)
    const content = await exportFindings({ assessment, assets, wording: texts })
    await guarded(path.dirname(flags.out), () => writeDurably(flags.out, content))
    const results = assets.reduce((sum, asset) => sum + Object.keys(asset.results).length, 0)
    this.line(`${flags.out}: ${assets.length} assets, ${results} results, revision ${inventory.revision}`)
    return { file: flags.out, assets: assets.length, results, revision: inventory.revision }
  }
}

export class MlpsImport extends YiwangCommand {
  static override readonly summary = 'import results of an assessment from XLSX or CSV: all of them, or none'
  static override readonly description =
    'Takes what `mlps export` writes, whatever the order of rows and columns. Every problem is listed with file, sheet, row and column, and nothing is written then. A row without a result changes nothing; in a row with one, an empty cell clears its field. Formulas are refused, never evaluated.'
  static override readonly examples = [
    '<%= config.bin %> mlps import net-2026.xlsx --dry-run',
    '<%= config.bin %> mlps import net-2026.xlsx --reason "测评机构现场记录"',
  ]
  static override readonly args = { file: Args.string({ required: true, description: '.xlsx or .csv' }) }
  static override readonly flags = {
    'dry-run': Flags.boolean({ summary: 'show the difference, cell by cell, and write nothing' }),
    ...writeFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(MlpsImport)
    const tables = await readTables(path.basename(args.file), await readBytes(args.file))
    const config = this.configuration(flags)
    const today = dayIn(config.timezone, Date.now())
    await using store = await this.openInventory(config)
    if (flags['dry-run']) {
      const plan = planFindings(tables, await store.read(), today)
      if (plan.differences.length > 0) this.line(differences(plan.differences))
      this.line(`${counts(plan)}; nothing was written`)
      return plan
    }
    const { actor, reason } = flags
    let plan: FindingsPlan | undefined
    const { revision } = await store.change({
      actor,
      reason,
      operations: (inventory) => (plan = planFindings(tables, inventory, today)).operations,
    })
    this.line(`${plan === undefined ? '' : counts(plan)}; revision ${revision}`)
    return { revision, ...plan }
  }
}
