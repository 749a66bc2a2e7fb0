import type { CellDifference, ImportPlan } from '../../inventory/exchange/index.ts'
import type { Asked, FoundAgent, Neighbour } from '../../probes/snmp/discovery/index.ts'
import type { AgentCause } from '../core/outcome.ts'
import { needsNode } from './import-file.ts'
import type { Proposal } from './propose.ts'

/** A line between two devices, as one of them hears it: a hint, not a fact of the inventory. */
export interface Link extends Neighbour {
  /** Id of the device that hears it, in the inventory or as proposed. */
  readonly device: string
  /** Id of the neighbour, where it is one of these. */
  readonly neighbour?: string | undefined
}

export interface FoundDevice extends Omit<FoundAgent, 'neighbours'> {
  /** Its id in the inventory, or as proposed. */
  readonly device: string
  readonly standing: Proposal['standing']
  /** Absent where a person must say it. */
  readonly node?: string | undefined
  readonly alsoAt: readonly string[]
  /** How many of `links` are its own. */
  readonly neighbourCount: number
}

/** What a discovery came to. Nothing of it is in the inventory. */
export interface DiscoveryReport {
  readonly range: string
  /** Addresses in the range, and those that were asked to the end. */
  readonly addresses: number
  readonly asked: number
  readonly found: readonly FoundDevice[]
  readonly links: readonly Link[]
  readonly refused: readonly { readonly address: string; readonly detail: string }[]
  readonly silent: number
  /** Hosts without an agent, and addresses that there is no way to. */
  readonly none: number
  readonly failed: readonly { readonly cause: AgentCause; readonly detail: string; readonly count: number }[]
  /** Ids of proposed devices whose node a person must fill in. */
  readonly needNode: readonly string[]
  /** What importing the others would change. */
  readonly difference: Pick<ImportPlan, 'added' | 'changed' | 'unchanged'> & {
    readonly cells: readonly CellDifference[]
  }
}

const linksOf = (
  proposals: readonly Proposal[],
  deviceAt: (address: string) => string | undefined,
): readonly Link[] => {
  const byChassis = new Map(proposals.map(({ agent, device }) => [agent.chassis ?? '', device.id]))
  const byAddress = new Map(
    proposals.flatMap(({ agent, alsoAt, device }) =>
      [agent.address, ...alsoAt].map((address) => [address, device.id] as const),
    ),
  )
  const idOf = ({ chassis, managementAddresses }: Neighbour): string | undefined =>
    byChassis.get(chassis) ??
    managementAddresses.map((address) => byAddress.get(address) ?? deviceAt(address)).find(Boolean)
  return proposals.flatMap(({ agent, device }) =>
    agent.neighbours.map((neighbour) => ({ device: device.id, ...neighbour, neighbour: idOf(neighbour) })),
  )
}

const foundDevice = ({ agent, device, standing, alsoAt }: Proposal): FoundDevice => {
  const { neighbours, ...who } = agent
  return { ...who, device: device.id, standing, node: device.node, alsoAt, neighbourCount: neighbours.length }
}

type Failed = Extract<Asked, { readonly end: 'failed' }>

const failuresOf = (failed: readonly Failed[]): DiscoveryReport['failed'] =>
  [...Map.groupBy(failed, ({ cause }) => cause)].map(([cause, group]) => ({
    cause,
    detail: group[0]?.detail ?? '',
    count: group.length,
  }))

export interface Findings {
  readonly range: { readonly network: string; readonly count: number }
  readonly asked: readonly Asked[]
  readonly proposals: readonly Proposal[]
  readonly difference: ImportPlan
  readonly deviceAt: (address: string) => string | undefined
}

export const reportOf = ({ range, asked, proposals, difference, deviceAt }: Findings): DiscoveryReport => {
  const of = <End extends Asked['end']>(end: End) =>
    asked.filter((each): each is Extract<Asked, { readonly end: End }> => each.end === end)
  const { differences, added, changed, unchanged } = difference
  return {
    range: range.network,
    addresses: range.count,
    asked: asked.length,
    found: proposals.map(foundDevice),
    links: linksOf(proposals, deviceAt),
    refused: of('refused').map(({ address, detail }) => ({ address, detail })),
    silent: of('silent').length,
    none: of('none').length,
    failed: failuresOf(of('failed')),
    needNode: proposals.filter(needsNode).map(({ device }) => device.id),
    difference: { added, changed, unchanged, cells: differences },
  }
}

/** How many records a person may import. */
export const countOfProposed = ({ difference, needNode }: DiscoveryReport): number =>
  difference.added + difference.changed + needNode.length
