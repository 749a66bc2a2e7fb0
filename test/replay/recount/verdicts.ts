import {
  all,
  any,
  answered,
  askedOf,
  days,
  type Found,
  isProbeDay,
  isWithin,
  lastWholeDay,
  type Moment,
  oldPlace,
  record,
  type Sight,
  sightsOf,
  standing,
} from './network.ts'
import { dayOf, daysFrom, type Json, minuteOf } from './raw.ts'

/** Claims, judged again. */

export interface Judged extends Found {
  readonly claim: Json
  readonly unit: string
}

const unknown: Found = { verdict: '无法验证', says: [] }
const so = (holds: boolean, says: readonly string[] = []): Found => ({
  verdict: holds ? '相符' : '矛盾',
  says,
})

const all_ = (moment: Moment, collection: string): readonly Json[] => [
  ...(moment.records[collection]?.values() ?? []),
]

// Places.

const nodeAnswers = (moment: Moment, node: Json): Found => {
  const found = standing(moment, sightsOf(moment, node.id), false)
  if (found.verdict !== '矛盾' || node.uplinks.length === 0) return found
  const above = node.uplinks.map(({ to }: Json) => standing(moment, sightsOf(moment, to), false).verdict)
  return above.every((each: string) => each === '矛盾') ? unknown : found
}

const nodesWhere = (moment: Moment, field: 'unit' | 'region', id: string): readonly Json[] =>
  all_(moment, 'node').filter((node) => node[field] === id && (node.state ?? 'active') === 'active')

const townshipCovered = (moment: Moment, id: string): Found => {
  const nodes = nodesWhere(moment, 'region', id)
  const lines = nodes.flatMap((node) => node.uplinks.map((line: Json) => `${node.id}/${line.id}`))
  return any([
    ...nodes.map((node) => nodeAnswers(moment, node)),
    ...lines
      .filter((line) => askedOf(moment, line).length > 0)
      .map((line) => standing(moment, sightsOf(moment, line), false)),
  ])
}

const townshipsIn = (moment: Moment, county: string): readonly Json[] =>
  all_(moment, 'region').filter(
    ({ id, level, statisticalOnly }) =>
      level === 'township' && statisticalOnly !== true && id.startsWith(county) && id !== county,
  )

const countyCovered = (moment: Moment, county: string): Found => {
  const townships = townshipsIn(moment, county).map(({ id }) => townshipCovered(moment, id))
  const whole = all(townships)
  const count = townships.filter(({ verdict }) => verdict === '相符').length
  return { ...whole, says: [...whole.says, `${count}/${townships.length}`] }
}

const place = (moment: Moment, { subjectKind, subject, kind }: Json): Found => {
  const connected = (nodes: readonly Json[]): Found => any(nodes.map((node) => nodeAnswers(moment, node)))
  if (subjectKind === 'node') return nodeAnswers(moment, record(moment, 'node', subject))
  if (subjectKind === 'unit') return connected(nodesWhere(moment, 'unit', subject))
  if (kind === 'connected') return connected(nodesWhere(moment, 'region', subject))
  return subject.length > 6 ? townshipCovered(moment, subject) : countyCovered(moment, subject)
}

// Systems.

const hostOf = (endpoint: string): string => new URL(endpoint).hostname
const hostsOf = ({ endpoints }: Json): readonly string[] => endpoints.map(hostOf)

/** At its own interfaces and its new place, not at those of others. */
const ownSights = (moment: Moment, system: Json): readonly Sight[] => {
  const others = new Set(
    all_(moment, 'system')
      .filter(({ id }) => id !== system.id)
      .flatMap((each) => hostsOf(each)),
  )
  return [
    ...sightsOf(moment, system.id).filter(({ asked }) => !others.has(asked.address)),
    ...sightsOf(moment, `${system.id}/new`),
  ]
}

const addressOf = ({ asked, look }: Sight): string | undefined => {
  const met: string = look.facts.remoteAddress ?? asked.address
  return /^\d+\.\d+\.\d+\.\d+$/u.test(met) ? met : undefined
}

