import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Args, Flags } from '@oclif/core'
import {
  type CellDifference,
  type ImportPlan,
  exportCsv,
  exportWorkbook,
  planImport,
  readTables,
} from '../../inventory/exchange/index.ts'
import { collectionNames } from '../../inventory/model.ts'
import { EnvironmentFault } from '../core/fault.ts'
import { table } from '../terminal/table.ts'
import { writeFlags, YiwangCommand } from './base.ts'

/** Agents hold key hashes and are enrolled, not typed in. */
const exchanged = collectionNames.filter((name) => name !== 'agent')

const readBytes = async (file: string): Promise<Uint8Array> => {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new EnvironmentFault('FILE_UNREADABLE', `${file}: ${(cause as Error).message}`, { cause })
  }
}

const differenceTable = (differences: readonly CellDifference[]): string =>
  table(
    [
      { header: 'SHEET', read: ({ sheet }) => sheet ?? '' },
      { header: 'ROW', read: ({ row }) => String(row), align: 'right' },
      { header: 'ID', read: ({ id }) => id },
      { header: 'COLUMN', read: ({ column }) => column },
      { header: 'OLD', read: ({ old }) => old ?? '' },
      { header: 'NEW', read: ({ new: now }) => now },
    ],
    differences,
  )

const counts = ({ added, changed, unchanged }: ImportPlan): string =>
  `${String(added)} new, ${String(changed)} changed, ${String(unchanged)} unchanged`

export class Import extends YiwangCommand {
  static override readonly summary = 'import records from XLSX or CSV: all of them, or none'
  static override readonly description =
    'Headers may be Chinese or English, cells merged, columns left out. Every problem is listed with file, sheet, row and column, and nothing is written then. Records that the file does not name stay as they are.'
  static override readonly examples = [
    '<%= config.bin %> import inventory.xlsx --dry-run',
    '<%= config.bin %> import nodes.csv --reason "汇总各县区上报"',
  ]
  static override readonly args = { file: Args.string({ required: true, description: '.xlsx or .csv' }) }
  static override readonly flags = {
    'dry-run': Flags.boolean({ summary: 'show the difference, cell by cell, and write nothing' }),
    ...writeFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Import)
    const bytes = await readBytes(args.file)
    const config = this.configuration(flags)
    await using store = await this.openInventory(config, { create: !flags['dry-run'] })
    const tables = await readTables(path.basename(args.file), bytes)
    if (flags['dry-run']) {
      const plan = planImport(tables, await store.read(), exchanged)
      this.line(differenceTable(plan.differences))
      this.line(`${counts(plan)}; nothing was written`)
      return plan
    }
    const { actor, reason } = flags
    const result = await store.change({
      actor,
      reason,
      operations: (inventory) => planImport(tables, inventory, exchanged).operations,
    })
    this.line(
      `${String(result.added)} added, ${String(result.replaced)} changed, revision ${String(result.revision)}`,
    )
    return result
  }
}

export class Export extends YiwangCommand {
  static override readonly summary =
    'export the inventory to XLSX (a sheet a collection), or one collection to CSV'
  static override readonly examples = [
    '<%= config.bin %> export inventory.xlsx',
    '<%= config.bin %> export nodes.csv --collection node',
  ]
  static override readonly args = { file: Args.string({ required: true, description: '.xlsx or .csv' }) }
  static override readonly flags = {
    collection: Flags.option({
      summary: 'collection to export; may be repeated for XLSX (default: all)',
      options: exchanged,
      multiple: true,
    })(),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Export)
    await using store = await this.openInventory(this.configuration(flags))
    const inventory = await store.read()
    const chosen = flags.collection ?? exchanged
    const [only = 'node'] = chosen
    const content = args.file.endsWith('.csv')
      ? exportCsv(inventory, only, { bom: true })
      : await exportWorkbook(inventory, chosen)
    await writeFile(args.file, content)
    this.line(`${args.file}: revision ${String(inventory.revision)}`)
    return { file: args.file, revision: inventory.revision }
  }
}
