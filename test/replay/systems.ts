import type { InputOf } from '../../inventory/model.ts'
import type { MigrationState } from '../../inventory/migration/index.ts'
import type { Operation } from '../../inventory/store.ts'
import { dayOf, forGood, hourMs, type Span, when } from './calendar.ts'
import { type Claims, paper, type Truth } from './claims.ts'
import { failing, type Network, open, page, readiness, refused } from './network.ts'
import { agentOf, city, cityAgent } from './places.ts'

/** 300 systems in six waves: where they stand, when they move, and what is reported of them, true and false. */

export const systemCount = 300
const inWave = systemCount / 6
export const waveCount = 6

/** `wave` from 0, `place` of the system in its wave from 0. */
export interface Sys {
  readonly id: string
  readonly wave: number
  readonly place: number
  readonly region: string
  readonly unit: string
  readonly agent: string
  readonly host: string
  readonly old: string
  readonly fresh: string
}

export const systemsOf = (counties: readonly string[]): readonly Sys[] =>
  Array.from({ length: systemCount }, (_, index) => {
    const number = index + 1
    const county = number % 3 === 0 ? (counties[(number / 3) % counties.length] ?? city) : undefined
    const departments = [
      'finance',
      'housing',
      'transport',
      'audit',
      'water',
      'environment',
      'public-security',
    ]
    const id = `s-${String(number).padStart(3, '0')}`
    const tail = `${number >> 8}.${number & 255}`
    return {
      id,
      wave: Math.floor(index / inWave),
      place: index % inWave,
      region: county ?? city,
      unit:
        county === undefined
          ? `u-${city}-${departments[number % departments.length] ?? ''}`
          : `u-${county}-government`,
      agent: county === undefined ? cityAgent : agentOf(county),
      host: `${id}.kaifeng.example`,
      old: `10.9.${tail}`,
      fresh: `10.200.${tail}`,
    }
  })

/** What becomes of a system; each wave has some of each. */
export type Role =
  | 'moves' // in its time, the old place off after the cutover
  | 'late' // its trial begins two weeks late
  | 'waived' // accepted before its thirty days, by override
  | 'kept' // accepted, and its old place is never switched off
  | 'revived' // its old place comes back
  | 'dies' // its new place dies after acceptance
  | 'stays' // deploying for good, and reported as moved
  | 'outside' // on a commercial host, not moving
  | 'aside' // exempt, merged, deferred, blocked or rolled back

export const roleOf = ({ wave, place }: Sys): Role => {
  if (place >= 44 && place <= 46) return 'late'
  if (place === 43 && wave === 1) return 'waived'
  if (place === 42 && wave === 3) return 'dies'
  if (place === 41 && wave === 0) return 'revived'
  if (place === 40 && (wave === 1 || wave === 3)) return 'outside'
  if (place === 47) return 'aside'
  if (place === 48) return 'kept'
  return place === 49 ? 'stays' : 'moves'
}

export const asideOf: readonly { readonly to: MigrationState; readonly basis?: string }[] = [
  { to: 'exempt', basis: '实施方案第4条：涉及工业控制，不宜上云' },
  { to: 'merged', basis: '整合关停清单第3号' },
  { to: 'deferred', basis: '市政府专题会议纪要〔2018〕5号' },
  { to: 'blocked' },
  { to: 'rolled_back' },
  { to: 'exempt', basis: '实施方案第4条：依赖专用硬件，不宜上云' },
]

const lateWeeks = (system: Sys): number => (roleOf(system) === 'late' || roleOf(system) === 'waived' ? 2 : 0)

/** Week in which its trial begins. */
export const trialWeek = (system: Sys): number => 4 * system.wave + 1 + lateWeeks(system)

/** The week in which a wave is accepted: a month of trial, and what silent agents cost it. */
const acceptedWeeks = [6, 10, 15, 19, 22, 26] as const

/** When the network has its name lead to the cloud, and the old place go silent. */
const switchAt = (system: Sys): number => when(trialWeek(system) + 5, 'Wed', 9)

const address = (system: Sys): string => `http://${system.host}/`

const commercial = (system: Sys): string => `203.0.113.${system.place}`

