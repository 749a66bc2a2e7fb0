import {
  type Assessment,
  type Asset,
  catalogue,
  type Category,
  holds,
  type MlpsLevel,
  outline,
  type Remediation,
  type Result,
  type Waiver,
} from '../../inventory/mlps/index.ts'
import { combineItems, type ItemResult } from './combine.ts'
import { type Edge, edgesOf } from './edges.ts'
import { byEffort, type Gap, gapsOf } from './gaps.ts'
import { countHazards, type Hazard, hazardsOf } from './hazards.ts'
import { type Tally, tally } from './rate.ts'
import { type Margin, margins, possibleVerdicts, type Verdict } from './verdict.ts'

/** An assessment with everything that belongs to it. */
export interface Dossier {
  readonly assessment: Assessment
  readonly assets: readonly Asset[]
  readonly waivers: readonly Waiver[]
  readonly remediations: readonly Remediation[]
}

export interface Standing {
  readonly tally: Tally
  /** What remains possible, worst first: one where the conclusion is certain, none where nothing counts. */
  readonly verdicts: readonly Verdict[]
}

export interface PartStanding {
  readonly name: string
  readonly clause: string
  readonly tally: Tally
}

export interface CategoryStanding extends PartStanding {
  readonly code: Category['code']
  readonly controlPoints: readonly PartStanding[]
}

/** What would lead to a better conclusion, or to a worse one. */
export interface Way extends Margin {
  /** Gaps that suffice, those of least effort first; fewer than `items` where untested items must conform too. */
  readonly gaps: readonly string[]
}

export interface Conclusion {
  readonly assessment: string
  readonly template: '2025'
  /** As the rule has it: it knows no waivers. */
  readonly standing: Standing
  /** For the owner only: what is waived leaves the count; hazards stay. */
  readonly afterWaivers: Standing
  /** Waivers in force on the day that was asked about. */
  readonly waivers: number
  readonly hazards: readonly Hazard[]
  readonly categories: readonly CategoryStanding[]
  readonly gaps: readonly Gap[]
  readonly ways: readonly Way[]
  readonly edges: readonly Edge[]
}

const levelOf = ({ level }: Assessment): MlpsLevel => (level === 2 ? 2 : 3)

interface Checklist {
  readonly items: ReturnType<typeof catalogue>
  readonly categories: readonly Category[]
}

const checklists = new Map<string, Checklist>()

/** What is asked for, in the order of the standard; kept, since a city has hundreds of assessments of few kinds. */
const checklistOf = (assessment: Assessment): Checklist => {
  const level = levelOf(assessment)
  const key = `${level} ${assessment.cloud}`
  const { cloud } = assessment
  const checklist = checklists.get(key) ?? {
    items: catalogue(level, { cloud }),
    categories: outline(level, { cloud }),
  }
  checklists.set(key, checklist)
  return checklist
}

/** Results by item on a day (`YYYY-MM-DD`, that of the waivers). */
export const itemResultsOf = (
  { assessment, assets, waivers }: Omit<Dossier, 'remediations'>,
  day: string,
): readonly ItemResult[] =>
  combineItems(
    checklistOf(assessment).items,
    assets,
    waivers.filter((waiver) => holds(waiver, day)),
  )

const categoriesOf = (
  assessment: Assessment,
  results: readonly ItemResult[],
): readonly CategoryStanding[] => {
  const byId = new Map(results.map(({ item, result }) => [item.id, result]))
  const tallyOf = ({ items }: Pick<Category, 'items'>): Tally =>
    tally(items.map(({ id }): Result => byId.get(id) ?? 'untested'))
  return checklistOf(assessment).categories.map((category) => ({
    code: category.code,
    name: category.name,
    clause: category.clause,
    tally: tallyOf(category),
    controlPoints: category.controlPoints.map((point) => ({
      name: point.name,
      clause: point.clause,
      tally: tallyOf(point),
    })),
  }))
}

const waysOf = (ways: readonly Margin[], gaps: readonly Gap[]): readonly Way[] => {
  const easiest = gaps.toSorted(byEffort).map(({ item }) => item)
  return ways.map((way) => ({ ...way, gaps: easiest.slice(0, Math.max(0, way.items)) }))
}

/** The conclusion of an assessment on a day, by the rule of 2025 as far as it is public; no score of 2019 or 2021. */
export const conclude = (dossier: Dossier, day: string): Conclusion => {
  const results = itemResultsOf(dossier, day)
  const hazards = hazardsOf(dossier.assessment, results)
  const count = countHazards(hazards)
  const gaps = gapsOf(results, hazards, dossier.remediations, day)
  const before = tally(results.map(({ result }) => result))
  const after = tally(results.map(({ afterWaivers }) => afterWaivers))
  return {
    assessment: dossier.assessment.id,
    template: '2025',
    standing: { tally: before, verdicts: possibleVerdicts(before, count) },
    afterWaivers: { tally: after, verdicts: possibleVerdicts(after, count) },
    waivers: dossier.waivers.filter((waiver) => holds(waiver, day)).length,
    hazards,
    categories: categoriesOf(dossier.assessment, results),
    gaps,
    ways: waysOf(margins(before, count), gaps),
    edges: edgesOf({ results, tally: before, hazards: count }),
  }
}
