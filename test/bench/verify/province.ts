import type { Operation } from '../../../inventory/store.ts'
import type { Collection, InputOf } from '../../../inventory/model.ts'
import { seedOperations } from '../../../inventory/seed.ts'
import { addDays, type Day, startOfDay } from '../../../src/core/day.ts'

/** A province whose systems have moved to the cloud: what is on record, and what is claimed of it. */

export interface Size {
  /** Province, or a city of it: the regions. */
  readonly region: string
  readonly nodes: number
  readonly systems: number
  /** Days in trial of each system, and days since its old place is to be silent. */
  readonly trialDays: number
  readonly silentDays: number
}

export const province: Size = {
  region: '41',
  nodes: 30_000,
  systems: 5000,
  trialDays: 30,
  silentDays: 8,
}

/** What the issue calls a city: 300 systems, a month of trial each. */
export const city: Size = { region: '410200', nodes: 1700, systems: 300, trialDays: 30, silentDays: 8 }

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index)

/** The index-th address of 10.0.0.0/8 from a second octet on. */
const address = (first: number, index: number): string =>
  `10.${first + Math.floor(index / 62_500)}.${Math.floor(index / 250) % 250}.${(index % 250) + 1}`

const put = <C extends Collection>(collection: C, record: InputOf<C>): Operation => ({
  op: 'put',
  collection,
  record,
})

const nodesOf = (regions: readonly string[], count: number): readonly Operation[] =>
  range(count).map((index) =>
    put('node', {
      id: `n-${index}`,
      name: `节点${index}`,
      region: regions[index % regions.length] ?? '',
      level: 'township',
      kind: index < regions.length ? 'access' : 'department',
      addresses: [address(1, index)],
      uplinks: index < regions.length ? [] : [{ id: 'up1', kind: 'line', to: `n-${index % regions.length}` }],
    }),
  )

export interface Calendar {
  readonly zone: string
  /** The newest whole day. */
  readonly lastDay: Day
}

const movesOf = ({ trialDays, silentDays }: Size, { zone, lastDay }: Calendar) => {
  const steps = [
    { from: 'deploying', to: 'trial', on: addDays(lastDay, 1 - trialDays - silentDays) },
    { from: 'trial', to: 'cutover', on: addDays(lastDay, 1 - silentDays) },
    { from: 'cutover', to: 'accepted', on: addDays(lastDay, 1 - silentDays) },
  ] as const
  return steps.map(({ from, to, on }) => ({
    at: new Date(startOfDay(zone, on)).toISOString(),
    by: '王工',
    from,
    to,
    reason: '按批次计划',
  }))
}

const systemOperations = (index: number, regions: readonly string[], moves: ReturnType<typeof movesOf>) => {
  const id = `s-${index}`
  const endpoint = `https://${address(200, index)}/`
  return [
    put('system', {
      id,
      name: `政务信息系统${index}`,
      region: regions[index % regions.length] ?? '',
      kind: 'application',
      endpoints: [endpoint],
    }),
    put('migration', {
      id,
      state: 'accepted',
      cloud: 'cloud',
      oldEndpoints: [`tcp://${address(100, index)}:8080`],
      newEndpoints: [endpoint],
      moves,
    }),
  ]
}

const ofSystem = ['connected', 'online', 'migrated', 'unified-login', 'exchange'] as const

const claimsOf = ({ nodes, systems }: Size, at: string): readonly Operation[] => [
  ...range(nodes).map((index) =>
    put('claim', {
      id: `c-n-${index}`,
      subjectKind: 'node',
      subject: `n-${index}`,
      kind: 'connected',
      at,
      by: '李',
    }),
  ),
  ...range(systems).flatMap((index) =>
    ofSystem.map((kind) =>
      put('claim', {
        id: `c-s-${index}-${kind}`,
        subjectKind: 'system',
        subject: `s-${index}`,
        kind,
        at,
        by: '李',
      }),
    ),
  ),
]

const planOf = ({ systems }: Size): readonly Operation[] => [
  put('workplan', { id: 'plan', name: '工作方案' }),
  put('task', {
    id: 't-move',
    plan: 'plan',
    name: '迁移上云',
    categories: ['cloud-migration'],
    verification: 'probe',
    roster: 'systems',
  }),
  put('goal', {
    id: 'g-move',
    plan: 'plan',
    name: '全部系统迁移上云',
    due: '2030-12-31',
    denominator: '政务信息系统数',
    tasks: ['t-move'],
    verification: 'probe',
    roster: 'systems',
  }),
  put('roster', {
    id: 'systems-1',
    series: 'systems',
    version: 1,
    of: 'systems',
    name: '政务信息系统',
    effectiveOn: '2018-01-01',
    source: '普查',
    members: range(systems).map((index) => `s-${index}`),
  }),
]

const idsOf = (operations: readonly Operation[], level: string): readonly string[] =>
  operations.flatMap((operation) => {
    if (operation.op !== 'put' || operation.collection !== 'region') return []
    const record = operation.record as InputOf<'region'>
    return record.level === level ? [record.id] : []
  })

/** Everything on record, in changes of a size that the store takes. */
export const operationsOf = (size: Size, calendar: Calendar): readonly (readonly Operation[])[] => {
  const regions = seedOperations(size.region).filter(({ collection }) => collection === 'region')
  const townships = idsOf(regions, 'township')
  const moves = movesOf(size, calendar)
  const at = new Date(startOfDay(calendar.zone, calendar.lastDay)).toISOString()
  return [
    [
      ...regions,
      put('cloud', { id: 'cloud', name: '政务云', networks: ['10.192.0.0/10'] }),
      put('network', { id: 'extranet', name: '外网', cidr: '10.0.0.0/8' }),
      ...nodesOf(townships, size.nodes),
      ...range(size.systems).flatMap((index) => systemOperations(index, townships, moves)),
      ...planOf(size),
    ],
    claimsOf(size, at),
  ]
}
