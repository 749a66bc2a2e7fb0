import { Args, Flags } from '@oclif/core'
import { attachmentFolder, type AttachmentState, attachmentState } from '../../inventory/attachments/store.ts'
import { type Bulletin, bulletinKinds, bulletinNumber } from '../../inventory/bulletin.ts'
import type { Inventory } from '../../inventory/store.ts'
import { dayIn } from '../core/day.ts'
import { exitCodes, UsageFault } from '../core/fault.ts'
import { periodOf } from '../reports/periods.ts'
import { issueReport, type Issued } from '../service/issue-report.ts'
import { type Column, table } from '../terminal/table.ts'
import { asOfFlag } from './as-of.ts'
import { stateLabels } from './attachment.ts'
import { writeFlags, YiwangCommand } from './base.ts'
import { recordOf } from './inventory/record.ts'
import { contextOf, happenedAt } from './ledger-base.ts'
import { codeOf, listed } from './mlps-words.ts'
import { groundOf, organFlag, templateFlag, templateOf, unitFlag } from './report-ground.ts'

interface Listed extends Bulletin {
  /** Of all its files together: the worst. */
  readonly state: AttachmentState
  /** Bulletin that took its place. */
  readonly correctedBy?: string
}

const columns = (zone: string, { unit }: Inventory): readonly Column<Listed>[] => [
  { header: '编号', read: ({ id }) => id },
  { header: '类型', read: ({ kind }) => bulletinKinds[kind] },
  { header: '期号', read: (each) => bulletinNumber(each) },
  { header: '统计期', read: ({ period }) => period },
  { header: '单位', read: (each) => unit.get(each.unit ?? '')?.name ?? each.unit ?? '', optional: true },
  { header: '签发', read: ({ issuedAt }) => dayIn(zone, Date.parse(issuedAt)) },
  { header: '文件', read: ({ state }) => stateLabels[state] },
  { header: '更正', read: ({ corrects = '' }) => corrects },
  { header: '被更正', read: ({ correctedBy = '' }) => correctedBy },
]

const worstOf = async (folder: string, { files }: Bulletin): Promise<AttachmentState> => {
  let worst: AttachmentState = 'intact'
  for (const { hash } of files) {
    const state = await attachmentState(folder, hash)
    if (state !== 'intact') worst = state
  }
  return worst
}

export class ReportList extends YiwangCommand {
  static override readonly summary = 'issued bulletins, their files checked against their hashes'
  static override readonly description =
    '`attachment export DIR --of bulletin/ID` copies the files out. Exit code 3 where one is missing or was altered.'
  static override readonly examples = ['<%= config.bin %> report list']

  async run(): Promise<readonly Listed[]> {
    const { flags } = await this.parse(ReportList)
    const config = this.configuration(flags)
    await using store = await this.openInventory(config)
    const inventory = await store.read()
    const all = [...inventory.bulletin.values()]
    const correctedBy = new Map(
      all.flatMap(({ id, corrects }) => (corrects ? [[corrects, id] as const] : [])),
    )
    const listed: Listed[] = []
    for (const each of all) {
      const by = correctedBy.get(each.id)
      const state = await worstOf(attachmentFolder(config.dataFolder), each)
      listed.push({ ...each, state, ...(by !== undefined && { correctedBy: by }) })
    }
    if (listed.length === 0) this.note('no bulletin was issued yet')
    else this.line(table(columns(config.timezone, inventory), listed))
    if (listed.some(({ state }) => state !== 'intact')) process.exitCode = exitCodes.targetFailed
    return listed
  }
}

abstract class IssuingCommand extends YiwangCommand {
  protected tell({ bulletin, revision }: Issued): void {
    this.note(
      `revision ${revision}: ${bulletin.id}, ${bulletinKinds[bulletin.kind]} ${bulletinNumber(bulletin)}`,
    )
    for (const { name, hash, bytes } of bulletin.files) this.line(`${hash}  ${name}  ${bytes}`)
    this.note(`→ yiwang attachment export DIR --of bulletin/${bulletin.id}`)
  }
}

export class ReportIssue extends IssuingCommand {
  static override readonly summary = 'issue a bulletin: it gets its number and is frozen by its hashes'
  static override readonly description =
    'Only for a period that is over, once for each period and unit: what was issued is never changed, `report correct` takes its place.'
  static override readonly examples = [
    '<%= config.bin %> report issue weekly --period 2018-W26 --as-of 2018-07-02T09:00:00+08:00',
  ]
  static override readonly args = {
    kind: Args.string({ required: true, description: `which bulletin: ${listed(bulletinKinds)}` }),
  }
  static override readonly flags = {
    period: Flags.string({
      summary: 'week or month (default: the last that is over)',
      helpValue: 'PERIOD',
    }),
    unit: unitFlag,
    organ: organFlag,
    template: templateFlag,
    ...asOfFlag,
    ...writeFlags,
  }

  async run(): Promise<Issued> {
    const { args, flags } = await this.parse(ReportIssue)
    const kind = codeOf(bulletinKinds, args.kind, 'kind')
    const config = this.configuration(flags)
    const at = happenedAt(flags['as-of'], config.timezone, Date.now())
    const context = contextOf(config, at)
    await using store = await this.openInventory(config)
    const ground = await groundOf(store, config, context)
    const { unit, organ, actor, reason } = flags
    if (unit !== undefined) recordOf(ground.inventory, 'unit', unit)
    const period = periodOf(kind, flags.period, dayIn(context.timeZone, context.now), '--period')
    const issued = await issueReport(store, ground, {
      request: { kind, period, unit, organ, template: await templateOf(flags.template) },
      issuer: { actor, reason },
    })
    this.tell(issued)
    return issued
  }
}

export class ReportCorrect extends IssuingCommand {
  static override readonly summary =
    'issue a correction (更正) of a bulletin: a new document that names the old one'
  static override readonly description =
    'Made anew for the same period, unit and kind from the records of today. The old one stays as it is.'
  static override readonly examples = [
    '<%= config.bin %> report correct weekly-2018-026 --why 鼓楼区乡镇数有误',
  ]
  static override readonly args = {
    id: Args.string({ required: true, description: 'bulletin, as `report list` shows it' }),
  }
  static override readonly flags = {
    why: Flags.string({
      summary: 'what was wrong; printed in the correction',
      required: true,
      helpValue: 'TEXT',
    }),
    organ: organFlag,
    template: templateFlag,
    ...asOfFlag,
    ...writeFlags,
  }

  async run(): Promise<Issued> {
    const { args, flags } = await this.parse(ReportCorrect)
    const config = this.configuration(flags)
    const context = contextOf(config, happenedAt(flags['as-of'], config.timezone, Date.now()))
    await using store = await this.openInventory(config)
    const ground = await groundOf(store, config, context)
    const bulletin = recordOf(ground.inventory, 'bulletin', args.id)
    const later = [...ground.inventory.bulletin.values()].find(({ corrects }) => corrects === bulletin.id)
    if (later !== undefined)
      throw new UsageFault([
        {
          where: 'id',
          message: `expected a bulletin that was not corrected, ${later.id} took the place of ${bulletin.id}`,
          suggestion: `correct ${later.id}`,
        },
      ])
    const { kind, unit } = bulletin
    const period = periodOf(kind, bulletin.period, dayIn(context.timeZone, context.now))
    const issued = await issueReport(store, ground, {
      request: { kind, period, unit, organ: flags.organ, template: await templateOf(flags.template) },
      issuer: { actor: flags.actor, reason: flags.reason },
      replaced: { bulletin, reason: flags.why },
    })
    this.tell(issued)
    return issued
  }
}
