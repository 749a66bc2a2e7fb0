import type { Device, Node, System, Uplink } from '../../inventory/model.ts'
import type { Inventory } from '../../inventory/store.ts'
import type { Area, Level, Target, TargetId, TargetLabels, Vantage } from '../core/target.ts'

/** County of a region code: its first six digits; a city or a province stands for itself. */
const countyOf = (region: string): string => region.slice(0, 6)

const levelOfCode = (region: string): Level => {
  if (region.length > 6) return 'township'
  if (region.endsWith('0000')) return 'province'
  return region.endsWith('00') ? 'city' : 'county'
}

const target = (labels: Omit<TargetLabels, 'county'>): Target => ({
  id: labels.target,
  labels: { ...labels, county: countyOf(labels.region) },
})

export const nodeTarget = (node: Node): Target =>
  target({
    target: node.id,
    name: node.name,
    region: node.region,
    level: node.level,
    unit: node.unit ?? '',
    class: 'node',
    role: node.kind,
  })

/** An uplink is a target of its own, `<node>/<uplink>`, at its node's place. */
export const uplinkTarget = (node: Node, uplink: Uplink): Target =>
  target({
    target: `${node.id}/${uplink.id}`,
    name: `${node.name}/${uplink.id}`,
    region: node.region,
    level: node.level,
    unit: node.unit ?? '',
    class: 'uplink',
    role: uplink.kind,
  })

export const systemTarget = (system: System, inventory: Inventory): Target =>
  target({
    target: system.id,
    name: system.name,
    region: system.region,
    level: inventory.region.get(system.region)?.level ?? levelOfCode(system.region),
    unit: system.unit ?? '',
    class: 'system',
    role: system.kind,
  })

/** A device has place and unit of the node that it stands at. */
export const deviceTarget = (device: Device, node: Node): Target =>
  target({
    target: device.id,
    name: device.name,
    region: node.region,
    level: node.level,
    unit: node.unit ?? '',
    class: 'device',
    role: device.role,
  })

/**
 * The area to look from: the public one, where an agent stands everywhere; a record that is not in it
 * can only be seen from the first of its own areas.
 */
export const vantageOf = (areas: readonly Area[]): Vantage =>
  areas.includes('public') ? 'public' : (areas[0] ?? 'public')

/** The place that a system moves from or to is a target of its own, `<system>/old` and `<system>/new`. */
export const migrationTargetId = (system: TargetId, side: 'old' | 'new'): TargetId => `${system}/${side}`

export const migrationTarget = (system: System, side: 'old' | 'new', inventory: Inventory): Target => {
  const { labels } = systemTarget(system, inventory)
  const id = migrationTargetId(system.id, side)
  return { id, labels: { ...labels, target: id, class: 'migration', role: side } }
}
