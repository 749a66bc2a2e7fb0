import type { Assessment, Asset } from '../../../inventory/mlps/index.ts'
import { type Clue, type CluesOf, cluesBySubject } from './clues.ts'
import type { Evidence, EvidenceInput } from './evidence.ts'
import { currentAssessments, type Place, placesOf } from './subjects.ts'

/** One assessment with all that was seen on its assets. */
export interface Examined {
  readonly assessment: Assessment
  readonly assets: readonly Asset[]
  readonly evidence: readonly Evidence[]
}

const evidenceFrom = ({ asset, items }: Place, { items: spoken, ...clue }: Clue): readonly Evidence[] =>
  spoken
    .filter((item) => items.has(item))
    .map((item) => ({ ...clue, item, assessment: asset.assessment, asset: asset.id }))

const evidenceAt = (place: Place, cluesOf: CluesOf): readonly Evidence[] =>
  place.subjects.flatMap(cluesOf).flatMap((clue) => evidenceFrom(place, clue))

/** Assessment by assessment, so that who has other work can do it in between. */
export function* examine(input: EvidenceInput): Generator<Examined, void> {
  const { inventory } = input
  const cluesOf = cluesBySubject(input)
  const assetsOf = Map.groupBy(inventory.asset.values(), ({ assessment }) => assessment)
  for (const assessment of currentAssessments(inventory)) {
    const assets = assetsOf.get(assessment.id) ?? []
    const places = placesOf(inventory, assessment, assets)
    yield { assessment, assets, evidence: places.flatMap((place) => evidenceAt(place, cluesOf)) }
  }
}
