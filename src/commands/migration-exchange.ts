import path from 'node:path'
import { Args, Flags } from '@oclif/core'
import { writeDurably } from '../../inventory/lowdb/durable.ts'
import { guarded } from '../../inventory/lowdb/faults.ts'
import { UsageFault } from '../core/fault.ts'
import { awsColumns, type AwsRow, awsRows } from '../migration/aws.ts'
import { csv } from '../terminal/csv.ts'
import type { Column } from '../terminal/table.ts'
import { asOfFlag, instantOf } from './as-of.ts'
import { YiwangCommand } from './base.ts'
import { contentOf, formatOf, Import, wordsFor } from './exchange.ts'
import { takingWords } from './word-flag.ts'

const collections = ['migration', 'wave', 'cloud', 'readiness'] as const

export class MigrationImport extends Import {
  static override readonly summary = 'import the migration from an XLSX or CSV table: all of it, or nothing'
  static override readonly description =
    'A sheet named 系统迁移 or 应用系统迁云工作推进表 holds systems, 迁移批次 waves, 政务云 clouds. A system may be given by its name. States may be the words of tables in the field (未启动, 正在迁移, 已完成, 暂不具备条件); of a system that is here already they are changed by `migration move` only.'
  static override readonly examples = [
    '<%= config.bin %> migration import 迁移台账.xlsx --dry-run',
    '<%= config.bin %> migration import 系统迁移.csv --reason 汇总各单位上报',
  ]
  protected override readonly allowed = collections
}

const awsTable: readonly Column<AwsRow>[] = awsColumns.map((header) => ({
  header,
  read: (row) => row[header] ?? '',
}))

export class MigrationExport extends YiwangCommand {
  static override readonly summary = 'export the migration to XLSX or CSV, or as an AWS import template'
  static override readonly description =
    '--aws writes the columns of the import template of AWS Migration Hub, a row a system; state, roll-up and decision are tags.'
  static override readonly examples = [
    '<%= config.bin %> migration export migration.xlsx',
    '<%= config.bin %> migration export servers.csv --aws',
  ]
  static override readonly args = { file: Args.string({ required: true, description: '.xlsx or .csv' }) }
  static override readonly flags = {
    aws: Flags.boolean({ summary: 'the columns of AWS Migration Hub, as CSV' }),
    collection: takingWords(
      wordsFor(collections),
      Flags.option({
        summary: 'what a CSV file holds (default: migration)',
        options: collections,
        default: 'migration',
      })(),
    ),
    ...asOfFlag,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(MigrationExport)
    const config = this.configuration(flags)
    const at = instantOf(flags['as-of'], config.timezone, Date.now())
    const format = formatOf(args.file, [flags.collection])
    if (flags.aws && format.kind !== 'csv')
      throw new UsageFault([{ where: 'FILE', message: `expected a name ending in .csv, got ${args.file}` }])
    await using store = await this.openInventory(config)
    const inventory = await store.read()
    const content = flags.aws
      ? `${csv(awsTable, awsRows(inventory, at))}\n`
      : await contentOf(inventory, format, collections)
    await guarded(path.dirname(args.file), () => writeDurably(args.file, content))
    this.line(`${args.file}: revision ${inventory.revision}`)
    return { file: args.file, revision: inventory.revision }
  }
}