/** The server that `roleOf` and the time say: at the old place, the new one, or elsewhere. */
const behave = (network: Network, system: Sys): void => {
  const { host, old, fresh } = system
  const role = roleOf(system)
  const url = address(system)
  const at = (remoteAddress: string) => page({ url, remoteAddress })
  network.answers(`${host}/`, 0, at(role === 'outside' ? commercial(system) : old))
  network.answers(`${old}:80`, 0, open(old))
  if (role === 'outside' || role === 'stays' || role === 'aside') return
  network.answers(`${fresh}/`, 0, page({ url: `http://${fresh}/`, remoteAddress: fresh }))
  network.answers(`${host}/`, switchAt(system), at(fresh))
  if (role !== 'kept') network.answers(`${old}:80`, switchAt(system), refused)
}

const flickersOf = ({ wave, place }: Sys): readonly Span[] =>
  Array.from({ length: 26 }, (_, week) => week + 1)
    .filter((week) => (place * 3 + wave + week * 4) % 13 === 0)
    .map((week) => {
      const from = when(week, 'Tue', (place * 7) % 22)
      return [from, from + (1 + (place % 5)) * hourMs]
    })

const revivedSpan: Span = [when(15, 'Tue', 10), when(19, 'Tue', 10)]
const diedAt = when(22, 'Tue', 10)

/** What happens to some of them beside the plan. */
const misbehave = (network: Network, system: Sys): void => {
  const { host, old, fresh } = system
  const [from, to] = revivedSpan
  const role = roleOf(system)
  if (role === 'revived') {
    network.answers(`${old}:80`, from, open(old))
    network.answers(`${old}:80`, to, refused)
    return
  }
  const cuts = role === 'dies' ? [forGood(diedAt)] : flickersOf(system)
  network.cut(`${host}/`, ...cuts)
  network.cut(`${fresh}/`, ...cuts)
}

const systemRecord = (system: Sys, probes: InputOf<'system'>['probes']): Operation => ({
  op: 'put',
  collection: 'system',
  record: {
    id: system.id,
    name: `${system.region === city ? '市直' : '县区'}业务系统${system.id.slice(2)}`,
    unit: system.unit,
    region: system.region,
    kind: 'application',
    endpoints: [address(system)],
    areas: [system.region === city ? 'private' : 'public'],
    ...(probes !== undefined && { probes }),
  },
})

const migrationRecord = (system: Sys): Operation => ({
  op: 'put',
  collection: 'migration',
  record: {
    id: system.id,
    unit: system.unit,
    state: 'planned',
    stateSince: '2017-12-01',
    decision: 'rehost',
    cloud: 'cloud-kaifeng',
    wave: `w${system.wave + 1}`,
    oldEndpoints: [`http://${system.old}/`],
    newEndpoints: [`http://${system.fresh}/`],
    documents: ['filing' as const, 'three-party' as const].map((kind) => ({
      kind,
      name: `${system.id} ${kind}.pdf`,
      date: '2017-12-20',
      sha256: paper(`${system.id} ${kind}.pdf`).sha256,
    })),
  },
})

export const waves: readonly InputOf<'wave'>[] = Array.from({ length: waveCount }, (_, wave) => ({
  id: `w${wave + 1}`,
  name: `第${wave + 1}批`,
  startsOn: dayOf(when(3 + 4 * wave, 'Mon')),
  endsOn: dayOf(when(6 + 4 * wave, 'Sun')),
  capacity: inWave,
}))

const isMoving = (system: Sys): boolean => roleOf(system) !== 'outside'

/** A Thursday; in week 7, that of the spring festival, nobody reports. */
const reported = (week: number): number => when(week === 7 ? 8 : week, 'Thu', 15)

