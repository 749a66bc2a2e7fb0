import { type Draft, draft } from './message.ts'

type Counts = Readonly<Record<'total' | 'up' | 'down' | 'unreachable' | 'unknown', number>>

/** How things stand, of which the platform above is told the numbers. */
export interface Standing {
  readonly nodes: Counts
  readonly systems: Counts
  readonly devices: Counts
  readonly uplinks: Counts
  readonly outages: number
  readonly agents: number
  readonly agentsSilent: number
  readonly openFindings: number
  readonly openIncidents: number
  readonly version: string
}

/** The beginning of the period that an instant lies in. */
export const periodAt = (now: number, periodMs: number): number => Math.floor(now / periodMs) * periodMs

/** The status of the period that begins at an instant; the next one is due when it ends. */
export const statusDraft = (standing: Standing, at: number, periodMs: number): Draft => {
  const { nodes, systems, devices, uplinks, ...rest } = standing
  return draft(
    'status',
    { at, key: [at, periodMs] },
    {
      endsAt: at + periodMs,
      ...{ nodes: nodes.total, nodesUp: nodes.up, nodesDown: nodes.down },
      ...{ nodesUnreachable: nodes.unreachable, nodesUnknown: nodes.unknown },
      ...{ systems: systems.total, systemsUp: systems.up, systemsDown: systems.down },
      ...{ devices: devices.total, devicesUp: devices.up, devicesDown: devices.down },
      ...{ uplinks: uplinks.total, uplinksUp: uplinks.up, uplinksDown: uplinks.down },
      ...rest,
    },
  )
}

/** What `yiwang upward test` sends. */
export const testDraft = (at: number, id: string, version: string): Draft =>
  draft('status', { at, key: ['test', id] }, { isTest: 'true', version })
