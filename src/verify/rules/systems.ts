import { isIP } from 'node:net'
import type { System } from '../../../inventory/model.ts'
import { factsAt, factsIn, flagAt, numberAt, textAt } from '../../facts/read.ts'
import type { Networks } from '../../core/network.ts'
import { addressesMet, isSame, type Place, placeOf, placesOf, wentTo } from '../endpoints.ts'
import { type Ground, isValid } from '../ground.ts'
import { answers, anyOf, fromLook, reached, unseen } from '../parts.ts'
import type { Look, Part } from '../types.ts'

/** What a look at a system can show of it. */

const newestValid = (looks: readonly Look[], { now }: Ground): readonly Look[] =>
  looks
    .filter((look) => isValid(look, now))
    .toSorted((one, other) => other.seen.observedAt - one.seen.observedAt)

/** All that its record asks for: at its own interfaces, also at the new place, and at those of others. */
const everyLook = ({ id }: System, ground: Ground): readonly Look[] => [
  ...ground.looksAt(id),
  ...ground.looksAt(`${id}/new`),
]

/** At its own interfaces: what its record asks of another system says nothing of its own. */
export const looksOf = (system: System, ground: Ground): readonly Look[] =>
  everyLook(system, ground).filter((look) => {
    const owners = ground.systemsAt(wentTo(look))
    return look.target !== system.id || owners.size === 0 || owners.has(system.id)
  })

/** Where a page is asked for, the handshake before it says nothing of the page. */
export const ofService = (looks: readonly Look[]): readonly Look[] => {
  const pages = looks.filter(({ kind }) => kind === 'http').map(wentTo)
  return looks.filter((look) => look.kind !== 'tls' || !pages.some((page) => isSame(page, wentTo(look))))
}

export const online = (system: System, ground: Ground): Part =>
  reached(
    { asserts: `${system.name} 应答符合预期`, strict: true },
    ofService(looksOf(system, ground)),
    ground,
  )

/** Addresses met by looks that count must lie in these networks; one outside contradicts. */
export const within = (
  asserts: string,
  looks: readonly Look[],
  { networks, called, ground }: { networks: Networks; called: string; ground: Ground },
): Part => {
  if (networks.isEmpty) return unseen(asserts, `没有登记${called}`)
  const valid = newestValid(looks, ground)
    .filter(answers)
    .flatMap((look) => addressesMet(look).map((address) => ({ look, address })))
  const outside = valid.find(({ address }) => !networks.hold(address))
  if (outside !== undefined)
    return fromLook(
      asserts,
      'contradicted',
      outside.look,
      `${outside.look.address} 的地址 ${outside.address} 不在${called}内（${ground.words(outside.look.seen.observedAt)}）`,
    )
  const [inside] = valid
  if (inside !== undefined)
    return fromLook(
      asserts,
      'consistent',
      inside.look,
      `${inside.look.address} 的地址 ${inside.address} 在${called}内（${ground.words(inside.look.seen.observedAt)}）`,
    )
  const part = reached({ asserts, strict: false }, looks, ground)
  // That nobody answers says nothing of where it is.
  return part.verdict === 'stale' ? part : { ...part, verdict: 'unverifiable' }
}

/** Reached from the extranet, at an address of the extranet. */
export const onExtranet = (system: System, ground: Ground): readonly Part[] => {
  const looks = looksOf(system, ground).filter(({ vantage }) => vantage !== 'internet')
  return [
    reached({ asserts: `${system.name} 从外网侧应答`, strict: false }, looks, ground),
    within('服务地址在外网规划网段内', looks, { networks: ground.extranet, called: '外网规划网段', ground }),
  ]
}

const readiness = (look: Look, ground: Ground): Part => {
  const { facts, observedAt } = look.seen
  const asserts = '两个地址族均可访问'
  const successes = (family: 'v4' | 'v6'): number => numberAt(factsAt(facts, family) ?? {}, 'successes') ?? 0
  const hasAaaa = flagAt(facts, 'hasAaaa')
  const saw = `${ground.words(observedAt)} IPv4 成功 ${successes('v4')} 次，IPv6 ${hasAaaa === false ? '没有 AAAA 记录' : `成功 ${successes('v6')} 次`}`
  if (hasAaaa === undefined) return fromLook(asserts, 'unverifiable', look, '该次探测没有可读的事实')
  const both = successes('v4') > 0 && successes('v6') > 0
  return fromLook(asserts, both ? 'consistent' : 'contradicted', look, saw)
}

