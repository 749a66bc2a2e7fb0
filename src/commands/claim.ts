import { Args, Flags } from '@oclif/core'
import {
  type Claim,
  claimKindLabels,
  type SubjectKind,
  subjectCollection,
  subjectLabels,
} from '../../inventory/ledger/index.ts'
import type { InputOf } from '../../inventory/model.ts'
import type { ChangeResult, Inventory, Operation } from '../../inventory/store.ts'
import { UsageFault } from '../core/fault.ts'
import { given } from '../core/given.ts'
import { nearest } from '../core/nearest.ts'
import { claimsAt, type Context, dayOf } from '../ledger/index.ts'
import { csv } from '../terminal/csv.ts'
import { type Column, table } from '../terminal/table.ts'
import { csvFlag, writeFlags } from './base.ts'
import { documentOf } from './document.ts'
import { recordOf } from './inventory/record.ts'
import { asOfFlag } from './as-of.ts'
import { happenedAt, LedgerCommand } from './ledger-base.ts'
import { codeOf, listed } from './mlps-words.ts'

interface Subject {
  readonly subjectKind: SubjectKind
  readonly subject: string
  readonly item?: string
}

/** `system:s-oa`, `任务:2.1.1`, `item:net-2026/L3-CES1-01`. */
const subjectFrom = (text: string): Subject => {
  const [, kind, subject, item] = /^([^:：]+)[:：]([^/]+)(?:\/(.+))?$/u.exec(text) ?? []
  if (kind === undefined || subject === undefined)
    throw new UsageFault([
      {
        where: 'subject',
        message: `expected KIND:ID, got ${text}`,
        suggestion: `such as system:${text}, or item:ASSESSMENT/ITEM; kinds: ${listed(subjectLabels)}`,
      },
    ])
  return { subjectKind: codeOf(subjectLabels, kind, 'subject'), subject, ...given({ item }) }
}

const requireSubject = (inventory: Inventory, { subjectKind, subject }: Subject): void => {
  const there: ReadonlyMap<string, unknown> = inventory[subjectCollection[subjectKind]]
  if (there.has(subject)) return
  const meant = nearest(subject, there.keys())
  throw new UsageFault([
    {
      where: 'subject',
      message: `expected an existing ${subjectCollection[subjectKind]}, got ${subject}`,
      suggestion:
        meant === undefined
          ? `\`yiwang ${subjectCollection[subjectKind]} list\` shows them`
          : `did you mean ${meant}?`,
    },
  ])
}

const digits = 6

const addition = (
  inventory: Inventory,
  claim: Subject & Omit<InputOf<'claim'>, 'id' | keyof Subject>,
): readonly Operation[] => {
  requireSubject(inventory, claim)
  const id = `c-${String(inventory.claim.size + 1).padStart(digits, '0')}`
  return [{ op: 'put', collection: 'claim', record: { id, ...claim } }]
}

export class ClaimAdd extends LedgerCommand {
  static override readonly summary = 'record what was reported: of what, by whom, when, by which document'
  static override readonly description =
    'A claim is kept beside what the network shows; it is never overwritten. A newer claim of the same kind stands in its place, a withdrawal takes it back.'
  static override readonly examples = [
    '<%= config.bin %> claim add system:sys-city-portal migrated --by 李科长 --unit u-410200-service-center --document 上报函.pdf',
    '<%= config.bin %> claim add goal:goal-4 count --value 21 --as-of 2018-06-29',
  ]
  static override readonly args = {
    subject: Args.string({ description: 'KIND:ID, or item:ASSESSMENT/ITEM', required: true }),
    kind: Args.string({ description: listed(claimKindLabels), required: true }),
  }
  static override readonly flags = {
    value: Flags.string({ summary: 'the number or text that is claimed, where the kind has one' }),
    text: Flags.string({ summary: 'what else was said' }),
    by: Flags.string({ summary: 'who reports it (default: --actor)', helpValue: 'NAME' }),
    unit: Flags.string({ summary: 'the unit that reports', helpValue: 'ID' }),
    document: Flags.string({
      summary: 'the document that says so: its SHA-256, name and size are kept; may be repeated',
      helpValue: 'FILE',
      multiple: true,
      default: [],
    }),
    'as-of': { ...asOfFlag['as-of'], summary: 'when it was reported (default: now)' },
    ...writeFlags,
  }

  async run(): Promise<ChangeResult> {
    const { args, flags } = await this.parse(ClaimAdd)
    const config = this.configuration(flags)
    const { value, text, unit } = flags
    const claim = {
      ...subjectFrom(args.subject),
      kind: codeOf(claimKindLabels, args.kind, 'kind'),
      at: happenedAt(flags['as-of'], config.timezone, Date.now()),
      by: flags.by ?? flags.actor,
      documents: await Promise.all(flags.document.map(documentOf)),
      ...given({ value, text, unit }),
    }
    await using store = await this.openInventory(config)
    const result = await store.change({
      actor: flags.actor,
      reason: flags.reason,
      operations: (inventory) => addition(inventory, claim),
    })
    this.line(`claimed: ${args.subject} ${claimKindLabels[claim.kind]}, revision ${result.revision}`)
    return result
  }
}

