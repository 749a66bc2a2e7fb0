import { planImport, shippedPlan } from '../../inventory/ledger/plan-file.ts'
import { takeRoster, type Taking } from '../../inventory/ledger/take-roster.ts'
import type { LedgerState } from '../../inventory/ledger/words.ts'
import type { InputOf } from '../../inventory/model.ts'
import type { Inventory, Operation } from '../../inventory/store.ts'
import { dayOf, forGood, isoOf, type Span, when } from './calendar.ts'
import { type Claims, paper, type Truth } from './claims.ts'
import { type Network, open, page } from './network.ts'
import { city, cityAgent } from './places.ts'
import { centre, platform, roleOf, type Sys } from './systems.ts'

/** The work plan of Kaifeng: its named systems, progress, rosters, assessments, and what is reported of the whole. */

export interface Event {
  readonly at: number
  readonly reason: string
  readonly operations: (inventory: Inventory) => readonly Operation[]
}

/** The shipped plan, on records of regions and units that are there already. */
export const planOf = (inventory: Inventory): readonly Operation[] =>
  planImport(shippedPlan('kaifeng-2018'), inventory).operations

const center = `u-${city}-service-center`

interface Named {
  readonly id: string
  readonly endpoint: string
  readonly place: string
  readonly address: string
  /** Spans in which it does not answer. */
  readonly cuts?: readonly Span[]
}

const web = (id: string, host: string, address: string, cuts: readonly Span[] = []): Named => ({
  id,
  endpoint: `http://${host}/`,
  place: `${host}/`,
  address,
  cuts,
})
const database = (id: string, address: string, cuts: readonly Span[] = []): Named => ({
  id,
  endpoint: `tcp://${address}:5432`,
  place: `${address}:5432`,
  address,
  cuts,
})

const named: readonly Named[] = [
  web('sys-usercenter', centre.host, centre.address),
  web('sys-city-exchange', platform.host, platform.address),
  ...['sys-police', 'sys-sscard', 'sys-realestate', 'sys-tax', 'sys-ftz', 'sys-12345', 'sys-110'].map(
    (id, index) =>
      web(
        id,
        `${id}.kaifeng.example`,
        `10.200.9.${10 + index}`,
        id === 'sys-110' ? [forGood(when(13, 'Wed'))] : [],
      ),
  ),
  ...['db-population', 'db-legal', 'db-geo', 'db-license'].map((id, index) =>
    database(id, `10.200.9.${30 + index}`, id === 'db-license' ? [forGood(0)] : []),
  ),
]

const behave = (network: Network, { place, address, endpoint, cuts = [] }: Named): void => {
  network.answers(
    place,
    0,
    endpoint.startsWith('tcp:') ? open(address) : page({ url: endpoint, remoteAddress: address }),
  )
  network.cut(place, ...cuts)
}

/** Named systems come with the plan, without a place; now each has one. */
const placed = ({ system }: Inventory): readonly Operation[] =>
  named.map(({ id, endpoint }) => ({
    op: 'put',
    collection: 'system',
    record: { ...system.get(id), endpoints: [endpoint], areas: ['private'], state: 'active' },
  }))

const networks: readonly Operation[] = [
  {
    op: 'put',
    collection: 'network',
    record: { id: 'extranet', name: '市电子政务外网', cidr: '10.0.0.0/8', area: 'public', region: city },
  },
  {
    op: 'put',
    collection: 'cloud',
    record: {
      id: 'cloud-kaifeng',
      name: '市政务云',
      networks: ['10.200.0.0/16'],
      unit: `u-${city}-smart-city-office`,
    },
  },
]

const assessmentsOf = (systems: readonly Sys[]): readonly InputOf<'assessment'>[] => {
  const of = ({ id }: Sys, more: Partial<InputOf<'assessment'>>): InputOf<'assessment'> => ({
    id: `as-${id}`,
    name: `${id} 等级测评`,
    object: 'system',
    system: id,
    level: 3,
    institution: '河南省某测评机构',
    filing: `4102${id.slice(2)}-18001`,
    startedOn: '2018-01-10',
    finishedOn: '2018-01-30',
    ...more,
  })
  const at = (wave: number, place: number): Sys | undefined =>
    systems.find((each) => each.wave === wave && each.place === place)
  return [
    ...[0, 1, 2].flatMap((wave) => [at(wave, 31), at(wave, 32)]).map((each) => each && of(each, {})),
    ...[at(0, 33)].map((each) => each && of(each, { level: 2 })),
    // Long out of date, and out of date from 12 April on: 366 days later.
    ...[at(0, 34)].map((each) => each && of(each, { finishedOn: '2016-11-20' })),
    ...[at(1, 34)].map((each) => each && of(each, { finishedOn: '2017-04-10' })),
  ].filter((each) => each !== undefined)
}