const inNetworks = (moment: Moment, sights: readonly Sight[], networks: readonly string[]): Found => {
  const met = sights
    .filter((each) => each.counts && answered(each))
    .flatMap((each) => {
      const address = addressOf(each)
      return address === undefined ? [] : [{ each, address }]
    })
  const outside = met.filter(({ address }) => !isWithin(address, networks))
  if (outside.length > 0)
    return so(
      false,
      outside.flatMap(({ each, address }) => [each.asked.address, address, minuteOf(each.look.at)]),
    )
  if (met.length > 0) return so(true)
  return standing(moment, sights, false).verdict === '证据过期' ? { verdict: '证据过期', says: [] } : unknown
}

const stateAt = ({ state, moves = [] }: Json, at: number): string =>
  moves.findLast((move: Json) => Date.parse(move.at) <= at)?.to ?? moves[0]?.from ?? state

const served: readonly string[] = ['trial', 'cutover', 'accepted']

const cloudServed = (moment: Moment, system: Json, migration: Json): Found => {
  const { cutoff } = moment
  const target = `${system.id}/new`
  if (served.includes(stateAt(migration, cutoff))) {
    const now = standing(moment, sightsOf(moment, target), true)
    if (now.verdict === '矛盾') return now
  }
  const moves = migration.moves.filter((move: Json) => Date.parse(move.at) <= cutoff)
  const trialDays = new Set<string>(
    moves.flatMap((move: Json, index: number) => {
      if (move.to !== 'trial') return []
      const end = moves[index + 1] === undefined ? cutoff : Date.parse(moves[index + 1].at) - 1
      return days(dayOf(Date.parse(move.at)), [dayOf(end), lastWholeDay(moment)].toSorted()[0] ?? '')
    }),
  )
  const asked = askedOf(moment, target)
  const count = [...trialDays].filter((day) => asked.every((each) => isProbeDay(each, day))).length
  return asked.length > 0 && count >= 30 ? so(true) : unknown
}

const silenced: readonly string[] = ['accepted', 'decommissioned', 'merged']

const oldGone = (moment: Moment, system: Json, migration: Json): Found => {
  const moves = migration.moves.filter((move: Json) => Date.parse(move.at) <= moment.cutoff)
  const before = Number(moves.findLastIndex((move: Json) => !silenced.includes(move.to)))
  const since = moves[before + 1]
  return since === undefined ? unknown : oldPlace(moment, `${system.id}/old`, dayOf(Date.parse(since.at)))
}

const migrationOf = (moment: Moment, { id }: Json): Json =>
  record(moment, 'migration', id) ?? { moves: [], state: 'surveyed' }

const inCloud = (moment: Moment, system: Json): Found =>
  inNetworks(
    moment,
    ownSights(moment, system),
    all_(moment, 'cloud').flatMap(({ networks }) => networks),
  )

/** GB words of the states that are claimed, and how far along the way each is. */
const way: readonly (readonly [state: string, word: string])[] = [
  ['surveyed', '已摸底'],
  ['assessed', '已评估'],
  ['planned', '方案已审核'],
  ['provisioned', '资源已开通'],
  ['deploying', '部署迁移中'],
  ['trial', '试运行'],
  ['cutover', '已割接'],
  ['accepted', '已验收'],
  ['decommissioned', '原系统已下线'],
]

const stateClaimed = (moment: Moment, system: Json, value: string): Found => {
  const migration = migrationOf(moment, system)
  const wanted = way.findIndex(([, word]) => word === value)
  const reached = way.findIndex(([state]) => state === stateAt(migration, moment.cutoff))
  return all([
    so(reached >= wanted),
    ...(wanted >= 5 ? [inCloud(moment, system)] : []),
    ...(wanted >= 7 ? [cloudServed(moment, system, migration)] : []),
    ...(wanted >= 8 ? [oldGone(moment, system, migration)] : []),
  ])
}

/** Looks that one system's record asks for at another's interface. */
const between = (moment: Moment, from: Json, to: Json): readonly Sight[] =>
  sightsOf(moment, from.id).filter(({ asked }) => hostsOf(to).includes(asked.address))

const bothWays = (moment: Moment, one: Json, other: Json): Found =>
  all([
    standing(moment, between(moment, one, other), true),
    standing(moment, between(moment, other, one), true),
  ])

