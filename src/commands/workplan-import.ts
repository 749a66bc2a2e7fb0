import path from 'node:path'
import { Args, Flags } from '@oclif/core'
import { planImport as planTables, readTables } from '../../inventory/exchange/index.ts'
import {
  planCollections,
  planImport,
  shippedPlan,
  shippedPlans,
  surroundings,
} from '../../inventory/ledger/plan-file.ts'
import type { AuditChange, Inventory, Operation } from '../../inventory/store.ts'
import { parseYaml } from '../config/yaml-source.ts'
import { UsageFault } from '../core/fault.ts'
import { table } from '../terminal/table.ts'
import { writeFlags, YiwangCommand } from './base.ts'
import { differenceTable, readBytes } from './exchange.ts'

interface Loading {
  readonly operations: readonly Operation[]
  readonly added: number
  readonly changed: number
  /** For a terminal. */
  readonly text: string
  /** For JSON. */
  readonly differences: unknown
}

type Load = (inventory: Inventory) => Loading

const changeWords = { add: '新增', replace: '修改', remove: '删除' } as const

const changeTable = (changes: readonly AuditChange[]): string =>
  table(
    [
      { header: '', read: ({ op }) => changeWords[op] },
      { header: 'COLLECTION', read: ({ collection }) => collection },
      { header: 'ID', read: ({ id }) => id },
      {
        header: 'FIELDS',
        read: ({ op, after }) => (op === 'replace' ? Object.keys(after as object).join(', ') : ''),
      },
    ],
    changes,
  )

const fromSource =
  (source: Parameters<typeof planImport>[0]): Load =>
  (inventory) => {
    const { operations, changes, kept } = planImport(source, inventory)
    const text = `${changeTable(changes)}\n${kept} regions, units and systems are there already and stay as they are`
    return {
      operations,
      added: changes.filter(({ op }) => op === 'add').length,
      changed: changes.filter(({ op }) => op === 'replace').length,
      text: changes.length === 0 ? 'nothing differs' : text,
      differences: changes.map(({ op, collection, id }) => ({ op, collection, id })),
    }
  }

const otherwise = `name a file, or one of the plans that come with yiwang: ${shippedPlans.join(', ')}`

const maxYamlBytes = 8 * 1_048_576

const loadOf = async (file: string): Promise<Load> => {
  const shipped = shippedPlans.find((name) => name === file)
  if (shipped !== undefined) return fromSource(shippedPlan(shipped))
  const name = path.basename(file)
  const extension = path.extname(file).toLowerCase()
  if (extension === '.xlsx') {
    const tables = await readTables(name, await readBytes(file, otherwise))
    return (inventory) => {
      const plan = planTables(tables, inventory, [...surroundings, ...planCollections])
      return { ...plan, text: differenceTable(plan.differences) }
    }
  }
  if (!['.yaml', '.yml', '.json'].includes(extension))
    throw new UsageFault([
      { where: 'FILE', message: `expected a name ending in .xlsx, .yaml or .json, got ${file}` },
    ])
  const bytes = await readBytes(file, otherwise)
  if (bytes.length > maxYamlBytes)
    throw new UsageFault([{ where: name, message: `expected up to 8 MiB, got ${bytes.length} bytes` }])
  return fromSource(parseYaml(name, bytes.toString('utf8')))
}

export class WorkplanImport extends YiwangCommand {
  static override readonly summary = 'load a work plan from XLSX or YAML: all of it, or nothing'
  static override readonly description =
    'The form is that of docs/ledger.md. Every problem is listed with its cell or line: unknown units and systems, duplicate ids, milestones without a date, cycles of dependencies with their path. From YAML, units and systems that are there already stay as they are.'
  static override readonly examples = [
    '<%= config.bin %> workplan import plan.yaml --dry-run',
    '<%= config.bin %> workplan import kaifeng-2018',
  ]
  static override readonly args = {
    file: Args.string({
      required: true,
      description: `.xlsx, .yaml or .json; or ${shippedPlans.join(', ')}`,
    }),
  }
  static override readonly flags = {
    'dry-run': Flags.boolean({ summary: 'show what would change, and write nothing' }),
    ...writeFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(WorkplanImport)
    const load = await loadOf(args.file)
    await using store = await this.openInventory(this.configuration(flags), { create: !flags['dry-run'] })
    if (flags['dry-run']) {
      const { text, added, changed, differences } = load(await store.read())
      this.line(text)
      this.line(`${added} new, ${changed} changed; nothing was written`)
      return { added, changed, differences }
    }
    const result = await store.change({
      actor: flags.actor,
      reason: flags.reason,
      operations: (inventory) => load(inventory).operations,
    })
    this.line(`${result.added} added, ${result.replaced} changed, revision ${result.revision}`)
    return result
  }
}
