import { createReadStream } from 'node:fs'
import path from 'node:path'
import { Args, Flags } from '@oclif/core'
import { collectionLabels, type Spelled } from '../../inventory/columns/index.ts'
import {
  type CellDifference,
  type ImportPlan,
  exportCsv,
  exportWorkbook,
  limits,
  planImport,
  readTables,
} from '../../inventory/exchange/index.ts'
import { writeDurably } from '../../inventory/lowdb/durable.ts'
import { guarded } from '../../inventory/lowdb/faults.ts'
import { type Collection, collectionNames } from '../../inventory/model.ts'
import type { Inventory } from '../../inventory/store.ts'
import { EnvironmentFault, UsageFault } from '../core/fault.ts'
import { table } from '../terminal/table.ts'
import { writeFlags, YiwangCommand } from './base.ts'
import { takingWords } from './word-flag.ts'

/**
 * Keys and evidence are registered, not typed in; the results on an asset do not go into one cell; what the ledger
 * keeps as history is not rewritten by a spreadsheet.
 */
const kept = ['agent', 'signer', 'evidence', 'asset', 'progress', 'claim', 'roster', 'bulletin'] as const
const exchanged = collectionNames.filter(
  (name): name is Exclude<Collection, (typeof kept)[number]> => !(kept as readonly string[]).includes(name),
)

export const wordsFor = (names: readonly Collection[]): Spelled =>
  Object.fromEntries(names.map((name) => [name, collectionLabels[name]]))

/** A file, or as much of it as shows that it is too large for a table: some never end (`/dev/zero`). */
export const readBytes = async (file: string, suggestion?: string): Promise<Buffer> => {
  const pieces: Buffer[] = []
  let size = 0
  try {
    for await (const piece of createReadStream(file) as AsyncIterable<Buffer>) {
      pieces.push(piece)
      size += piece.length
      if (size > limits.fileBytes) break
    }
    return Buffer.concat(pieces)
  } catch (cause) {
    throw new EnvironmentFault('FILE_UNREADABLE', `${file}: ${(cause as Error).message}`, {
      cause,
      ...(suggestion !== undefined && { suggestion }),
    })
  }
}

/** The cells that an import changes, for a terminal. */
export const differenceTable = (differences: readonly CellDifference[]): string =>
  table(
    [
      { header: 'SHEET', read: ({ sheet }) => sheet ?? '' },
      { header: 'ROW', read: ({ row }) => String(row), align: 'right' },
      { header: 'ID', read: ({ id }) => id },
      { header: 'COLUMN', read: ({ column }) => column, least: 12 },
      { header: 'OLD', read: ({ old }) => old ?? '', least: 12 },
      { header: 'NEW', read: ({ new: now }) => now, least: 12 },
    ],
    differences,
  )

const counts = ({ added, changed, unchanged }: ImportPlan): string =>
  `${String(added)} new, ${String(changed)} changed, ${String(unchanged)} unchanged`

export class Import extends YiwangCommand {
  static override readonly summary: string = 'import records from XLSX or CSV: all of them, or none'
  static override readonly description: string =
    'Headers may be Chinese or English, cells merged, columns left out. A CSV file may be separated by commas, semicolons or tabs, in UTF-8, GB 18030, or UTF-16 with its mark. Every problem is listed with file, sheet, row and column, and nothing is written then. Records that the file does not name stay as they are.'
  static override readonly examples: string[] = [
    '<%= config.bin %> import inventory.xlsx --dry-run',
    '<%= config.bin %> import nodes.csv --reason "汇总各县区上报"',
  ]
  static override readonly args = { file: Args.string({ required: true, description: '.xlsx or .csv' }) }
  static override readonly flags = {
    'dry-run': Flags.boolean({ summary: 'show the difference, cell by cell, and write nothing' }),
    ...writeFlags,
  }

  /** Tables of other collections are refused. */
  protected readonly allowed: readonly Collection[] = exchanged

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Import)
    const bytes = await readBytes(args.file)
    const config = this.configuration(flags)
    await using store = await this.openInventory(config, { create: !flags['dry-run'] })
    const tables = await readTables(path.basename(args.file), bytes)
    if (flags['dry-run']) {
      const plan = planImport(tables, await store.read(), this.allowed)
      this.line(differenceTable(plan.differences))
      this.line(`${counts(plan)}; nothing was written`)
      return plan
    }
    const { actor, reason } = flags
    const result = await store.change({
      actor,
      reason,
      operations: (inventory) => planImport(tables, inventory, this.allowed).operations,
    })
    this.line(
      `${String(result.added)} added, ${String(result.replaced)} changed, revision ${String(result.revision)}`,
    )
    return result
  }
}

type Exchanged = (typeof exchanged)[number]
type Format = { readonly kind: 'xlsx' } | { readonly kind: 'csv'; readonly collection: Exchanged }

/** A CSV file holds one collection: which, is never guessed. */
export const formatOf = (file: string, collections: readonly Exchanged[] = []): Format => {
  const [collection, ...others] = collections
  const extension = path.extname(file).toLowerCase()
  if (extension === '.xlsx') return { kind: 'xlsx' }
  if (extension !== '.csv')
    throw new UsageFault([{ where: 'FILE', message: `expected a name ending in .xlsx or .csv, got ${file}` }])
  if (collection !== undefined && others.length === 0) return { kind: 'csv', collection }
  throw new UsageFault([
    {
      where: '--collection',
      message: `expected one collection for a CSV file, got ${collections.join(', ') || 'none'}`,
      suggestion: `one of ${exchanged.join(', ')}; or export to .xlsx, which holds them all`,
    },
  ])
}

/** The file's content. */
export const contentOf = async (
  inventory: Inventory,
  format: Format,
  collections: readonly Exchanged[] = exchanged,
): Promise<string | Uint8Array> =>
  format.kind === 'csv'
    ? exportCsv(inventory, format.collection, { bom: true })
    : exportWorkbook(inventory, collections)

export class Export extends YiwangCommand {
  static override readonly summary =
    'export the inventory to XLSX (a sheet a collection), or one collection to CSV'
  static override readonly examples = [
    '<%= config.bin %> export inventory.xlsx',
    '<%= config.bin %> export nodes.csv --collection node',
  ]
  static override readonly args = { file: Args.string({ required: true, description: '.xlsx or .csv' }) }
  static override readonly flags = {
    collection: takingWords(
      wordsFor(exchanged),
      Flags.option({
        summary: 'collection to export; may be repeated for XLSX (default: all)',
        options: exchanged,
        multiple: true,
      })(),
    ),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Export)
    const format = formatOf(args.file, flags.collection)
    await using store = await this.openInventory(this.configuration(flags))
    const inventory = await store.read()
    const content = await contentOf(inventory, format, flags.collection)
    await guarded(path.dirname(args.file), () => writeDurably(args.file, content))
    this.line(`${args.file}: revision ${String(inventory.revision)}`)
    return { file: args.file, revision: inventory.revision }
  }
}
