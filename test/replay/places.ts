import type { InputOf } from '../../inventory/model.ts'
import { seedOperations } from '../../inventory/seed.ts'
import type { Operation } from '../../inventory/store.ts'
import { forGood, hourMs, type Span, when } from './calendar.ts'
import type { Claims, Truth } from './claims.ts'
import { echo, type Network } from './network.ts'

/** Nodes and lines of the city, its 9 counties and districts and 116 townships; what is reported of them. */

export const city = '410200'
export const cityAgent = 'a-410200'
export const agentOf = (county: string): string => `a-${county.slice(0, 6)}`
const government = (county: string): string => `u-${county.slice(0, 6)}-government`

type Made<C extends 'region' | 'node'> = InputOf<C> & { readonly id: string }

const recordsOf = <C extends 'region' | 'node'>(
  operations: readonly Operation[],
  collection: C,
): readonly Made<C>[] =>
  operations.flatMap((each) =>
    each.op === 'put' && each.collection === collection ? [each.record as Made<C>] : [],
  )

interface Place {
  readonly id: string
  readonly node: InputOf<'node'>
  readonly county: string
  readonly address: string
  /** Far end of its line. */
  readonly line: string
}

/** `10.2.<county>.<township>`; the line beside it in 10.3. */
const placesOf = (nodes: readonly Made<'node'>[]): readonly Place[] => {
  const counties = [...new Set(nodes.map(({ region }) => region.slice(0, 6)))]
  const within = new Map<string, number>()
  return nodes.map((node) => {
    const county = node.region.slice(0, 6)
    const number = (within.get(county) ?? 0) + 1
    within.set(county, number)
    const host = `${counties.indexOf(county)}.${number}`
    return { id: node.region, node, county, address: `10.2.${host}`, line: `10.3.${host}` }
  })
}

const withAddresses = ({ node, address, line }: Place): Operation => ({
  op: 'put',
  collection: 'node',
  record: {
    ...node,
    addresses: [address],
    // The city is looked at from its own machine room.
    areas: [node.level === 'city' ? 'private' : 'public'],
    uplinks: (node.uplinks ?? []).map((uplink) => ({ ...uplink, address: line })),
  },
})

/** A span in which a place cannot be reached, and what that makes of claims about it. */
interface Cut {
  readonly span: Span
  /** Silence contradicts once it has lasted a day, unless all above it is silent too. */
  readonly behind?: boolean
}

const outageMs = 24 * hourMs

const truthOf = (cuts: readonly Cut[], county: string): Truth => ({
  seenBy: [county === city ? cityAgent : agentOf(county)],
  false: cuts.flatMap(({ span: [from, to], behind = false }) =>
    behind || to - from <= outageMs ? [] : [[from + outageMs, to] as const],
  ),
  dark: cuts.map(({ span: [from, to], behind = false }) => [
    from,
    behind ? to : Math.min(to, from + outageMs),
  ]),
})

/** Townships, by their place in the list of their county, that never got a line, or lost it. */
const dead: Readonly<Record<string, readonly (readonly [township: number, span: Span])[]>> = {
  '410202': [[2, forGood(0)]],
  '410212': [
    [3, forGood(0)],
    // Built at last.
    [5, [0, when(21, 'Wed', 15)]],
  ],
  '410221': [[4, forGood(when(17, 'Tue', 11))]],
  '410222': [[1, forGood(0)]],
  '410223': [[6, [when(8, 'Mon', 8), when(12, 'Fri', 17)]]],
  '410225': [[7, forGood(when(24, 'Wed', 3))]],
}

/** Cuts of a whole county: its own node, its townships and all lines. */
const counties: Readonly<Record<string, readonly Span[]>> = {
  // At a Sunday's end it has lasted eighteen hours: an outage.
  '410225': [[when(11, 'Sun', 6), when(12, 'Mon', 5)]],
  // Five days: what is reported of the county's own node is not so any more; what lies behind it cannot be seen.
  '410223': [[when(16, 'Thu', 20), when(17, 'Tue', 9)]],
  '410203': [[when(26, 'Tue', 2), when(26, 'Tue', 13)]],
}

