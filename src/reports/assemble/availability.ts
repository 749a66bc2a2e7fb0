import type { Level } from '../../core/target.ts'
import type { Block } from '../model.ts'
import { difference, type Field, heading, paragraph, percentOf, tableOf } from './blocks.ts'
import type { Looks, ReportInput } from './input.ts'
import type { Scene } from './scene.ts'

/** How well targets of one place or level answered. */
export interface Answered {
  /** Targets that are to be looked at. */
  readonly targets: number
  /** Targets of which at least one look tells something. */
  readonly seen: number
  /** 0 to 100: mean over the targets that were seen; absent where none was. */
  readonly percent: number | undefined
}

export interface Availability {
  /** Whether any look tells anything. */
  readonly hasData: boolean
  /** Nodes by region code of six digits. */
  readonly byCounty: ReadonlyMap<string, Answered>
  readonly byLevel: ReadonlyMap<Level, Answered>
  readonly systems: Answered
}

const answered = (targets: readonly string[], looks: ReadonlyMap<string, Looks>): Answered => {
  const percents = targets.flatMap((id) => {
    const { up = 0, down = 0 } = looks.get(id) ?? {}
    return percentOf(up, up + down) ?? []
  })
  const sum = percents.reduce((total, each) => total + each, 0)
  return {
    targets: targets.length,
    seen: percents.length,
    percent: percents.length === 0 ? undefined : sum / percents.length,
  }
}

const idsOf = (records: Iterable<{ readonly id: string }>): readonly string[] => [...records].map(({ id }) => id)

const mapped = <Key>(
  groups: ReadonlyMap<Key, readonly { readonly id: string }[]>,
  looks: ReadonlyMap<string, Looks>,
): ReadonlyMap<Key, Answered> =>
  new Map([...groups].map(([key, records]) => [key, answered(idsOf(records), looks)]))

/** First six digits of a region code: the county that a township lies in. */
export const countyOf = (region: string): string => region.slice(0, 6)

export const availabilityOf = (
  { inventory, unit }: ReportInput,
  all: readonly Looks[],
): Availability => {
  const looks = new Map(all.map((each) => [each.target, each]))
  const isMeant = (each: { readonly state: string; readonly unit?: string | undefined }): boolean =>
    each.state === 'active' && (unit === undefined || each.unit === unit)
  const nodes = [...inventory.node.values()].filter(isMeant)
  const systems = [...inventory.system.values()].filter(isMeant)
  return {
    hasData: all.some(({ up, down }) => up + down > 0),
    byCounty: mapped(Map.groupBy(nodes, ({ region }) => countyOf(region)), looks),
    byLevel: mapped(Map.groupBy(nodes, ({ level }) => level), looks),
    systems: answered(idsOf(systems), looks),
  }
}

const levelNames: Readonly<Record<Level, string>> = {
  province: '省级节点',
  city: '市级节点',
  county: '县级节点',
  township: '乡级节点',
}

interface Row {
  readonly name: string
  readonly now: Answered
  readonly before: Answered | undefined
}

const fields: readonly Field<Row>[] = [
  { title: '类别', format: 'text', width: 2, read: ({ name }) => name },
  { title: '应测', format: 'integer', read: ({ now }) => now.targets },
  { title: '有数据', format: 'integer', read: ({ now }) => now.seen },
  { title: '无数据', format: 'integer', read: ({ now }) => now.targets - now.seen },
  { title: '可用率', format: 'percent', read: ({ now }) => now.percent },
  {
    title: '较上期',
    format: 'change',
    read: ({ now, before }) => difference(now.percent, before?.percent),
  },
]

export const availabilityNote =
  '可用率为各对象“成功次数÷（成功＋失败次数）”的平均值；无法判断的探测不计入，无数据的对象不按零计。'

export const availabilitySection = ({ availability, availabilityBefore }: Scene): readonly Block[] => {
  const title = heading(1, '网络与系统可用性')
  if (!availability.hasData) return [title, paragraph('本期没有探测数据，不作可用性统计。')]
  const levels = (Object.keys(levelNames) as readonly Level[]).flatMap((level): readonly Row[] => {
    const now = availability.byLevel.get(level)
    return now === undefined
      ? []
      : [{ name: levelNames[level], now, before: availabilityBefore.byLevel.get(level) }]
  })
  const systems = { name: '信息系统', now: availability.systems, before: availabilityBefore.systems }
  return [
    title,
    tableOf('各级节点和系统可用率', fields, [...levels, ...(systems.now.targets > 0 ? [systems] : [])], availabilityNote),
  ]
}
