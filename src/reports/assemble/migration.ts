import { type Migration, stateAt, stateLabels } from '../../../inventory/migration/index.ts'
import type { Block, Chart, Sheet } from '../model.ts'
import { endOfDay } from '../../core/day.ts'
import {
  burnDown,
  type FunnelStep,
  funnelOf,
  type Override,
  overridesOf,
  type Slip,
  slipsOf,
} from '../../migration/progress.ts'
import { missingLabels } from '../../migration/gates.ts'
import { type WaveStanding, waveStandings } from '../../migration/waves.ts'
import { difference, type Field, heading, paragraph, tableOf, unitName } from './blocks.ts'
import type { Scene } from './scene.ts'

/** 系统迁移: funnel, waves, slips, what is left. */

interface Movers {
  readonly records: readonly Migration[]
  /** Milliseconds since the epoch: the cut-off, and the end of the period before. */
  readonly at: number
  readonly before: number
}

const systemName = ({ input: { inventory } }: Scene, id: string): string =>
  inventory.system.get(id)?.name ?? id

const moversOf = ({ input, contextBefore }: Scene): Movers => {
  const { inventory, context, unit } = input
  const records = [...inventory.migration.values()].filter(
    ({ id, unit: own }) => unit === undefined || (own ?? inventory.system.get(id)?.unit) === unit,
  )
  return { records, at: context.now, before: contextBefore.now }
}

const funnelPart = ({ records, at, before }: Movers): Block => {
  const earlier = new Map(funnelOf(records, before).map((step) => [step.state, step]))
  const fields: readonly Field<FunnelStep>[] = [
    { title: '状态', format: 'text', width: 2, read: ({ label }) => label },
    { title: '系统数', format: 'integer', read: ({ count }) => count },
    {
      title: '较上期',
      format: 'change',
      read: ({ state, count }) => difference(count, earlier.get(state)?.count),
    },
    { title: '到达及以后', format: 'integer', read: ({ reached }) => reached },
  ]
  return tableOf(
    '系统迁移漏斗',
    fields,
    funnelOf(records, at),
    `登记迁移的系统共 ${records.length} 个。“到达及以后”含已越过该状态的系统。`,
  )
}

const waveFields: readonly Field<WaveStanding>[] = [
  { title: '批次', format: 'text', width: 3, read: ({ wave }) => wave.name },
  { title: '开始', format: 'text', width: 1.8, read: ({ wave }) => wave.startsOn },
  { title: '结束', format: 'text', width: 1.8, read: ({ wave }) => wave.endsOn },
  { title: '系统', format: 'integer', read: ({ systems }) => systems },
  { title: '完成', format: 'integer', read: ({ done }) => done },
  { title: '不迁', format: 'integer', read: ({ outOfScope }) => outOfScope },
]

const slipFields = (scene: Scene): readonly Field<Slip>[] => [
  { title: '系统', format: 'text', width: 4, read: ({ system }) => systemName(scene, system) },
  {
    title: '批次',
    format: 'text',
    width: 2.4,
    read: ({ wave }) => scene.input.inventory.wave.get(wave)?.name ?? wave,
  },
  { title: '状态', format: 'text', width: 2, read: ({ state }) => stateLabels[state] },
  { title: '计划完成', format: 'text', width: 1.8, read: ({ plannedOn }) => plannedOn },
  { title: '延期日数', format: 'integer', width: 1.2, read: ({ days }) => days },
]

const mostNamed = 30

const slipsPart = (scene: Scene, { records, at }: Movers): readonly Block[] => {
  const { inventory, context } = scene.input
  const slips = slipsOf(records, inventory.wave, { at, zone: context.timeZone })
  const open = slips.filter(({ doneOn }) => doneOn === undefined)
  const rest = open.length - mostNamed
  return [
    heading(2, '延期系统'),
    open.length === 0
      ? paragraph('没有超过批次计划而未完成的系统。')
      : tableOf(
          '超过批次计划而未完成的系统',
          slipFields(scene),
          open.slice(0, mostNamed),
          rest > 0 ? `另有 ${rest} 个系统，见工作簿“系统迁移台账”。` : undefined,
        ),
  ]
}

