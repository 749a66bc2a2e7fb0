import { Args, Flags } from '@oclif/core'
import { migrationOf } from '../../inventory/migration/edit.ts'
import {
  decisionLabels,
  documentLabels,
  type Migration,
  type Move,
  recordAt,
  stateLabels,
} from '../../inventory/migration/index.ts'
import { select } from '../../inventory/select.ts'
import type { Inventory } from '../../inventory/store.ts'
import type { Config } from '../config/index.ts'
import { dayIn } from '../core/day.ts'
import { UsageFault } from '../core/fault.ts'
import { type ProbeDay, type SilentDay, silentSinceAnswer } from '../migration/days.ts'
import { type Evidence, type Missing, missingFor, nextOnPath, noEvidence } from '../migration/gates.ts'
import { readMigrationEvidence } from '../service/migration.ts'
import { csv } from '../terminal/csv.ts'
import { type Column, table } from '../terminal/table.ts'
import { asOfFlag, instantOf } from './as-of.ts'
import { csvFlag, selectorFlags, YiwangCommand } from './base.ts'
import { codeOf, listed } from './mlps-words.ts'

/** A system that moves, with what its next step still needs. */
export interface Standing {
  readonly record: Migration
  readonly name: string
  readonly unit: string
  readonly evidence: Evidence
  readonly next?: string
  readonly missing: readonly Missing[]
}

export interface StandingInput {
  readonly config: Config
  readonly inventory: Inventory
  readonly records: readonly Migration[]
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** How systems stand at an instant. */
export const standingsOf = ({ config, inventory, records, at }: StandingInput): readonly Standing[] => {
  const evidences = readMigrationEvidence(config, inventory, records, at)
  return records.map((each): Standing => {
    const record = recordAt(each, at)
    const system = inventory.system.get(record.id)
    const evidence = evidences.get(record.id) ?? noEvidence
    const next = nextOnPath(record)
    const unit = record.unit ?? system?.unit ?? ''
    const input = { record, evidence, wave: inventory.wave.get(record.wave ?? '') }
    const missing =
      next === undefined
        ? []
        : missingFor({ ...input, to: next, day: dayIn(config.timezone, at), settings: config.migration })
    return {
      record,
      name: system?.name ?? record.id,
      unit: inventory.unit.get(unit)?.name ?? unit,
      evidence,
      ...(next !== undefined && { next }),
      missing,
    }
  })
}

const countedDays = (days: readonly ProbeDay[]): string =>
  days.length === 0 ? '' : `${days.filter(({ counts }) => counts).length}/${days.length}`

const silentCount = (days: readonly SilentDay[]): string =>
  days.length === 0 ? '' : `${silentSinceAnswer(days)}/${days.length}`

const columns = (zone: string): readonly Column<Standing>[] => [
  { header: '系统', read: ({ record }) => record.id },
  { header: '名称', read: ({ name }) => name, least: 12 },
  { header: '责任单位', read: ({ unit }) => unit, least: 8, optional: true },
  { header: '批次', read: ({ record }) => record.wave ?? '' },
  {
    header: '迁移方式',
    read: ({ record: { decision } }) => (decision === undefined ? '' : decisionLabels[decision]),
    optional: true,
  },
  { header: '状态', read: ({ record }) => stateLabels[record.state] },
  {
    header: '进入日期',
    read: ({ record: { moves, stateSince } }) => {
      const last = moves.at(-1)
      return last === undefined ? (stateSince ?? '') : dayIn(zone, Date.parse(last.at))
    },
    optional: true,
  },
  { header: '试运行有效日', read: ({ evidence }) => countedDays(evidence.probeDays), optional: true },
  { header: '原址静默日', read: ({ evidence }) => silentCount(evidence.silentDays), optional: true },
  { header: '下一步缺', read: ({ missing }) => [...new Set(missing.map(({ gate }) => gate))].join(' ') },
  {
    header: '越过',
    read: ({ record }) => String(record.moves.filter(({ override }) => override !== undefined).length || ''),
    align: 'right',
  },
]

export class MigrationList extends YiwangCommand {
  static override readonly summary =
    'systems that move to the cloud, and what the next step of each still needs'
  static override readonly examples = [
    '<%= config.bin %> migration list',
    '<%= config.bin %> migration list --state 试运行 --as-of 2018-06-30 --csv',
  ]
  static override readonly flags = {
    region: selectorFlags.region,
    unit: selectorFlags.unit,
    state: Flags.string({ summary: `only in this state: ${listed(stateLabels)}` }),
    wave: Flags.string({ summary: 'only of this wave', helpValue: 'ID' }),
    ...asOfFlag,
    ...csvFlag,
  }