const loginOf = (moment: Moment, system: Json): Found => {
  const centre = hostsOf(record(moment, 'system', 'sys-usercenter'))
  const pages = ownSights(moment, system).filter(
    (each) => each.counts && answered(each) && each.asked.kind === 'http',
  )
  const isCentre = (url: string): boolean => URL.canParse(url) && centre.includes(hostOf(url))
  const own = pages.filter(
    ({ look: { facts } }) =>
      !isCentre(facts.url ?? '') && facts.status === 200 && String(facts.title ?? '').includes('登录'),
  )
  if (own.length > 0)
    return so(
      false,
      own.flatMap(({ look: { facts, at } }) => [facts.url, facts.title, minuteOf(at)]),
    )
  const led = pages.some(({ look: { facts } }) =>
    (facts.redirects ?? []).some(({ location }: Json) => isCentre(location)),
  )
  return led ? so(true) : unknown
}

const dualStack = (moment: Moment, system: Json): Found => {
  const look = sightsOf(moment, system.id).find(
    (each) => each.counts && each.asked.kind === 'ipv6-ready',
  )?.look
  if (look === undefined) return unknown
  const { v4, v6 } = look.facts
  return so(v4.successes > 0 && v6.successes > 0, [
    minuteOf(look.at),
    `IPv4 ${v4.successes} IPv6 ${v6.successes}`,
  ])
}

const assessmentsOf = (moment: Moment, system: Json): readonly Json[] =>
  all_(moment, 'assessment')
    .filter((each) => each.system === system.id)
    .toSorted((a, b) => (a.finishedOn < b.finishedOn ? 1 : -1))

const filed = (moment: Moment, system: Json, value: string | undefined): Found => {
  const on = assessmentsOf(moment, system).find(({ filing }) => filing !== undefined)
  if (on === undefined)
    return so(migrationOf(moment, system).documents?.some(({ kind }: Json) => kind === 'filing'))
  return so(value === undefined || on.filing === value, [on.id, on.filing, value ?? ''])
}

const assessed = (moment: Moment, system: Json): Found => {
  const today = dayOf(moment.cutoff)
  const last = assessmentsOf(moment, system).find(({ finishedOn }) => finishedOn <= today)
  if (last?.institution === undefined) return unknown
  return { verdict: daysFrom(last.finishedOn, today) > 366 ? '证据过期' : '相符', says: [] }
}

/** In the cloud, served there, gone from the old place. */
const movedParts = (moment: Moment, self: Json): readonly Found[] => {
  const migration = migrationOf(moment, self)
  return [inCloud(moment, self), cloudServed(moment, self, migration), oldGone(moment, self, migration)]
}

const system = (moment: Moment, self: Json, { kind, value }: Json): Found => {
  const own = (): readonly Sight[] => ownSights(moment, self)
  const of = (id: string): Json => record(moment, 'system', id)
  switch (kind as string) {
    case 'connected':
      return all([
        standing(moment, own(), false),
        inNetworks(
          moment,
          own(),
          all_(moment, 'network').map(({ cidr }) => cidr),
        ),
      ])
    case 'online':
      return standing(moment, own(), true)
    case 'migrated':
      return all(movedParts(moment, self))
    case 'migration-state':
      return stateClaimed(moment, self, value)
    case 'old-silent':
      return oldGone(moment, self, migrationOf(moment, self))
    case 'unified-login':
      return loginOf(moment, self)
    case 'exchange':
      return standing(moment, between(moment, self, of('sys-city-exchange')), true)
    case 'linked':
      return bothWays(moment, self, of(value))
    case 'ipv6':
      return dualStack(moment, self)
    case 'filed':
      return filed(moment, self, value)
    case 'assessed':
      return assessed(moment, self)
    default:
      throw new Error(`the recount knows no claim of kind ${kind as string}`)
  }
}

// Claims.

const standingClaims = ({ records, cutoff }: Moment): readonly Json[] => {
  const known = [...(records['claim']?.values() ?? [])]
    .filter(({ at }) => Date.parse(at) <= cutoff)
    .filter(({ withdrawn }) => withdrawn === undefined || Date.parse(withdrawn.at) > cutoff)
    .toSorted((a, b) => (a.at < b.at || (a.at === b.at && a.id < b.id) ? -1 : 1))
  return [
    ...new Map(
      known.map((claim) => [[claim.subjectKind, claim.subject, claim.item, claim.kind].join(), claim]),
    ).values(),
  ]
}

const isOfPlan = ({ subjectKind }: Json): boolean => ['goal', 'task', 'milestone'].includes(subjectKind)
const onPaper: readonly string[] = ['monitored', 'conforms']