const burnDownChart = (scene: Scene, { records, at }: Movers): Chart => {
  const { inventory, context } = scene.input
  const points = burnDown(records, inventory.wave, { at, zone: context.timeZone })
  return {
    kind: 'chart',
    caption: '系统迁移燃尽图',
    shape: 'lines',
    unit: '个',
    categories: points.map(({ day }) => day.slice(5)),
    series: [
      { name: '计划剩余', values: points.map(({ planned }) => planned) },
      { name: '实际剩余', values: points.map(({ remaining }) => remaining) },
    ],
  }
}

/** Gates that were overridden in the period. */
const overridesPart = (scene: Scene, { records, at, before }: Movers): readonly Block[] => {
  const recent = overridesOf(records, at).filter(({ move }) => Date.parse(move.at) > before)
  if (recent.length === 0) return []
  const fields: readonly Field<Override>[] = [
    { title: '系统', format: 'text', width: 2, read: ({ system }) => systemName(scene, system) },
    {
      title: '迁移步骤',
      format: 'text',
      width: 2,
      read: ({ move }) => `${stateLabels[move.from]} → ${stateLabels[move.to]}`,
    },
    { title: '批准人', format: 'text', read: ({ move }) => move.by },
    { title: '理由', format: 'text', width: 2, read: ({ move }) => move.override },
    {
      title: '缺少',
      format: 'text',
      width: 3,
      read: ({ move }) => move.missing && missingLabels(move.missing).join('；'),
    },
  ]
  return [heading(2, '未满足条件而放行的步骤'), tableOf('本期放行的步骤', fields, recent)]
}

export const migrationSection = (scene: Scene): readonly Block[] => {
  const movers = moversOf(scene)
  if (movers.records.length === 0) return [heading(1, '系统迁移'), paragraph('没有登记迁移的系统。')]
  const { inventory } = scene.input
  const waves = waveStandings(
    new Map(movers.records.map((each) => [each.id, each])),
    inventory.wave,
    movers.at,
  )
  return [
    heading(1, '系统迁移'),
    funnelPart(movers),
    ...(waves.length === 0 ? [] : [tableOf('迁移批次', waveFields, waves), burnDownChart(scene, movers)]),
    ...slipsPart(scene, movers),
    ...overridesPart(scene, movers),
  ]
}

export const migrationSheets = (scene: Scene): readonly Sheet[] => {
  const { records, at } = moversOf(scene)
  const { inventory, context } = scene.input
  if (records.length === 0) return []
  const slips = new Map(
    slipsOf(records, inventory.wave, { at, zone: context.timeZone }).map((slip) => [slip.system, slip]),
  )
  const fields: readonly Field<Migration>[] = [
    { title: '编号', format: 'text', read: ({ id }) => id },
    { title: '系统', format: 'text', read: ({ id }) => systemName(scene, id) },
    {
      title: '责任单位',
      format: 'text',
      read: ({ id, unit }) => {
        const own = unit ?? inventory.system.get(id)?.unit
        return own === undefined ? undefined : unitName(inventory, own)
      },
    },
    { title: '批次', format: 'text', read: ({ wave }) => inventory.wave.get(wave ?? '')?.name ?? wave },
    { title: '状态', format: 'text', read: (record) => stateLabels[stateAt(record, at)] },
    { title: '计划完成', format: 'text', read: ({ wave }) => inventory.wave.get(wave ?? '')?.endsOn },
    { title: '延期日数', format: 'integer', read: ({ id }) => slips.get(id)?.days },
  ]
  return [{ name: '系统迁移台账', table: tableOf('系统迁移台账', fields, records) }]
}

/** Systems that are left to move at the end of a day. */
export const remainingOn = (scene: Scene, day: string): number | undefined => {
  const { records } = moversOf(scene)
  const { inventory, context } = scene.input
  if (records.length === 0) return undefined
  const at = Math.min(context.now, endOfDay(context.timeZone, day))
  return burnDown(records, inventory.wave, { at, zone: context.timeZone }).findLast(
    ({ remaining }) => remaining !== undefined,
  )?.remaining
}