const reportAssessments = (claims: Claims, systems: readonly Sys[]): void => {
  for (const { id, unit, wave, place } of systems) {
    const add = (kind: 'filed' | 'assessed', truth: Truth, value?: string) =>
      claims.add(
        {
          subject: `system:${id}`,
          kind,
          at: when(6, 'Mon', 16),
          unit,
          ...(value !== undefined && { value }),
        },
        truth,
      )
    if (wave < 3 && place === 31) add('filed', {}, `4102${id.slice(2)}-18001`)
    if (wave < 3 && place === 32) add('assessed', {})
    if (wave === 0 && place === 33) add('filed', { false: [forGood(0)] }, '41020000000-17999')
    if (wave === 0 && place === 34) add('assessed', { false: [forGood(0)], foundAs: 'stale' })
    if (wave === 1 && place === 34) add('assessed', { false: [forGood(when(15, 'Thu'))], foundAs: 'stale' })
  }
  const [first] = systems.filter(({ wave, place }) => wave === 0 && place === 31)
  if (first !== undefined)
    claims.add(
      {
        subject: `item:as-${first.id}`,
        item: 'L3-CES1-01',
        kind: 'conforms',
        value: '符合',
        at: when(6, 'Mon', 17),
        unit: first.unit,
      },
      { onPaper: true },
    )
}

/** Goals, tasks and named systems; of goals and tasks by numbers that the claims of members can bear or cannot. */
const reportWhole = (claims: Claims): void => {
  const add = (
    subject: string,
    kind: 'count' | 'completed' | 'online',
    given: { readonly at: number; readonly value?: string },
    truth: Truth,
  ) => claims.add({ subject, kind, unit: center, ...given }, truth)
  const seenBy = [cityAgent]
  const lie: Truth = { seenBy, false: [forGood(0)] }
  add('mention:sys-usercenter', 'online', { at: when(5, 'Tue', 9) }, { seenBy })
  add(
    'mention:sys-110',
    'online',
    { at: when(5, 'Tue', 9) },
    {
      seenBy,
      false: [forGood(when(14, 'Thu'))],
      dark: [[when(13, 'Wed'), when(14, 'Thu')]],
    },
  )
  add('goal:goal-4', 'count', { at: when(22, 'Mon', 9), value: '60' }, { seenBy })
  add('task:4.1.4', 'count', { at: when(18, 'Mon', 9), value: '299' }, lie)
  add('task:4.1.1', 'completed', { at: when(22, 'Mon', 10) }, lie)
  add('task:2.4.4.1', 'completed', { at: when(17, 'Fri', 9) }, { seenBy })
  add('task:3.2.3', 'completed', { at: when(17, 'Fri', 9) }, lie)
  add('milestone:2.1.1-m1', 'completed', { at: when(17, 'Fri', 10) }, { onPaper: true })
  add('goal:goal-1', 'count', { at: when(20, 'Mon', 9), value: '1210' }, { onPaper: true })
  add('goal:goal-2', 'count', { at: when(21, 'Mon', 9), value: '800' }, { onPaper: true })
}

const progressEvents = (): readonly Event[] => {
  const moves: readonly (readonly [at: number, subject: string, to: LedgerState])[] = [
    ...['2.1.1', '2.2.1', '3.1.1.1', '4.1.1', '4.1.4', '2.4.4.1', '3.2.3', '2.3.1.1', '4.2.1', '2.2.2'].map(
      (subject, index) => [when(16, 'Mon', 9 + (index % 8)), subject, 'in_progress'] as const,
    ),
    [when(17, 'Fri', 9), '2.1.1', 'claimed'],
    [when(17, 'Fri', 10), '2.4.4.1', 'claimed'],
    [when(17, 'Fri', 11), '3.2.3', 'claimed'],
    [when(18, 'Wed', 9), '2.1.1', 'verified'],
    [when(19, 'Thu', 9), '3.1.1.1', 'claimed'],
    [when(20, 'Tue', 9), '3.1.1.1', 'in_progress'],
    [when(22, 'Mon', 10), '4.1.1', 'claimed'],
    [when(23, 'Mon', 9), '2.4.3.2', 'deferred'],
    [when(24, 'Wed', 9), '3.1.1.1', 'claimed'],
    [when(26, 'Tue', 9), '2.2.1', 'claimed'],
    [when(26, 'Wed', 9), '2.4.4.1', 'verified'],
  ]
  return moves.map(([at, subject, to], index) => ({
    at,
    reason: '登记进展',
    operations: () => [
      {
        op: 'put',
        collection: 'progress',
        record: {
          id: `p-${String(index + 1).padStart(4, '0')}`,
          subject,
          at: isoOf(at),
          by: '督查员',
          kind: 'move',
          to,
          text: '按周报登记',
          documents: to === 'verified' ? [paper(`${subject}验收单.pdf`)] : [],
        },
      },
    ],
  }))
}

