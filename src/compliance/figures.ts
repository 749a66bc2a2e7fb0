import {
  categoryLabels,
  type CategoryCode,
  type RemediationState,
  type Result,
  resultLabels,
} from '../../inventory/mlps/index.ts'
import { type Dossier, itemResultsOf } from './conclude.ts'
import { type Check, checkLabels, claimsOf } from './evidence/claim.ts'
import type { Examined } from './evidence/collect.ts'
import {
  type EvidenceStanding,
  type SourceKind,
  sourceLabels,
  standingLabels,
  standingOf,
} from './evidence/evidence.ts'
import { type Age, ageOn, ages, type Due, dueOn, isOpen, overdueDays } from './remediation.ts'

/** What the metrics show of one assessment's records on a day. */
export interface RecordFigures {
  readonly assessment: string
  readonly items: readonly {
    readonly category: CategoryCode
    readonly result: Result
    readonly count: number
  }[]
  readonly remediations: readonly {
    readonly state: RemediationState
    readonly due: Due
    readonly count: number
  }[]
  /** The open ones by how long ago the defect was found. */
  readonly ages: readonly { readonly age: Age; readonly count: number }[]
  /** How long the longest overdue one has been so; 0 where none is. */
  readonly overdueSeconds: number
}

const keysOf = <Key extends string>(labels: Readonly<Record<Key, string>>): readonly Key[] =>
  Object.keys(labels) as Key[]

const daySeconds = 86_400

/** Items by category and result, and open remediations; days are `YYYY-MM-DD`. */
export const recordFigures = (dossier: Dossier, day: string): RecordFigures => {
  const results = itemResultsOf(dossier, day)
  const items = Map.groupBy(results, ({ item, result }) => `${item.category} ${result}`)
  const open = dossier.remediations.filter(isOpen)
  const remediations = Map.groupBy(open, (each) => `${each.state} ${dueOn(each, day)}`)
  const byAge = Map.groupBy(open, (each) => ageOn(each, day))
  const categories = keysOf(categoryLabels).filter((code) =>
    results.some(({ item }) => item.category === code),
  )
  return {
    assessment: dossier.assessment.id,
    items: categories.flatMap((category) =>
      keysOf(resultLabels).map((result) => ({
        category,
        result,
        count: items.get(`${category} ${result}`)?.length ?? 0,
      })),
    ),
    remediations: [...remediations.values()].flatMap((group) => {
      const [first] = group
      return first === undefined ? [] : [{ state: first.state, due: dueOn(first, day), count: group.length }]
    }),
    ages: ages.map((age) => ({ age, count: byAge.get(age)?.length ?? 0 })),
    overdueSeconds: daySeconds * Math.max(0, ...open.map((each) => overdueDays(each, day))),
  }
}

/** What the metrics show of one assessment's evidence. */
export interface EvidenceFigures {
  readonly assessment: string
  readonly claims: readonly { readonly check: Check; readonly count: number }[]
  readonly evidence: readonly {
    readonly source: SourceKind
    readonly standing: EvidenceStanding
    readonly count: number
  }[]
  /** When the newest of each source but the inventory itself was seen, milliseconds since the epoch. */
  readonly newest: readonly { readonly source: SourceKind; readonly observedAt: number }[]
}

export const evidenceFigures = (examined: Examined, now: number): EvidenceFigures => {
  const checks = Map.groupBy(claimsOf(examined, now), ({ check }) => check)
  const sources = Map.groupBy(examined.evidence, ({ source }) => source.from)
  return {
    assessment: examined.assessment.id,
    claims: keysOf(checkLabels).map((check) => ({ check, count: checks.get(check)?.length ?? 0 })),
    evidence: keysOf(sourceLabels).flatMap((source) => {
      const found = Map.groupBy(sources.get(source) ?? [], (each) => standingOf(each, now))
      return keysOf(standingLabels).map((standing) => ({
        source,
        standing,
        count: found.get(standing)?.length ?? 0,
      }))
    }),
    newest: [...sources]
      .filter(([source]) => source !== 'record')
      .map(([source, group]) => ({
        source,
        observedAt: group.reduce((latest, { observedAt }) => Math.max(latest, observedAt), -Infinity),
      })),
  }
}