/** Claims about the move; `report` knows subject and unit. */
const reportMove = (claims: Claims, system: Sys): void => {
  const { id, unit, wave, place, agent } = system
  const seenBy = [agent]
  const role = roleOf(system)
  const accepted = acceptedWeeks[wave] ?? 99
  const add = (
    kind: 'migrated' | 'migration-state' | 'old-silent',
    at: number,
    truth: Truth,
    value?: string,
  ) =>
    claims.add(
      { subject: `system:${id}`, kind, at, unit, ...(value !== undefined && { value }) },
      { seenBy, ...truth },
    )
  // Days on which its agent was silent are no days of its trial.
  const lag = wave === 2 && agent === agentOf('410222') ? 1 : 0
  const moved = when(9 + 4 * wave + lag, 'Thu', 15)
  if (role === 'moves' && wave < 5 && place < 40) add('migrated', moved, {})
  if (role === 'moves' && wave < 5 && place < 8) add('old-silent', moved, {})
  if (place < 5 && wave < 5) add('migration-state', reported(7 + 4 * wave), {}, '已验收')
  // Said before it is so.
  if (place === 5)
    add(
      'migration-state',
      reported(3 + 4 * wave),
      { contraryToRecords: [[0, when(accepted, 'Wed', 10)]] },
      '已验收',
    )
  if (role === 'kept' && wave < 5) {
    add('migrated', moved, { false: [forGood(0)] })
    add('old-silent', moved, { false: [forGood(0)] })
  }
  if (role === 'stays' && wave < 5) {
    add('migrated', moved, { false: [forGood(0)] })
    add('migration-state', when(5 + 4 * wave, 'Fri', 15), { contraryToRecords: [forGood(0)] }, '试运行')
  }
  if (role === 'revived') {
    const [from, to] = revivedSpan
    // Off again, it has to be silent for seven whole days before anybody can say so.
    const truth = { false: [[from, to]], dark: [[to, when(20, 'Wed')]] } as const
    add('migrated', moved, truth)
    add('old-silent', moved, truth)
  }
  if (role === 'dies') {
    const day = 24 * hourMs
    add('migrated', moved, { false: [forGood(diedAt + day)], dark: [[diedAt, diedAt + day]] })
  }
}

interface Service {
  readonly url: string
  readonly host: string
  readonly address: string
}
const service = (name: string, tail: number): Service => ({
  url: `http://${name}.kaifeng.example/`,
  host: `${name}.kaifeng.example`,
  address: `10.200.9.${tail}`,
})
export const centre = service('login', 1)
export const platform = service('exchange', 2)

const healthOf = (system: string): string => `/health/${system}`

interface Extra {
  readonly probes: NonNullable<InputOf<'system'>['probes']>
  readonly claim?: { readonly kind: InputOf<'claim'>['kind']; readonly week: number; readonly value?: string }
  readonly truth?: Truth
}

const lookAt = (host: string, path: string) => ({
  kind: 'http',
  options: { address: host, scheme: 'http', path },
})

/** Its entry leads to the user centre, or has a page of its own. */
const login = (network: Network, system: Sys, isFalse: boolean): Extra => {
  const { id, host, old, fresh, wave } = system
  const path = '/login'
  const url = `http://${host}${path}`
  const led = page({ url, remoteAddress: centre.address, title: '统一身份认证登录', location: centre.url })
  const mended = when(18, 'Tue', 10)
  const own = (remoteAddress: string) => page({ url, remoteAddress, title: `${id} 用户登录` })
  network.answers(`${host}${path}`, 0, isFalse ? own(old) : led)
  if (isFalse) network.answers(`${host}${path}`, switchAt(system), own(fresh))
  if (isFalse && wave === 1) network.answers(`${host}${path}`, mended, led)
  return {
    probes: [lookAt(host, path)],
    claim: { kind: 'unified-login', week: 6 },
    truth: isFalse ? { false: [wave === 1 ? [0, mended] : forGood(0)] } : {},
  }
}

const exchange = (network: Network, { id }: Sys, isFalse: boolean): Extra => {
  const path = healthOf(id)
  const spec = { url: `http://${platform.host}${path}`, remoteAddress: platform.address }
  network.answers(`${platform.host}${path}`, 0, isFalse ? failing(spec) : page(spec))
  return {
    probes: [lookAt(platform.host, path)],
    claim: { kind: 'exchange', week: 8 },
    truth: isFalse ? { false: [forGood(0)] } : {},
  }
}

/** Each looks at the other's interface; one way may be broken. */
const linked = (network: Network, from: Sys, to: Sys, isFalse: boolean): Extra => {
  const path = healthOf(from.id)
  const spec = { url: `http://${to.host}${path}`, remoteAddress: to.old }
  network.answers(`${to.host}${path}`, 0, isFalse ? failing(spec) : page(spec))
  return { probes: [lookAt(to.host, path)] }
}

