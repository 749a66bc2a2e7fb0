import type { Remediation, Result } from '../../inventory/mlps/index.ts'
import type { Day } from '../core/day.ts'
import type { ItemResult } from './combine.ts'
import { type Hazard, scenarioIds, scenariosOf } from './hazards.ts'
import { isOpen, type Measure, measureOn } from './remediation.ts'

/** Worst first; a list of high-risk scenarios is evidence of risk, not a judgement of it. */
export const riskLabels = {
  hazard: '重大风险隐患',
  'possible-hazard': '可能构成重大风险隐患',
  'high-risk': '高风险情形',
  other: '一般',
} as const
export type Risk = keyof typeof riskLabels

/** An item that does not conform. */
export interface Gap {
  readonly item: string
  readonly topic: string
  readonly result: Result
  readonly risk: Risk
  /** Scenarios of every list that the item belongs to. */
  readonly scenarios: readonly string[]
  readonly assets: readonly { readonly id: string; readonly name: string; readonly result: Result }[]
  /** All that is wrong with it is waived. */
  readonly waived: boolean
  readonly remediations: readonly Measure[]
  /** Sum of what was estimated; undefined where nobody did, or not for every open measure. */
  readonly effortDays: number | undefined
}

const judgementsOf = (hazards: readonly Hazard[]): ReadonlyMap<string, Hazard['judgement']> =>
  new Map(hazards.map(({ scenario, judgement }) => [scenario, judgement]))

interface Lists {
  readonly major: ReadonlySet<string>
  readonly high: ReadonlySet<string>
  readonly judgements: ReadonlyMap<string, Hazard['judgement']>
}

const riskOf = ({ item }: ItemResult, { major, high, judgements }: Lists): Risk => {
  const found = scenariosOf(item, major).map((scenario) => judgements.get(scenario))
  if (found.includes('confirmed')) return 'hazard'
  if (found.includes('unjudged')) return 'possible-hazard'
  return scenariosOf(item, high).length > 0 ? 'high-risk' : 'other'
}

const effortOf = (remediations: readonly Remediation[]): number | undefined => {
  const open = remediations.filter(isOpen)
  return open.length === 0 || open.some(({ effortDays }) => effortDays === undefined)
    ? undefined
    : open.reduce((sum, { effortDays = 0 }) => sum + effortDays, 0)
}

const gapOf = (itemResult: ItemResult, lists: Lists, remediations: readonly Remediation[], day: Day): Gap => {
  const { item, result, afterWaivers, assets } = itemResult
  return {
    item: item.id,
    topic: item.topic,
    result,
    risk: riskOf(itemResult, lists),
    scenarios: item.risks.map(({ scenario }) => scenario),
    assets: assets
      .filter((each) => each.result === 'fails' || each.result === 'partial')
      .map(({ asset, result }) => ({ id: asset.id, name: asset.name, result })),
    waived: afterWaivers !== 'fails' && afterWaivers !== 'partial',
    remediations: remediations.map((each) => measureOn(each, day)),
    effortDays: effortOf(remediations),
  }
}

const risks = Object.keys(riskLabels)

/** Risk, then 不符合 before 部分符合, then the least effort; what nobody has estimated comes last. */
const worstFirst = (left: Gap, right: Gap): number =>
  risks.indexOf(left.risk) - risks.indexOf(right.risk) ||
  Number(left.result === 'partial') - Number(right.result === 'partial') ||
  byEffort(left, right) ||
  left.assets.length - right.assets.length ||
  (left.item < right.item ? -1 : 1)

/** The least effort first; unknown effort last. */
export const byEffort = ({ effortDays: left }: Gap, { effortDays: right }: Gap): number =>
  left === undefined || right === undefined
    ? Number(left === undefined) - Number(right === undefined)
    : left - right

export const gapsOf = (
  results: readonly ItemResult[],
  hazards: readonly Hazard[],
  remediations: readonly Remediation[],
  day: Day,
): readonly Gap[] => {
  const lists: Lists = {
    major: scenarioIds('major-hazard-2025'),
    high: new Set([...scenarioIds('high-risk-2020'), ...scenarioIds('high-risk-2025')]),
    judgements: judgementsOf(hazards),
  }
  const measures = Map.groupBy(remediations, ({ item }) => item)
  return results
    .filter(({ result }) => result === 'fails' || result === 'partial')
    .map((each) => gapOf(each, lists, measures.get(each.item.id) ?? [], day))
    .sort(worstFirst)
}
