import type { Asked, Json, Look, Planted, Records } from './raw.ts'
import { dayAfter, dayOf, daysFrom, hour, minuteOf, origin, startOf } from './raw.ts'

/** What looks show at a moment, counted again from what was planted. */

export type Verdict = '相符' | '矛盾' | '证据过期' | '无法验证'

/** A verdict, and every text that a bulletin may say of it: numbers of its evidence must be found there. */
export interface Found {
  readonly verdict: Verdict
  readonly says: readonly string[]
}

export interface Moment extends Planted {
  readonly cutoff: number
  readonly records: Readonly<Record<string, Records>>
}

/** One agent's newest look at one thing. */
export interface Sight {
  readonly asked: Asked
  readonly look: Look
  readonly heard: boolean
  /** Its agent is heard, and it is not too old for its kind. */
  readonly counts: boolean
}

/** docs/mlps.md: how long what was seen counts. */
const validHours: Readonly<Record<string, number>> = { icmp: 1, tcp: 1, http: 1, 'ipv6-ready': 72 }
const minute = 60_000
const outage = 24 * hour

const isHeard = ({ heard, cutoff }: Moment, agent: string): boolean =>
  (heard.get(agent) ?? 0) >= cutoff - minute

const indexed = new WeakMap<Planted['asked'], ReadonlyMap<string, readonly Asked[]>>()

export const askedOf = ({ asked }: Moment, target: string): readonly Asked[] => {
  const index = indexed.get(asked) ?? Map.groupBy(asked.values(), (each) => each.target)
  indexed.set(asked, index)
  return index.get(target) ?? []
}

export const sightsOf = (moment: Moment, target: string): readonly Sight[] =>
  askedOf(moment, target).flatMap((asked) =>
    [...asked.newest.values()].map((look): Sight => {
      const heard = isHeard(moment, look.agent)
      const until = look.at + Math.max((validHours[asked.kind] ?? 1) * hour, 3000 * asked.intervalSeconds)
      return { asked, look, heard, counts: heard && until >= moment.cutoff }
    }),
  )

export const answered = ({ look: { status, cause } }: Sight): boolean =>
  status === 'up' || ['tls', 'protocol', 'assertion'].includes(cause ?? '')

const root = (target: string): string => target.split('/')[0] ?? ''

const reachedBy = new WeakMap<Planted['asked'], ReadonlyMap<string, ReadonlySet<string>>>()

/** Targets that answer each agent now. */
const answering = (moment: Moment): ReadonlyMap<string, ReadonlySet<string>> => {
  const known = reachedBy.get(moment.asked)
  if (known !== undefined) return known
  const found = new Map<string, Set<string>>()
  for (const target of new Set([...moment.asked.values()].map((each) => each.target)))
    for (const { look, counts } of sightsOf(moment, target))
      if (counts && look.status === 'up')
        found.set(look.agent, (found.get(look.agent) ?? new Set<string>()).add(root(target)))
  reachedBy.set(moment.asked, found)
  return found
}

const controlled = (moment: Moment, { look, asked }: Sight): boolean =>
  [...(answering(moment).get(look.agent) ?? [])].some((each) => each !== root(asked.target))

export const saysOf = ({ asked, look }: Sight, at: number): readonly string[] => [
  asked.address,
  `${asked.address}:${asked.port ?? ''}`,
  minuteOf(at),
  // What an answer of another status is told as.
  ...(look.cause === 'assertion' ? [`200-399 ${String(look.facts.status)}`] : []),
]

/** Whether something answers; `strict`: as expected. */
export const standing = (moment: Moment, sights: readonly Sight[], strict: boolean): Found => {
  const live = sights.filter(({ counts }) => counts)
  if (live.length === 0) {
    const last = sights.toSorted((a, b) => b.look.at - a.look.at)[0]
    return { verdict: last?.heard === true ? '证据过期' : '无法验证', says: [] }
  }
  const best = live.find(({ look }) => look.status === 'up') ?? live.find(answered)
  if (best !== undefined)
    return {
      verdict: best.look.status === 'up' || !strict ? '相符' : '矛盾',
      says: live.flatMap((each) => saysOf(each, each.look.at)),
    }
  const lasting = live.filter((each) => controlled(moment, each) && moment.cutoff - each.look.since >= outage)
  return {
    verdict: lasting.length > 0 ? '矛盾' : '无法验证',
    says: lasting.flatMap((each) => [...saysOf(each, each.look.since), minuteOf(each.look.at)]),
  }
}

const worstFirst: readonly Verdict[] = ['矛盾', '无法验证', '证据过期', '相符']
const bestFirst: readonly Verdict[] = ['相符', '无法验证', '证据过期', '矛盾']

const first = (order: readonly Verdict[], all: readonly Found[]): Found => {
  const verdict = order.find((each) => all.some((found) => found.verdict === each)) ?? '无法验证'
  return { verdict, says: all.filter((found) => found.verdict === verdict).flatMap(({ says }) => says) }
}

