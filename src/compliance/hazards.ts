import { type Assessment, type Item, riskLists, scenarioById } from '../../inventory/mlps/index.ts'
import type { ItemResult } from './combine.ts'
import type { HazardCount } from './verdict.ts'

/** A major hazard (重大风险隐患) as it stands: a defect makes one possible, only a person makes it one. */
export interface Hazard {
  readonly scenario: string
  readonly text: string
  readonly judgement: 'confirmed' | 'dismissed' | 'unjudged'
  readonly rectified: boolean
  /** Items with a defect that it belongs to. */
  readonly items: readonly string[]
}

const isDefect = ({ result }: ItemResult): boolean => result === 'fails' || result === 'partial'

/** Scenarios of one list that an item has. */
export const scenariosOf = (item: Item, list: ReadonlySet<string>): readonly string[] =>
  item.risks.map(({ scenario }) => scenario).filter((scenario) => list.has(scenario))

/** Ids of the scenarios of a list. */
export const scenarioIds = (id: ReturnType<typeof riskLists>[number]['id']): ReadonlySet<string> =>
  new Set(
    riskLists()
      .filter((list) => list.id === id)
      .flatMap(({ scenarios }) => scenarios.map((scenario) => scenario.id)),
  )

/** Those that defects suggest, and those that somebody judged; in the order of the list. */
export const hazardsOf = ({ hazards }: Assessment, results: readonly ItemResult[]): readonly Hazard[] => {
  const list = scenarioIds('major-hazard-2025')
  const items = new Map<string, string[]>()
  for (const { item } of results.filter(isDefect))
    for (const scenario of scenariosOf(item, list))
      items.set(scenario, [...(items.get(scenario) ?? []), item.id])
  const judged = new Map(hazards.map((hazard) => [hazard.scenario, hazard]))
  return [...new Set([...items.keys(), ...judged.keys()])].sort().map((scenario) => ({
    scenario,
    text: scenarioById(scenario)?.text ?? '',
    judgement: judged.get(scenario)?.judgement ?? 'unjudged',
    rectified: judged.get(scenario)?.rectified ?? false,
    items: items.get(scenario) ?? [],
  }))
}

export const countHazards = (hazards: readonly Hazard[]): HazardCount => ({
  confirmed: hazards.filter(({ judgement }) => judgement === 'confirmed').length,
  unjudged: hazards.filter(({ judgement }) => judgement === 'unjudged').length,
})