const columns = (context: Context): readonly Column<Claim>[] => [
  { header: '编号', read: ({ id }) => id },
  { header: '日期', read: ({ at }) => dayOf(context, at) },
  {
    header: '对象',
    read: ({ subjectKind, subject, item }) =>
      `${subjectLabels[subjectKind]} ${subject}${item === undefined ? '' : `/${item}`}`,
    least: 16,
  },
  { header: '声明', read: ({ kind }) => claimKindLabels[kind], least: 12 },
  { header: '数值', read: ({ value }) => value ?? '', least: 4 },
  { header: '填报人', read: ({ by }) => by, least: 6 },
  { header: '单位', read: ({ unit }) => unit ?? '', least: 10, optional: true },
  {
    header: '文件',
    read: ({ documents }) => documents.map(({ name }) => name).join('、'),
    least: 10,
    optional: true,
  },
  {
    header: '撤回',
    read: ({ withdrawn }) =>
      withdrawn === undefined ? '' : `${dayOf(context, withdrawn.at)} ${withdrawn.why}`,
    least: 8,
  },
]

export class ClaimList extends LedgerCommand {
  static override readonly summary = 'claims in the order of time, withdrawn ones among them'
  static override readonly examples = [
    '<%= config.bin %> claim list --subject system:sys-city-portal --as-of 2018-06-30',
  ]
  static override readonly flags = {
    subject: Flags.string({ summary: 'only of this', helpValue: 'KIND:ID' }),
    kind: Flags.string({ summary: `only this kind: ${listed(claimKindLabels)}` }),
    unit: Flags.string({ summary: 'only what this unit reported', helpValue: 'ID' }),
    ...asOfFlag,
    ...csvFlag,
  }

  async run(): Promise<readonly Claim[]> {
    const { flags } = await this.parse(ClaimList)
    const subject = flags.subject === undefined ? undefined : subjectFrom(flags.subject)
    const kind = flags.kind === undefined ? undefined : codeOf(claimKindLabels, flags.kind, '--kind')
    const { inventory, context } = await this.look(flags)
    if (subject !== undefined) requireSubject(inventory, subject)
    const claims = claimsAt(inventory.claim.values(), context)
      .filter((each) => kind === undefined || each.kind === kind)
      .filter((each) => flags.unit === undefined || each.unit === flags.unit)
      .filter(
        (each) =>
          subject === undefined ||
          (each.subjectKind === subject.subjectKind &&
            each.subject === subject.subject &&
            each.item === subject.item),
      )
    if (!this.jsonEnabled()) this.line((flags.csv ? csv : table)(columns(context), claims))
    return claims
  }
}

export class ClaimWithdraw extends LedgerCommand {
  static override readonly summary = 'take a claim back; it stays on record as withdrawn'
  static override readonly examples = [
    '<%= config.bin %> claim withdraw c-000012 --reason 误报，系统仍在原机房',
  ]
  static override readonly args = { claim: Args.string({ description: 'its id', required: true }) }
  static override readonly flags = {
    by: Flags.string({ summary: 'who takes it back (default: --actor)', helpValue: 'NAME' }),
    'as-of': { ...asOfFlag['as-of'], summary: 'when (default: now)' },
    actor: writeFlags.actor,
    reason: Flags.string({ summary: 'why', helpValue: 'TEXT', required: true }),
  }

  async run(): Promise<ChangeResult> {
    const { args, flags } = await this.parse(ClaimWithdraw)
    const config = this.configuration(flags)
    const at = happenedAt(flags['as-of'], config.timezone, Date.now())
    await using store = await this.openInventory(config)
    const result = await store.change({
      actor: flags.actor,
      reason: flags.reason,
      operations: (inventory) => {
        const claim = recordOf(inventory, 'claim', args.claim)
        if (claim.withdrawn !== undefined || at < claim.at)
          throw new UsageFault([
            {
              where: args.claim,
              message:
                claim.withdrawn === undefined
                  ? `expected a time from ${claim.at} on, when it was claimed, got ${at}`
                  : `expected a claim that stands, got one withdrawn at ${claim.withdrawn.at}`,
            },
          ])
        const withdrawn = { at, by: flags.by ?? flags.actor, why: flags.reason }
        return [{ op: 'put', collection: 'claim', record: { ...claim, withdrawn } }]
      },
    })
    this.line(`withdrawn ${args.claim}, revision ${result.revision}`)
    return result
  }
}
