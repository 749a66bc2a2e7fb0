import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { isDeepStrictEqual } from 'node:util'
import { Args, Flags } from '@oclif/core'
import { migrationOf, putMigration, withDocument, withMove } from '../../inventory/migration/edit.ts'
import {
  documentLabels,
  type Migration,
  type MigrationState,
  stateLabels,
} from '../../inventory/migration/index.ts'
import type { ChangeResult, Inventory } from '../../inventory/store.ts'
import type { Config } from '../config/index.ts'
import { EnvironmentFault, UsageFault } from '../core/fault.ts'
import { type Missing, missingFor, missingText, noEvidence } from '../migration/gates.ts'
import { readMigrationEvidence } from '../service/migration.ts'
import { asOfFlag, instantOf } from './as-of.ts'
import { writeFlags, YiwangCommand } from './base.ts'
import { codeOf, dayIn, listed } from './mlps-words.ts'

const system = Args.string({ required: true, description: 'id of the system' })

interface Wish {
  readonly config: Config
  readonly inventory: Inventory
  readonly record: Migration
  readonly to: MigrationState
  /** Milliseconds since the epoch. */
  readonly at: number
}

const missingNow = ({ config, inventory, record, to, at }: Wish): readonly Missing[] => {
  const evidence = readMigrationEvidence(config, inventory, [record], at).get(record.id) ?? noEvidence
  const wave = inventory.wave.get(record.wave ?? '')
  const day = dayIn(config.timezone, at)
  return missingFor({ record, to, evidence, wave, day, settings: config.migration })
}

const refuse = (id: string, to: MigrationState, missing: readonly Missing[]): UsageFault =>
  new UsageFault([
    ...missing.map(({ gate, message }) => ({ where: `${id} ${to}: ${gate}`, message })),
    {
      where: '',
      message: 'nothing was written',
      suggestion: `\`yiwang migration show ${id}\` tells more; --override REASON goes on all the same, and is recorded and reported`,
    },
  ])

interface Moved extends ChangeResult {
  readonly system: string
  readonly from: MigrationState
  readonly to: MigrationState
  /** What was overridden. */
  readonly missing: readonly Missing[]
}

export class MigrationMove extends YiwangCommand {
  static override readonly summary = 'move a system to another state, if its gates let it'
  static override readonly description =
    'A gate that refuses says what is missing: documents, probe-days in trial, silent days of the old place. --override goes on all the same; it needs a reason, which is recorded and reported with what was missing.'
  static override readonly examples = [
    '<%= config.bin %> migration move s-oa trial --reason 三方已签字',
    '<%= config.bin %> migration move s-oa 不宜上云 --reason 涉及工业控制 --basis "实施方案第4条"',
  ]
  static override readonly args = {
    system,
    state: Args.string({ required: true, description: listed(stateLabels) }),
  }
  static override readonly flags = {
    actor: writeFlags.actor,
    reason: Flags.string({
      summary: 'why, for the record and the audit log',
      helpValue: 'TEXT',
      required: true,
    }),
    basis: Flags.string({ summary: 'rule or paper that the decision is based on', helpValue: 'TEXT' }),
    override: Flags.string({ summary: 'go on though gates refuse, for this reason', helpValue: 'REASON' }),
    ...asOfFlag,
  }

  async run(): Promise<Moved> {
    const { args, flags } = await this.parse(MigrationMove)
    const config = this.configuration(flags)
    const to = codeOf(stateLabels, args.state, 'state')
    const at = instantOf(flags['as-of'], config.timezone, Date.now())
    if (flags.override?.trim() === '')
      throw new UsageFault([{ where: '--override', message: 'expected a reason, got none' }])
    await using store = await this.openInventory(config)
    const inventory = await store.read()
    const record = migrationOf(inventory, args.system)
    const { reason, basis, override, actor } = flags
    const step = { to, by: actor, at, reason, basis, override }
    withMove(record, { ...step, missing: [] })
    const missing = missingNow({ config, inventory, record, to, at })
    if (missing.length > 0 && override === undefined) throw refuse(record.id, to, missing)
    const texts = missing.map((each) => missingText(each).slice(0, 500))
    const result = await store.change({
      actor,
      reason: override === undefined ? reason : `${reason}（越过：${override}）`,
      operations: (newest) => {
        // What was judged must be what is moved.
        if (isDeepStrictEqual(migrationOf(newest, record.id), record))
          return [putMigration(withMove(record, { ...step, missing: texts }))]
        throw new UsageFault(`${record.id} was changed meanwhile, run this again`)
      },
    })
    this.line(`${record.id}: ${stateLabels[record.state]} → ${stateLabels[to]}, revision ${result.revision}`)
    for (const text of texts) this.note(`overridden: ${text}`)
    return { ...result, system: record.id, from: record.state, to, missing }
  }
}

const digestOf = async (file: string): Promise<string> => {
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(file), hash)
  } catch (cause) {
    throw new EnvironmentFault('FILE_UNREADABLE', `${file}: ${(cause as Error).message}`, { cause })
  }
  return hash.digest('hex')
}

export class MigrationDocument extends YiwangCommand {
  static override readonly summary = 'record a document of a system that moves, by its SHA-256'
  static override readonly description =
    'Only name, date and hash are kept; whoever answers for the document keeps the file.'
  static override readonly examples = [
    '<%= config.bin %> migration document s-oa 定级备案证明 备案证明.pdf --date 2018-05-04',
  ]
  static override readonly args = {
    system,
    kind: Args.string({ required: true, description: listed(documentLabels) }),
    file: Args.string({ required: true, description: 'the document' }),
  }
  static override readonly flags = {
    name: Flags.string({ summary: 'its name (default: that of the file)' }),
    date: Flags.string({ summary: 'date of the document (default: today)', helpValue: 'DATE' }),
    ...writeFlags,
  }

  async run(): Promise<ChangeResult> {
    const { args, flags } = await this.parse(MigrationDocument)
    const config = this.configuration(flags)
    const document = {
      kind: codeOf(documentLabels, args.kind, 'kind'),
      name: flags.name ?? path.basename(args.file),
      date: flags.date ?? dayIn(config.timezone, Date.now()),
      sha256: await digestOf(args.file),
    }
    await using store = await this.openInventory(config)
    const result = await store.change({
      actor: flags.actor,
      reason: flags.reason,
      operations: (inventory) => [putMigration(withDocument(migrationOf(inventory, args.system), document))],
    })
    this.line(`${documentLabels[document.kind]} ${document.sha256}, revision ${result.revision}`)
    return result
  }
}