const dualStack = (network: Network, { host }: Sys, isFalse: boolean): Extra => {
  network.answers(`v6 ${host}`, 0, readiness(!isFalse))
  return {
    probes: [{ kind: 'ipv6-ready', options: { address: host, scheme: 'http' } }],
    claim: { kind: 'ipv6', week: 9 },
    truth: isFalse ? { false: [forGood(0)] } : {},
  }
}

/** What else is looked at and reported of some systems, by their place in the wave. */
const extraOf = (network: Network, system: Sys, all: readonly Sys[]): Extra | undefined => {
  const { wave, place } = system
  const isEarly = wave === 0 || wave === 1
  const beside = (step: number): Sys => all[all.indexOf(system) + step] ?? system
  switch (place) {
    case 20:
    case 21:
      return login(network, system, false)
    case 22:
      return isEarly ? login(network, system, true) : undefined
    case 23:
    case 24:
      return exchange(network, system, false)
    case 25:
      return exchange(network, system, wave === 0 || wave === 2)
    case 26: {
      const other = beside(1)
      return {
        ...linked(network, system, other, false),
        claim: { kind: 'linked', week: 10, value: other.id },
        // The way back is the broken one.
        truth:
          wave === 1
            ? { seenBy: [other.agent], false: [forGood(0)] }
            : { seenBy: [system.agent, other.agent] },
      }
    }
    case 27:
      return linked(network, system, beside(-1), wave === 1)
    case 28:
    case 29:
      return dualStack(network, system, false)
    case 30:
      return dualStack(network, system, wave === 0 || wave === 3)
    default:
      return undefined
  }
}

const reportExtra = (claims: Claims, { id, unit, agent }: Sys, { claim, truth }: Extra): void => {
  if (claim === undefined) return
  const { kind, week, value } = claim
  claims.add(
    { subject: `system:${id}`, kind, at: when(week, 'Wed', 11), unit, ...(value !== undefined && { value }) },
    { seenBy: [agent], ...truth },
  )
}

/** On the extranet, and in service. */
const reportService = (network: Network, claims: Claims, system: Sys): void => {
  const { id, unit, agent, wave, place, host, old } = system
  const subject = `system:${id}`
  const role = roleOf(system)
  const add = (kind: 'connected' | 'online', week: number, truth: Truth) =>
    claims.add({ subject, kind, at: when(week, 'Fri', 14), unit }, { seenBy: [agent], ...truth })
  if (role === 'outside') add('connected', 5, { false: [forGood(0)] })
  else if (place % 5 !== 4 && role !== 'dies' && !(role === 'aside' && wave === 5))
    add('connected', [2, 3, 4, 5, 6, 8, 9, 10][place % 8] ?? 2, {})
  if (place >= 10 && place <= 16) add('online', 4, {})
  if (role === 'aside' && wave === 0) {
    network.answers(`${host}/`, 0, failing({ url: address(system), remoteAddress: old }))
    add('online', 5, { false: [forGood(0)] })
  }
  if (role === 'aside' && wave === 5) {
    const from = when(10, 'Tue', 6)
    network.cut(`${host}/`, forGood(from))
    const truth = { false: [forGood(from + 24 * hourMs)], dark: [[from, from + 24 * hourMs]] } as const
    add('online', 5, truth)
    add('connected', 5, truth)
  }
}

export interface Systems {
  readonly systems: readonly Sys[]
  readonly setUp: readonly Operation[]
}

export const plantSystems = (network: Network, claims: Claims, counties: readonly string[]): Systems => {
  const systems = systemsOf(counties)
  const setUp = systems.flatMap((system) => {
    behave(network, system)
    misbehave(network, system)
    reportService(network, claims, system)
    reportMove(claims, system)
    const extra = extraOf(network, system, systems)
    if (extra !== undefined) reportExtra(claims, system, extra)
    return [systemRecord(system, extra?.probes), ...(isMoving(system) ? [migrationRecord(system)] : [])]
  })
  return { systems, setUp }
}