const overFamily = (family: 4 | 6, looks: readonly Look[], ground: Ground): Part => {
  const own = looks.filter((look) => addressesMet(look).some((address) => isIP(address) === family))
  return reached({ asserts: `经 IPv${family} 应答`, strict: true }, own, ground)
}

/** By the probe of readiness where there is one, or by looks over either family. */
export const bothFamilies = (system: System, ground: Ground): readonly Part[] => {
  const looks = looksOf(system, ground)
  const ready = newestValid(looks, ground).find(
    ({ kind, seen: { status } }) => kind === 'ipv6-ready' && status !== 'unknown',
  )
  if (ready !== undefined) return [readiness(ready, ground)]
  const others = looks.filter(({ kind }) => kind !== 'dns' && kind !== 'ipv6-ready')
  return ([4, 6] as const).map((family) => overFamily(family, others, ground))
}

/** Looks that a system's record asks for at an interface of another: its own health check there. */
const looksBetween = (from: System, to: System, ground: Ground): readonly Look[] => {
  const places = placesOf(to)
  return everyLook(from, ground).filter((look) => places.some((place) => isSame(place, wentTo(look))))
}

const wayTo = (from: System, to: System, ground: Ground): Part => {
  const asserts = `${from.name} → ${to.name} 的接口应答符合预期`
  const looks = looksBetween(from, to, ground)
  return looks.length === 0
    ? unseen(asserts, `${from.id} 没有登记对 ${to.id} 接口的探测`)
    : reached({ asserts, strict: true }, looks, ground)
}

/** Both ways: each record asks for a look at the other's interface. */
export const linkedBothWays = (one: System, other: System, ground: Ground): readonly Part[] => [
  wayTo(one, other, ground),
  wayTo(other, one, ground),
]

/** One way will do: the system's look at the platform, or the platform's at the system. */
export const attachedTo = (system: System, platform: System, ground: Ground): Part =>
  anyOf(
    `${system.name} 与 ${platform.name} 的交换接口应答符合预期`,
    [wayTo(system, platform, ground), wayTo(platform, system, ground)].filter(
      ({ source }) => source !== undefined,
    ),
    `没有登记两者之间的接口探测`,
  )

const loginTitle = /登录|登陆|log\s?in|sign\s?in/iu

const ledTo = ({ seen: { facts } }: Look): readonly Place[] =>
  factsIn(facts, 'redirects').flatMap((redirect) => placeOf(textAt(redirect, 'location') ?? '') ?? [])

/** The entry leads to the user centre, and no look finds a login page of its own. */
export const unifiedLogin = (system: System, centre: System, ground: Ground): Part => {
  const asserts = `登录入口跳转到 ${centre.name}，自建登录页已停用`
  const looks = looksOf(system, ground).filter(({ kind }) => kind === 'http')
  const valid = newestValid(looks, ground).filter(answers)
  const own = valid.find(({ seen: { facts } }) => {
    const place = placeOf(textAt(facts, 'url') ?? '')
    const elsewhere = place !== undefined && placesOf(centre).some((each) => isSame(each, place))
    return !elsewhere && loginTitle.test(textAt(facts, 'title') ?? '') && numberAt(facts, 'status') === 200
  })
  if (own !== undefined)
    return fromLook(
      asserts,
      'contradicted',
      own,
      `自建登录页仍在：${textAt(own.seen.facts, 'url') ?? own.address}，标题“${textAt(own.seen.facts, 'title') ?? ''}”（${ground.words(own.seen.observedAt)}）`,
    )
  const led = valid.find((look) =>
    ledTo(look).some((place) => placesOf(centre).some((each) => isSame(each, place))),
  )
  if (led !== undefined)
    return fromLook(
      asserts,
      'consistent',
      led,
      `${led.address} 跳转到 ${centre.name}（${ground.words(led.seen.observedAt)}）`,
    )
  const [last] = valid
  if (last !== undefined)
    return fromLook(
      asserts,
      'unverifiable',
      last,
      `${last.address} 未跳转到 ${centre.name}，也未见登录页：请登记登录入口地址`,
    )
  const part = reached({ asserts, strict: false }, looks, ground)
  return part.verdict === 'stale' ? part : { ...part, verdict: 'unverifiable' }
}