const takingsOf = (systems: readonly Sys[]): readonly (readonly [at: number, taking: Taking])[] => {
  const all = systems.map(({ id }) => id)
  const municipal = systems.filter(({ region }) => region === city).map(({ id }) => id)
  const exempt = systems.filter((each) => roleOf(each) === 'aside' && [0, 5].includes(each.wave))
  const merged = systems.filter((each) => roleOf(each) === 'aside' && each.wave === 1).map(({ id }) => id)
  const without = (ids: readonly { readonly id: string }[]) =>
    Object.fromEntries(ids.map(({ id }) => [id, { basis: '实施方案第4条：不宜上云', by: '市智慧办' }]))
  const base = { selection: { region: city }, exclusions: {}, included: [] } as const
  const systemsTaking = { ...base, of: 'systems' } as const
  const take = (at: number, taking: Omit<Taking, 'effectiveOn'>) =>
    [at, { ...taking, effectiveOn: dayOf(at) }] as const
  return [
    take(when(1, 'Mon', 9), {
      ...systemsTaking,
      series: 'systems-all',
      name: '全市政务信息系统',
      source: '2017年底普查',
      members: all,
    }),
    take(when(1, 'Mon', 9), {
      ...systemsTaking,
      series: 'systems-municipal',
      name: '市直政务信息系统',
      source: '2017年底普查',
      members: municipal,
    }),
    take(when(1, 'Mon', 9), { ...base, of: 'townships', series: 'townships', source: '统计用区划代码' }),
    take(when(10, 'Tue', 9), {
      ...systemsTaking,
      series: 'systems-all',
      source: '2018年3月复核',
      members: all,
      exclusions: without(exempt),
    }),
    take(when(16, 'Tue', 9), { ...base, of: 'villages', series: 'villages', source: '统计用区划代码' }),
    take(when(17, 'Tue', 9), {
      ...base,
      of: 'items',
      series: 'items-administrative',
      name: '依申请行政权力事项',
      source: '权责清单',
      count: 1_350,
    }),
    take(when(20, 'Tue', 9), {
      ...systemsTaking,
      series: 'systems-all',
      source: '2018年5月整合',
      members: [...all.filter((id) => !merged.includes(id)), 'sys-12345', 'sys-police'],
    }),
    take(when(26, 'Wed', 9), {
      ...systemsTaking,
      series: 'systems-municipal',
      source: '2018年6月复核',
      members: municipal,
      exclusions: without(exempt.filter(({ region }) => region === city)),
    }),
  ]
}

const rosterEvents = (systems: readonly Sys[]): readonly Event[] =>
  takingsOf(systems).map(([at, taking]) => ({
    at,
    reason: `名录 ${taking.series}`,
    operations: (inventory) => takeRoster(inventory, taking),
  }))

export interface Ledger {
  /** Before the systems that move, and after them. */
  readonly setUp: (inventory: Inventory) => readonly Operation[]
  readonly assessments: readonly Operation[]
  readonly events: readonly Event[]
}

export const plantLedger = (network: Network, claims: Claims, systems: readonly Sys[]): Ledger => {
  for (const each of named) behave(network, each)
  reportAssessments(claims, systems)
  reportWhole(claims)
  const assessments = assessmentsOf(systems)
  return {
    setUp: (inventory) => [...networks, ...placed(inventory)],
    assessments: assessments.map((record): Operation => ({ op: 'put', collection: 'assessment', record })),
    events: [...progressEvents(), ...rosterEvents(systems)],
  }
}