const cutsOf = (place: Place, number: number): readonly Cut[] => [
  ...(counties[place.county] ?? []).map((span) => ({ span, behind: place.node.level === 'township' })),
  ...(place.node.level === 'township' ? (dead[place.county] ?? []) : [])
    .filter(([township]) => township === number)
    .map(([, span]) => ({ span })),
]

/** Short outages within the week, here and there. */
const flickersOf = (index: number): readonly Span[] =>
  Array.from({ length: 26 }, (_, week) => week + 1)
    .filter((week) => (index * 7 + week * 5) % 9 === 0)
    .map((week) => {
      const from = when(week, 'Wed', (index * 5) % 20)
      return [from, from + (2 + (index % 7)) * hourMs]
    })

const behave = (network: Network, place: Place, spans: readonly Span[]): void => {
  for (const address of [place.address, place.line]) {
    network.answers(address, 0, echo(address))
    network.cut(address, ...spans)
  }
}

/** When a county reports its n-th township: a few a week, none in the weeks of silence. */
const reportedIn = (number: number): number => [3, 4, 5, 6, 8, 9, 10, 11, 12, 14][number % 10] ?? 3

interface Known {
  readonly place: Place
  readonly number: number
  readonly truth: Truth
}

const reportTownship = (claims: Claims, { place, number, truth }: Known): void => {
  const { id, county, node } = place
  const unit = government(county)
  const at = when(reportedIn(number), 'Thu', 9)
  claims.add({ subject: `region:${id}`, kind: 'covered', at, unit }, truth)
  if (number % 3 === 1) claims.add({ subject: `unit:u-${id}-hall`, kind: 'connected', at, unit }, truth)
  if (number % 4 === 1) claims.add({ subject: `region:${id}`, kind: 'connected', at, unit }, truth)
  if (number % 5 === 1) claims.add({ subject: `unit:u-${id}-hall`, kind: 'covered', at, unit }, truth)
  if (number % 6 === 1 || number === 3)
    claims.add({ subject: `node:${node.id}`, kind: 'connected', at, unit }, truth)
  if (number === 2)
    claims.add({ subject: `unit:u-${id}-hall`, kind: 'monitored', at, unit }, { onPaper: true })
}

/** Every township of a county: as bad as its worst. */
const reportWhole = (claims: Claims, county: string, townships: readonly Known[]): void => {
  const all = (of: (truth: Truth) => readonly Span[] | undefined) =>
    townships.flatMap(({ truth }) => of(truth) ?? [])
  claims.add(
    { subject: `region:${county}`, kind: 'covered', at: when(15, 'Mon', 9), unit: government(county) },
    { seenBy: [agentOf(county)], false: all((truth) => truth.false), dark: all((truth) => truth.dark) },
  )
}

export interface Places {
  readonly setUp: readonly Operation[]
  readonly counties: readonly string[]
}

export const plantPlaces = (network: Network, claims: Claims): Places => {
  const seeds = seedOperations(city)
  const places = placesOf(recordsOf(seeds, 'node'))
  const byCounty = new Map<string, Known[]>()
  for (const [index, place] of places.entries()) {
    const { county, node } = place
    const before = byCounty.get(county) ?? []
    const number = before.length
    const cuts = cutsOf(place, number)
    const known: Known = { place, number, truth: truthOf(cuts, county) }
    byCounty.set(county, [...before, known])
    behave(network, place, [...cuts.map(({ span }) => span), ...flickersOf(index)])
    if (node.level === 'township') reportTownship(claims, known)
    else
      claims.add(
        { subject: `node:${node.id}`, kind: 'connected', at: when(2, 'Tue', 10), unit: government(county) },
        known.truth,
      )
  }
  const whole = [...byCounty].filter(([county]) => county !== city)
  for (const [county, [, ...townships]] of whole.filter((_, index) => index % 2 === 0))
    reportWhole(claims, county, townships)
  return {
    setUp: [
      ...seeds.filter((each) => each.op !== 'put' || each.collection !== 'node'),
      ...places.map(withAddresses),
    ],
    counties: whole.map(([county]) => county),
  }
}
