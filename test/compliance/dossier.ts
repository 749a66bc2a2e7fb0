import { asset, assessment, type Finding, type Result } from '../../inventory/mlps/assessment.ts'
import { catalogue } from '../../inventory/mlps/index.ts'
import type { Dossier } from '../../src/compliance/conclude.ts'

export const items = catalogue(3)
export const day = '2026-11-26'

/** A level 3 system with one asset that every item is looked at on, each with the result given by its place. */
export const dossierOf = (
  results: readonly (Result | undefined)[],
  more: Partial<Dossier> & { readonly hazards?: readonly object[] } = {},
): Dossier => {
  const { hazards = [], ...parts } = more
  const findings: Record<string, Pick<Finding, 'result'>> = {}
  for (const [index, result] of results.entries()) {
    const item = items[index]
    if (item !== undefined && result !== undefined) findings[item.id] = { result }
  }
  return {
    assessment: assessment.parse({ id: 'a-1', name: '甲系统', object: 'system', level: 3, hazards }),
    assets: [asset.parse({ id: 'x', assessment: 'a-1', name: '甲', kind: 'server', results: findings })],
    waivers: [],
    remediations: [],
    ...parts,
  }
}

/** Items of the catalogue that conform, then those that do not, then 不适用. */
export const counted = (conforming: number, failing: number): readonly Result[] =>
  items.map((_, index) =>
    index < conforming ? 'conforms' : index < conforming + failing ? 'fails' : 'not-applicable',
  )