const judge = (moment: Moment, claim: Json): Found => {
  const { subjectKind, subject, kind } = claim
  if (onPaper.includes(kind)) return unknown
  if (subjectKind === 'system') return system(moment, record(moment, 'system', subject), claim)
  if (subjectKind === 'mention')
    return system(moment, record(moment, 'system', record(moment, 'mention', subject).system), claim)
  return place(moment, claim)
}

export interface Ratio {
  readonly roster: Json
  readonly denominator: number
  readonly claimed: number
  readonly verified: number
  readonly contradicted: number
  readonly stale: number
  readonly unverifiable: number
}

export const rosterOn = (moment: Moment, series: string): Json =>
  all_(moment, 'roster')
    .filter((each) => each.series === series && each.effectiveOn <= dayOf(moment.cutoff))
    .toSorted((a, b) => b.version - a.version)[0]

export const excludedFrom = ({ exclusions = {} }: Json): number =>
  Object.values(exclusions).reduce((sum: number, { count = 1 }: Json) => sum + Number(count), 0)

export const listedIn = ({ count, members }: Json): number => count ?? members.length

const counted: Readonly<Record<string, string>> = {
  'cloud-migration': 'migrated',
  'network-coverage': 'connected',
}

/** Claimed against verified over the roster of a goal or task; undefined where there is none on the day. */
export const ratioOf = (moment: Moment, item: Json, judged: readonly Judged[]): Ratio | undefined => {
  const roster = rosterOn(moment, item.roster)
  if (roster === undefined) return undefined
  const tasks: readonly Json[] = item.tasks?.map((id: string) => record(moment, 'task', id)) ?? [item]
  const kind = tasks
    .flatMap(({ categories }) => categories)
    .map((each) => counted[each])
    .find(Boolean)
  const eligible = new Set(
    roster.count === undefined
      ? roster.members.filter((id: string) => !(id in (roster.exclusions ?? {})))
      : [],
  )
  const members = judged.filter(
    ({ claim }) => claim.subjectKind === 'system' && claim.kind === kind && eligible.has(claim.subject),
  )
  const number = (verdict: string): number => members.filter((each) => each.verdict === verdict).length
  const reported = judged.find(({ claim }) => claim.kind === 'count' && claim.subject === item.id)?.claim
    .value
  const claimed = Math.max(members.length, Number(reported ?? 0))
  return {
    roster,
    denominator: listedIn(roster) - excludedFrom(roster),
    claimed,
    verified: number('相符'),
    contradicted: number('矛盾'),
    stale: number('证据过期'),
    unverifiable: number('无法验证') + claimed - members.length,
  }
}

/** Tasks without a roster: the systems that they name, all of which are to be online. */
const byNamed = (moment: Moment, task: Json): Found =>
  all(
    task.mentions.map((id: string) =>
      standing(moment, ownSights(moment, record(moment, 'system', id)), true),
    ),
  )

const planJudged = (moment: Moment, claim: Json, judged: readonly Judged[]): Found => {
  const { subjectKind, subject, kind, value } = claim
  if (subjectKind === 'milestone') return unknown
  const item = record(moment, subjectKind, subject)
  if (item.roster === undefined) return byNamed(moment, item)
  const ratio = ratioOf(moment, item, judged)
  if (ratio === undefined) return unknown
  const { denominator, contradicted, verified, stale, unverifiable, roster } = ratio
  const wanted = kind === 'count' ? Number(value) : denominator
  const says = [`${wanted} ${verified} ${denominator} ${roster.id} ${contradicted} ${stale} ${unverifiable}`]
  if (wanted > denominator - contradicted) return { verdict: '矛盾', says }
  if (verified >= wanted) return { verdict: '相符', says }
  return { verdict: unverifiable === 0 && verified + stale >= wanted ? '证据过期' : '无法验证', says }
}

export const judgeAll = (moment: Moment): readonly Judged[] => {
  const claims = standingClaims(moment)
  const judged = (claim: Json, found: Found): Judged => ({ ...found, claim, unit: claim.unit })
  const own = claims.filter((claim) => !isOfPlan(claim)).map((claim) => judged(claim, judge(moment, claim)))
  const reported = claims.filter(isOfPlan)
  const everything = [...own, ...reported.map((claim) => judged(claim, unknown))]
  return [...own, ...reported.map((claim) => judged(claim, planJudged(moment, claim, everything)))]
}

export { movedParts, nodeAnswers, nodesWhere, ownSights, stateAt, townshipsIn, way }
