import type { Node } from '../../inventory/model.ts'
import type { TargetId } from '../core/target.ts'
import type { Slots } from './listed.ts'
import type { Work } from './slices.ts'
import { type Standing, type Topology, layOut, tracing } from './topology.ts'

/** The topology of one inventory, from one judgement to the next. */
export interface Tracer {
  topology(): Topology
  /** Traces it anew; returns the targets of which it says something now or said something before. */
  retrace(standings: readonly Standing[]): Work<readonly number[]>
}

const isActive = ({ state }: Node): boolean => state === 'active'

/** `hosts` names, for each target in its slot, the node without which it cannot be reached. */
export const createTracer = (
  nodes: Iterable<Node>,
  hosts: readonly (TargetId | undefined)[],
  slots: Slots,
): Tracer => {
  const layout = layOut([...nodes].filter(isActive))
  const slotOf = ({ id }: { readonly id: TargetId }): number => slots.get(id) ?? -1
  const pointSlots = layout.points.map(slotOf)
  const lineSlots = layout.lines.map(slotOf)
  const guests = [...hosts.keys()].filter((slot) => hosts[slot] !== undefined)
  let topology: Topology = { dead: new Set(), causes: new Map(), deadUplinks: new Map() }

  const touched = ({ causes, deadUplinks, dead }: Topology): readonly number[] => [
    ...[...causes.keys(), ...deadUplinks.keys()].map((id) => slotOf({ id })),
    ...(dead.size === 0 ? [] : guests.filter((slot) => dead.has(hosts[slot] ?? ''))),
  ]

  return {
    topology: () => topology,
    *retrace(standings) {
      const standingAt = (slot: number): Standing => standings[slot] ?? 'silent'
      const before = touched(topology)
      yield
      topology = yield* tracing(layout, {
        points: pointSlots.map(standingAt),
        lines: lineSlots.map(standingAt),
      })
      yield
      return [...before, ...touched(topology)]
    },
  }
}