export const all = (found: readonly Found[]): Found => first(worstFirst, found)
export const any = (found: readonly Found[]): Found => first(bestFirst, found)

// Days.

const at = (counts: Uint16Array, hourStart: number): number =>
  counts[Math.floor((hourStart - origin) / hour)] ?? 0

/** Hours of a day in Shanghai. */
const hoursOf = (day: string): readonly number[] =>
  Array.from({ length: 24 }, (_, index) => startOf(day) + index * hour)

const anHour = ({ intervalSeconds }: Asked): number => Math.max(1, Math.ceil(3600 / intervalSeconds))
const aDay = ({ intervalSeconds }: Asked): number => 86_400 / intervalSeconds

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

/** 90 % of the schedule ran, 95 % of that was up. */
export const isProbeDay = (asked: Asked, day: string): boolean => {
  const hours = hoursOf(day)
  const runs = sum(hours.map((each) => Math.min(anHour(asked), at(asked.up, each) + at(asked.down, each))))
  const [up, down] = [asked.up, asked.down].map((counts) => sum(hours.map((each) => at(counts, each)))) as [
    number,
    number,
  ]
  return Math.min(runs, aDay(asked)) >= 0.9 * aDay(asked) && up / (up + down) >= 0.95
}

const controlHours = new WeakMap<Planted['asked'], Map<string, Set<string>>>()

/** Whether another target of the same area was looked at in an hour, and answered every time. */
const isControlled = (moment: Moment, asked: Asked, hourStart: number): boolean => {
  const known = controlHours.get(moment.asked) ?? new Map<string, Set<string>>()
  controlHours.set(moment.asked, known)
  const key = `${asked.vantage} ${hourStart}`
  let found = known.get(key)
  if (found === undefined) {
    found = new Set()
    for (const other of moment.asked.values()) {
      if (found.size > 1) break
      if (other.vantage === asked.vantage && at(other.up, hourStart) > 0 && at(other.down, hourStart) === 0)
        found.add(other.target)
    }
    known.set(key, found)
  }
  return [...found].some((target) => target !== asked.target)
}

/** What a day showed of an old place: `?` is not known. */
const oldDay = (moment: Moment, asked: Asked, day: string): 'answered' | 'silent' | '?' => {
  const hours = hoursOf(day)
  if (hours.some((each) => at(asked.up, each) > 0)) return 'answered'
  const silent = sum(
    hours
      .filter((each) => at(asked.down, each) > 0 && isControlled(moment, asked, each))
      .map((each) => Math.min(anHour(asked), at(asked.down, each))),
  )
  return silent > 0 && silent >= 0.9 * Math.floor(aDay(asked)) ? 'silent' : '?'
}

/** The newest day that is over: a cut-off is a second before midnight, at which its own day is not. */
const lastDay = ({ cutoff }: Moment): string => dayAfter(dayOf(cutoff), -1)

export const days = (from: string, to: string): readonly string[] =>
  Array.from({ length: Math.max(0, daysFrom(from, to) + 1) }, (_, index) => dayAfter(from, index))

/** Since a day: seven silent days after the last answer, the newest of them not older than a week. */
export const oldPlace = (moment: Moment, target: string, since: string): Found => {
  const [asked] = askedOf(moment, target)
  const sights = sightsOf(moment, target)
  const talking = sights.find((each) => each.counts && answered(each))
  if (talking !== undefined) return { verdict: '矛盾', says: saysOf(talking, talking.look.at) }
  if (asked === undefined || !sights.some(({ heard }) => heard)) return { verdict: '无法验证', says: [] }
  const known = days(since, lastDay(moment))
    .slice(-67)
    .map((day) => [day, oldDay(moment, asked, day)] as const)
    .filter(([, was]) => was !== '?')
  const [newest = '', was] = known.at(-1) ?? []
  if (was === undefined) return { verdict: '无法验证', says: [] }
  const isOld = daysFrom(newest, lastDay(moment)) > 7
  if (was === 'answered') return { verdict: isOld ? '证据过期' : '矛盾', says: [newest, asked.id] }
  const silent = known.slice(known.findLastIndex(([, each]) => each === 'answered') + 1).length
  if (silent < 7) return { verdict: '无法验证', says: [] }
  return { verdict: isOld ? '证据过期' : '相符', says: [] }
}

export const lastWholeDay = lastDay

export const isWithin = (address: string, networks: readonly string[]): boolean => {
  const bits = (text: string): number => text.split('.').reduce((all, part) => all * 256 + Number(part), 0)
  return networks.some((network) => {
    const [base = '', length = '32'] = network.split('/')
    const size = 2 ** (32 - Number(length))
    return Math.floor(bits(address) / size) === Math.floor(bits(base) / size)
  })
}

export const record = ({ records }: Moment, collection: string, id: string): Json =>
  records[collection]?.get(id)
