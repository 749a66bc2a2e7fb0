import type { Inventory } from '../../inventory/store.ts'
import type { Dossier } from './conclude.ts'

const byAssessment = <R extends { readonly assessment: string }>(
  records: ReadonlyMap<string, R>,
): ReadonlyMap<string, readonly R[]> => Map.groupBy(records.values(), ({ assessment }) => assessment)

/** Every assessment of the inventory with what belongs to it, in the order of their ids. */
export const dossiersOf = (inventory: Inventory): readonly Dossier[] => {
  const assets = byAssessment(inventory.asset)
  const waivers = byAssessment(inventory.waiver)
  const remediations = byAssessment(inventory.remediation)
  return [...inventory.assessment.values()].map((assessment) => ({
    assessment,
    assets: assets.get(assessment.id) ?? [],
    waivers: waivers.get(assessment.id) ?? [],
    remediations: remediations.get(assessment.id) ?? [],
  }))
}
