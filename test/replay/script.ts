import { createHash } from 'node:crypto'
import type { Inventory, Operation } from '../../inventory/store.ts'
import { type Span, when } from './calendar.ts'
import { createClaims, paper, type PlantedClaim, type Silences } from './claims.ts'
import { type Event, planOf, plantLedger } from './ledger.ts'
import { createNetwork, type Network } from './network.ts'
import { agentOf, cityAgent, plantPlaces } from './places.ts'
import { plantSystems, type Sys, waves } from './systems.ts'

/** Everything that happens in the simulated half year. */

export interface Script {
  readonly network: Network
  /** Agents that are off: they look at nothing. */
  readonly off: Silences
  /** Agents that are cut off: they look, and deliver when they are back. */
  readonly away: Silences
  readonly setUp: readonly ((inventory: Inventory) => readonly Operation[])[]
  /** In the order of time; claims among them. */
  readonly events: readonly Event[]
  readonly systems: readonly Sys[]
  readonly claims: readonly PlantedClaim[]
  /** When claims were taken back, by their id. */
  readonly withdrawn: ReadonlyMap<string, number>
}

/** Nobody looks at anything in week 13. */
const blackout: Span = [when(13, 'Mon'), when(14, 'Mon', 8)]

const offBy: Readonly<Record<string, readonly Span[]>> = {
  'a-410222': [
    [when(9, 'Thu', 3), when(11, 'Tue', 16)],
    [when(26, 'Sat', 1), Infinity],
  ],
  [cityAgent]: [[when(15, 'Sat', 2), when(16, 'Tue', 9)]],
}

const away: Silences = new Map([
  ['a-410221', [[when(24, 'Fri', 2), when(25, 'Wed', 12)] as const]],
  ['a-410225', [[when(25, 'Sat', 5), when(26, 'Mon', 12)] as const]],
])

const agent = (id: string, regions: readonly string[]): Operation => ({
  op: 'put',
  collection: 'agent',
  record: {
    id,
    vantage: id === cityAgent ? 'private' : 'public',
    regions,
    state: 'active',
    keyHash: createHash('sha256').update(id).digest('hex'),
  },
})

const claimEvents = (claims: readonly PlantedClaim[]): readonly Event[] =>
  [...Map.groupBy(claims, ({ record }) => record.at)].map(([at, group]) => ({
    at: Date.parse(at),
    reason: '汇总上报',
    operations: () => group.map(({ record }) => ({ op: 'put', collection: 'claim', record })),
  }))

/** Units answer for contradictions (申诉), and take claims back. */
const corrections = (claims: readonly PlantedClaim[]): Pick<Script, 'events' | 'withdrawn'> => {
  const of = (subject: string, kind: string) =>
    claims.find(({ record }) => record.subject === subject && record.kind === kind)?.record.id ?? ''
  const [answered, withdrawn] = [of('410202002', 'covered'), of('s-048', 'online')]
  const update = (id: string, more: object) => (inventory: Inventory) => [
    { op: 'put', collection: 'claim', record: { ...inventory.claim.get(id), ...more } } as const,
  ]
  const at = (week: number) => new Date(when(week, 'Fri', 16)).toISOString()
  const events: readonly Event[] = [
    {
      at: Date.parse(at(9)),
      reason: '申诉',
      operations: update(answered, {
        answers: [
          {
            at: at(9),
            by: '龙亭区',
            text: '光缆已报建，设备未到货',
            document: paper('说明.pdf').sha256,
            documentName: '说明.pdf',
          },
        ],
      }),
    },
    {
      at: Date.parse(at(12)),
      reason: '撤回上报',
      operations: update(withdrawn, { withdrawn: { at: at(12), by: '填报员', why: '误报' } }),
    },
  ]
  return { events, withdrawn: new Map([[withdrawn, Date.parse(at(12))]]) }
}

export const silencesOf = ({ off, away: apart }: Pick<Script, 'off' | 'away'>): Silences =>
  new Map(
    [...new Set([...off.keys(), ...apart.keys()])].map((id) => [
      id,
      [...(off.get(id) ?? []), ...(apart.get(id) ?? [])],
    ]),
  )

export const writeScript = (): Script => {
  const network = createNetwork()
  const claims = createClaims()
  const places = plantPlaces(network, claims)
  const { systems, setUp } = plantSystems(network, claims, places.counties)
  const ledger = plantLedger(network, claims, systems)
  const { events, withdrawn } = corrections(claims.planted)
  const agents = [cityAgent, ...places.counties.map(agentOf)]
  return {
    network,
    off: new Map(agents.map((id) => [id, [blackout, ...(offBy[id] ?? [])]])),
    away,
    setUp: [
      () => places.setUp,
      planOf,
      ledger.setUp,
      () => waves.map((record) => ({ op: 'put', collection: 'wave', record })),
      () => [...setUp, ...ledger.assessments],
      () => [agent(cityAgent, []), ...places.counties.map((county) => agent(agentOf(county), [county]))],
    ],
    events: [...ledger.events, ...claimEvents(claims.planted), ...events].toSorted(
      (one, other) => one.at - other.at,
    ),
    systems,
    claims: claims.planted,
    withdrawn,
  }
}
