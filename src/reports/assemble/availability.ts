import type { Level } from '../../core/target.ts'
import { percentOf } from './blocks.ts'
import type { Looks, ReportInput } from './input.ts'

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

/** Means of equal things differ in their last digits, by the order of adding. */
const settled = (percent: number): number => Number(percent.toFixed(9))

const answered = (targets: readonly string[], looks: ReadonlyMap<string, Looks>): Answered => {
  const percents = targets.flatMap((id) => {
    const { up = 0, down = 0 } = looks.get(id) ?? {}
    return percentOf(up, up + down) ?? []
  })
  const sum = percents.reduce((total, each) => total + each, 0)
  return {
    targets: targets.length,
    seen: percents.length,
    percent: percents.length === 0 ? undefined : settled(sum / percents.length),
  }
}

const idsOf = (records: Iterable<{ readonly id: string }>): readonly string[] =>
  [...records].map(({ id }) => id)

const mapped = <Key>(
  groups: ReadonlyMap<Key, readonly { readonly id: string }[]>,
  looks: ReadonlyMap<string, Looks>,
): ReadonlyMap<Key, Answered> =>
  new Map([...groups].map(([key, records]) => [key, answered(idsOf(records), looks)]))

/** First six digits of a region code: the county that a township lies in. */
export const countyOf = (region: string): string => region.slice(0, 6)

export const availabilityOf = ({ inventory, unit }: ReportInput, all: readonly Looks[]): Availability => {
  const looks = new Map(all.map((each) => [each.target, each]))
  const isMeant = (each: { readonly state: string; readonly unit?: string | undefined }): boolean =>
    each.state === 'active' && (unit === undefined || each.unit === unit)
  const nodes = [...inventory.node.values()].filter(isMeant)
  const systems = [...inventory.system.values()].filter(isMeant)
  return {
    hasData: all.some(({ up, down }) => up + down > 0),
    byCounty: mapped(
      Map.groupBy(nodes, ({ region }) => countyOf(region)),
      looks,
    ),
    byLevel: mapped(
      Map.groupBy(nodes, ({ level }) => level),
      looks,
    ),
    systems: answered(idsOf(systems), looks),
  }
}

export const availabilityNote =
  '可用率为各对象“成功次数÷（成功＋失败次数）”的平均值；无法判断的探测不计入，无数据的对象不按零计。'
