import type { Inventory } from '../../../inventory/store.ts'
import {
  type Assessment,
  type Asset,
  type AssetKind,
  catalogue,
  type MlpsLevel,
} from '../../../inventory/mlps/index.ts'
import type { TargetId } from '../../core/target.ts'
import type { Subject } from './rule.ts'

/** An asset of an assessment, the records that it stands for, and the items that it is asked about. */
export interface Place {
  readonly asset: Asset
  readonly items: ReadonlySet<string>
  readonly subjects: readonly Subject[]
}

/** The record of a node, system or device, or nothing where the inventory has none of that id. */
export const subjectOf = ({ node, system, device }: Inventory, id: TargetId): Subject | undefined => {
  const ownNode = node.get(id)
  if (ownNode !== undefined) return { kind: 'node', record: ownNode, areas: ownNode.areas }
  const ownSystem = system.get(id)
  if (ownSystem !== undefined) return { kind: 'system', record: ownSystem, areas: ownSystem.areas }
  const ownDevice = device.get(id)
  return ownDevice && { kind: 'device', record: ownDevice, areas: node.get(ownDevice.node)?.areas ?? [] }
}

const askedOf = new Map<string, ReadonlySet<string>>()

/** Items that can be shown automatically on an asset of this kind; kept, since there are few kinds. */
const itemsFor = ({ level, cloud }: Assessment, kind: AssetKind): ReadonlySet<string> => {
  const key = `${level} ${cloud} ${kind}`
  const known = askedOf.get(key)
  if (known !== undefined) return known
  const asked = new Set(
    catalogue(level as MlpsLevel, { cloud })
      .filter(({ auto, assets }) => auto !== undefined && assets.includes(kind))
      .map(({ id }) => id),
  )
  askedOf.set(key, asked)
  return asked
}

/** The assessments whose results are claims of today: those that no later one goes on from. */
export const currentAssessments = ({ assessment }: Inventory): readonly Assessment[] => {
  const continued = new Set([...assessment.values()].map(({ previous }) => previous))
  return [...assessment.values()].filter(({ id }) => !continued.has(id))
}

/**
 * The places of an assessment. An asset stands for the record that it names; the management system (管理体系) stands
 * for everything that the assessment looks at.
 */
export const placesOf = (
  inventory: Inventory,
  assessment: Assessment,
  assets: readonly Asset[],
): readonly Place[] => {
  const named = new Set(
    [assessment.system, ...assets.map(({ target }) => target)].filter((id) => id !== undefined),
  )
  const all = [...named].flatMap((id) => subjectOf(inventory, id) ?? [])
  return assets.map((asset) => ({
    asset,
    items: itemsFor(assessment, asset.kind),
    subjects:
      asset.target === undefined && asset.kind === 'management'
        ? all
        : all.filter(({ record }) => record.id === asset.target),
  }))
}
