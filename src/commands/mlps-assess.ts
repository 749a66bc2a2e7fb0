import { Args, Flags } from '@oclif/core'
import { carryOver, openAssessment, setResult } from '../../inventory/mlps/edit.ts'
import {
  assetLabels,
  type Finding,
  methodLabels,
  objectLabels,
  resultLabels,
} from '../../inventory/mlps/index.ts'
import type { ChangeResult } from '../../inventory/store.ts'
import { UsageFault } from '../core/fault.ts'
import { given } from '../core/given.ts'
import { writeFlags, YiwangCommand } from './base.ts'
import { levelFlag } from './mlps-flags.ts'
import { codeOf, dayIn, listed } from './mlps-words.ts'

const assetFrom = (text: string): { readonly id: string; readonly [field: string]: unknown } => {
  const [, id, kind, name, target] = /^([^=:]+)=([^:]+):([^:]+)(?::([^:]+))?$/u.exec(text) ?? []
  if (id === undefined || kind === undefined || name === undefined)
    throw new UsageFault([
      { where: '--asset', message: `expected ID=KIND:NAME or ID=KIND:NAME:TARGET, got ${text}` },
    ])
  return { id, kind: codeOf(assetLabels, kind, '--asset'), name, ...(target !== undefined && { target }) }
}

const assessmentArgument = (name: string, description: string) =>
  Args.string({ name, description, required: true })

export class MlpsAssess extends YiwangCommand {
  static override readonly summary =
    'begin an assessment (等级测评) of the extranet, a system or the cloud platform'
  static override readonly examples = [
    '<%= config.bin %> mlps assess net-2026 --object extranet --name 政务外网2026年测评 --asset net-2026.fw=安全设备:核心防火墙',
    '<%= config.bin %> mlps assess oa-2026 --object system --system s-oa --level 2 --cloud --asset oa-2026.app=业务应用:办公系统:s-oa',
  ]
  static override readonly args = { assessment: assessmentArgument('assessment', 'id of the new assessment') }
  static override readonly flags = {
    object: Flags.string({ summary: `what is assessed: ${listed(objectLabels)}`, required: true }),
    system: Flags.string({ summary: 'the system, where it is one', helpValue: 'ID' }),
    name: Flags.string({ summary: 'its name (default: the id)' }),
    level: levelFlag,
    cloud: Flags.boolean({ summary: 'the extension for cloud computing (云计算安全扩展要求) applies' }),
    filing: Flags.string({ summary: '备案号' }),
    institution: Flags.string({ summary: '测评机构' }),
    started: Flags.string({ summary: 'first day', helpValue: 'DATE' }),
    asset: Flags.string({
      summary: `an asset in scope, by its kind and, where the inventory has it, its record; may be repeated. Kinds: ${Object.values(assetLabels).join('、')}`,
      helpValue: 'ID=KIND:NAME[:TARGET]',
      multiple: true,
      default: [],
    }),
    ...writeFlags,
  }

  async run(): Promise<ChangeResult> {
    const { args, flags } = await this.parse(MlpsAssess)
    const { system, filing, institution, started } = flags
    const assessment = {
      id: args.assessment,
      name: flags.name ?? args.assessment,
      object: codeOf(objectLabels, flags.object, '--object'),
      level: Number(flags.level),
      cloud: flags.cloud,
      ...given({ system, filing, institution, startedOn: started }),
    }
    const assets = flags.asset.map(assetFrom)
    await using store = await this.openInventory(this.configuration(flags))
    const result = await store.change({
      actor: flags.actor,
      reason: flags.reason,
      operations: (inventory) => openAssessment(inventory, assessment, assets),
    })
    this.note(`revision ${result.revision}: ${args.assessment} with ${assets.length} assets`)
    return result
  }
}

export class MlpsSet extends YiwangCommand {
  static override readonly summary = 'record the result (测评结果) of an item on assets'
  static override readonly examples = [
    '<%= config.bin %> mlps set net-2026 L3-CES1-01 部分符合 --asset net-2026.fw --method 核查 --evidence 口令长度六位 --assessor 王工',
  ]
  static override readonly args = {
    assessment: assessmentArgument('assessment', 'id of the assessment'),
    item: assessmentArgument('item', 'id of the item: L3-CES1-01'),
    result: assessmentArgument('result', listed(resultLabels)),
  }
  static override readonly flags = {
    asset: Flags.string({
      summary: 'on this asset; may be repeated (default: every asset of a kind that the item asks about)',
      helpValue: 'ID',
      multiple: true,
      default: [],
    }),
    method: Flags.string({ summary: `how it was found: ${listed(methodLabels)}` }),
    evidence: Flags.string({ summary: 'what was seen' }),
    remark: Flags.string({ summary: 'a remark' }),
    assessor: Flags.string({ summary: 'who assessed it', helpValue: 'NAME' }),
    date: Flags.string({ summary: 'when (default: today)', helpValue: 'DATE' }),
    ...writeFlags,
  }

  async run(): Promise<ChangeResult> {
    const { args, flags } = await this.parse(MlpsSet)
    const config = this.configuration(flags)
    const { evidence, remark, assessor, method } = flags
    const today = dayIn(config.timezone, Date.now())
    if (flags.date !== undefined && flags.date > today)
      throw new UsageFault([
        { where: '--date', message: `expected a day that has come (today is ${today}), got ${flags.date}` },
      ])
    const finding = {
      result: codeOf(resultLabels, args.result, 'result'),
      on: flags.date ?? today,
      ...given({ evidence, remark, assessor }),
      ...(method !== undefined && { method: codeOf(methodLabels, method, '--method') }),
    } satisfies Finding
    await using store = await this.openInventory(config)
    const result = await store.change({
      actor: flags.actor,
      reason: flags.reason,
      operations: (inventory) => setResult(inventory, { ...args, assets: flags.asset, finding }),
    })
    this.note(
      `revision ${result.revision}: ${args.item} ${resultLabels[finding.result]} on ${result.replaced} assets`,
    )
    return result
  }
}

export class MlpsCarryOver extends YiwangCommand {
  static override readonly summary = 'begin an assessment with assets and results of an earlier one'
  static override readonly description =
    'Every result that comes along says where it is from until somebody sets it anew. Waivers still in force and remediations not closed come along; dates, institution and judgements of hazards do not.'
  static override readonly examples = ['<%= config.bin %> mlps carry-over net-2025 net-2026']
  static override readonly args = {
    from: assessmentArgument('from', 'id of the earlier assessment'),
    to: assessmentArgument('to', 'id of the new one'),
  }
  static override readonly flags = writeFlags

  async run(): Promise<ChangeResult> {
    const { args, flags } = await this.parse(MlpsCarryOver)
    const config = this.configuration(flags)
    const day = dayIn(config.timezone, Date.now())
    await using store = await this.openInventory(config)
    const result = await store.change({
      actor: flags.actor,
      reason: flags.reason,
      operations: (inventory) => carryOver(inventory, args, day),
    })
    this.note(
      `revision ${result.revision}: ${result.added} records of ${args.from} carried over to ${args.to}`,
    )
    return result
  }
}
