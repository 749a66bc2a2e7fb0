import { Args, Flags } from '@oclif/core'
import {
  type LedgerState,
  nextStates,
  type SignedDocument,
  stateLabels,
} from '../../inventory/ledger/index.ts'
import type { ChangeResult, Inventory, Operation } from '../../inventory/store.ts'
import { UsageFault } from '../core/fault.ts'
import { nearest } from '../core/nearest.ts'
import { writeFlags } from './base.ts'
import { documentOf } from './document.ts'
import { asOfFlag } from './as-of.ts'
import { happenedAt, LedgerCommand } from './ledger-base.ts'
import { codeOf, listed } from './mlps-words.ts'

interface Entry {
  readonly subject: string
  readonly at: string
  readonly by: string
  readonly text: string
  readonly documents: readonly SignedDocument[]
  readonly to?: LedgerState
}

const digits = 4

/** The next record of a task or milestone; ids follow each other, since nothing is ever removed. */
const record = (inventory: Inventory, entry: Entry): readonly Operation[] => {
  const { subject, to } = entry
  const subjects = [...inventory.task.keys(), ...inventory.milestone.keys()]
  if (!subjects.includes(subject)) {
    const meant = nearest(subject, subjects)
    throw new UsageFault([
      {
        where: 'id',
        message: `expected the id of a task or milestone, got ${subject}`,
        suggestion: meant === undefined ? '`yiwang ledger tasks` shows them' : `did you mean ${meant}?`,
      },
    ])
  }
  const number =
    inventory.progress
      .values()
      .filter((each) => each.subject === subject)
      .toArray().length + 1
  const id = `${subject}-p${String(number).padStart(digits, '0')}`
  return [
    {
      op: 'put',
      collection: 'progress',
      record: { id, kind: to === undefined ? 'note' : 'move', ...entry },
    },
  ]
}

const shared = {
  by: Flags.string({ summary: 'who reports it (default: --actor)', helpValue: 'NAME' }),
  document: Flags.string({
    summary: 'a signed document: its SHA-256, name and size are kept; may be repeated',
    helpValue: 'FILE',
    multiple: true,
    default: [],
  }),
  'as-of': { ...asOfFlag['as-of'], summary: 'when it happened (default: now)' },
  actor: writeFlags.actor,
}

const subjectArgument = Args.string({ description: 'id of the task or milestone', required: true })

export class LedgerMove extends LedgerCommand {
  static override readonly summary = 'move a task or milestone to another state'
  static override readonly description = `${Object.entries(nextStates)
    .map(
      ([from, to]) =>
        `${stateLabels[from as LedgerState]} → ${to.map((each) => stateLabels[each]).join('、')}`,
    )
    .join('; ')}. 已核验销号 needs a signed document. Moves are never changed or removed.`
  static override readonly examples = [
    '<%= config.bin %> ledger move 2.1.1 推进中 --reason 已成立专班',
    '<%= config.bin %> ledger move 2.1.1 已核验销号 --reason 督查组核验 --document 核验单.pdf --as-of 2018-04-28',
  ]
  static override readonly args = {
    id: subjectArgument,
    state: Args.string({ description: listed(stateLabels), required: true }),
  }
  static override readonly flags = {
    ...shared,
    reason: Flags.string({ summary: 'why, in the words of the ledger', helpValue: 'TEXT', required: true }),
  }

  async run(): Promise<ChangeResult> {
    const { args, flags } = await this.parse(LedgerMove)
    const to = codeOf(stateLabels, args.state, 'state')
    const config = this.configuration(flags)
    const entry: Entry = {
      subject: args.id,
      at: happenedAt(flags['as-of'], config.timezone, Date.now()),
      by: flags.by ?? flags.actor,
      text: flags.reason,
      documents: await Promise.all(flags.document.map(documentOf)),
      to,
    }
    await using store = await this.openInventory(config)
    const result = await store.change({
      actor: flags.actor,
      reason: flags.reason,
      operations: (inventory) => record(inventory, entry),
    })
    this.line(`${args.id} → ${stateLabels[to]}, revision ${result.revision}`)
    return result
  }
}

export class LedgerNote extends LedgerCommand {
  static override readonly summary = 'note progress (进展) of a task or milestone'
  static override readonly examples = ['<%= config.bin %> ledger note 3.1.1.1 前置机已到货，待安装 --by 王工']
  static override readonly args = {
    id: subjectArgument,
    text: Args.string({ description: 'what happened', required: true }),
  }
  static override readonly flags = { ...shared, reason: writeFlags.reason }

  async run(): Promise<ChangeResult> {
    const { args, flags } = await this.parse(LedgerNote)
    const config = this.configuration(flags)
    const entry: Entry = {
      subject: args.id,
      at: happenedAt(flags['as-of'], config.timezone, Date.now()),
      by: flags.by ?? flags.actor,
      text: args.text,
      documents: await Promise.all(flags.document.map(documentOf)),
    }
    await using store = await this.openInventory(config)
    const result = await store.change({
      actor: flags.actor,
      reason: flags.reason,
      operations: (inventory) => record(inventory, entry),
    })
    this.line(`noted on ${args.id}, revision ${result.revision}`)
    return result
  }
}