  async run(): Promise<readonly Standing[]> {
    const { flags } = await this.parse(MigrationList)
    const config = this.configuration(flags)
    const at = instantOf(flags['as-of'], config.timezone, Date.now())
    const state = flags.state === undefined ? undefined : codeOf(stateLabels, flags.state, '--state')
    await using store = await this.openInventory(config)
    const inventory = await store.read()
    if (flags.wave !== undefined && !inventory.wave.has(flags.wave))
      throw new UsageFault([{ where: '--wave', message: `expected the id of a wave, got ${flags.wave}` }])
    const records = select(inventory, 'migration', { region: flags.region, unit: flags.unit })
      .filter((record) => flags.wave === undefined || record.wave === flags.wave)
      .filter((record) => state === undefined || recordAt(record, at).state === state)
    const standings = standingsOf({ config, inventory, records, at })
    if (!this.jsonEnabled()) {
      this.line((flags.csv ? csv : table)(columns(config.timezone), standings))
      this.note(`${standings.length} systems as of ${new Date(at).toISOString()}`)
    }
    return standings
  }
}

const moveColumns: readonly Column<Move>[] = [
  { header: '时间', read: ({ at }) => at },
  { header: '经办人', read: ({ by }) => by },
  { header: '变动', read: ({ from, to }) => `${stateLabels[from]} → ${stateLabels[to]}` },
  { header: '原因', read: ({ reason }) => reason, least: 12 },
  {
    header: '越过',
    read: ({ override, missing = [] }) =>
      override === undefined ? '' : `${override}（缺：${missing.join('；')}）`,
    least: 12,
  },
]

const probeDayColumns: readonly Column<ProbeDay>[] = [
  { header: '试运行日', read: ({ day }) => day },
  { header: '应探测', read: ({ scheduled }) => String(scheduled), align: 'right' },
  { header: '已探测', read: ({ ran }) => String(ran), align: 'right' },
  { header: '正常', read: ({ up }) => String(up), align: 'right' },
  { header: '有效', read: ({ counts }) => (counts ? '是' : '否') },
  { header: '不足', read: ({ short, failing }) => [...new Set([...short, ...failing])].join(' '), least: 12 },
]

const silenceLabels: Readonly<Record<SilentDay['standing'], string>> = {
  silent: '静默',
  answered: '仍有应答',
  unknown: '未知',
}

const silentDayColumns: readonly Column<SilentDay>[] = [
  { header: '原址观察日', read: ({ day }) => day },
  { header: '结论', read: ({ standing }) => silenceLabels[standing] },
  { header: '仍应答', read: ({ answered }) => answered.join(' '), least: 12 },
  { header: '无对照的探测', read: ({ uncontrolled }) => String(uncontrolled || ''), align: 'right' },
]

const factsOf = ({ record, name, unit }: Standing): readonly string[] => {
  const { id, state, reason, basis, wave, decision, dependsOn, oldEndpoints, newEndpoints, cloud } = record
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['系统', `${id} ${name}`],
    ['责任单位', unit],
    ['状态', `${stateLabels[state]} (${state})`],
    ['原因', reason],
    ['依据', basis],
    ['迁移方式', decision && decisionLabels[decision]],
    ['批次', wave],
    ['依赖系统', dependsOn.join(' ')],
    ['原地址', oldEndpoints.join(' ')],
    ['新地址', newEndpoints.join(' ')],
    ['政务云', cloud],
    [
      '文件',
      record.documents.map((each) => `${documentLabels[each.kind]} ${each.name} ${each.date}`).join('；'),
    ],
  ]
  return facts.flatMap(([label, text = '']) => (text === '' ? [] : [`${label}：${text}`]))
}

const nextLines = ({ next, missing }: Standing): readonly string[] => {
  if (next === undefined) return []
  const label = `next: ${next} (${stateLabels[next as keyof typeof stateLabels]})`
  return missing.length === 0
    ? [`${label}, nothing is missing`]
    : [`${label}, missing:`, ...missing.map(({ gate, message }) => `  ${gate}: ${message}`)]
}

const section = <Row>(tableColumns: readonly Column<Row>[], rows: readonly Row[]): readonly string[] =>
  rows.length === 0 ? [] : ['', table(tableColumns, rows)]

export class MigrationShow extends YiwangCommand {
  static override readonly summary = 'one system that moves: facts, moves, days of evidence, what is missing'
  static override readonly examples = ['<%= config.bin %> migration show s-oa --as-of 2018-06-30']
  static override readonly args = { system: Args.string({ required: true, description: 'id of the system' }) }
  static override readonly flags = asOfFlag

  async run(): Promise<Standing> {
    const { args, flags } = await this.parse(MigrationShow)
    const config = this.configuration(flags)
    const at = instantOf(flags['as-of'], config.timezone, Date.now())
    await using store = await this.openInventory(config)
    const inventory = await store.read()
    const records = [migrationOf(inventory, args.system)]
    const [standing] = standingsOf({ config, inventory, records, at })
    if (standing === undefined) throw new Error('a record has a standing')
    const { record, evidence } = standing
    this.line(
      [
        ...factsOf(standing),
        ...nextLines(standing),
        ...section(moveColumns, record.moves),
        ...section(probeDayColumns, evidence.probeDays),
        ...section(silentDayColumns, evidence.silentDays),
      ].join('\n'),
    )
    return standing
  }
}
