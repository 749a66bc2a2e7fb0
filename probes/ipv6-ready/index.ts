import { networkInterfaces } from 'node:os'
import { type AgentCause, type Outcome, agentCauses, down, unknown, up } from '../../src/core/outcome.ts'
import { defineProbe } from '../../src/core/probe.ts'
import { type Allowance, createAllowance } from '../net/http/allowance.ts'
import type { Failure } from '../net/http/attempt.ts'
import { isLocal } from '../net/http/redirect.ts'
import type { ReadinessFacts } from './facts.ts'
import { type Home, exchangeOver, lookAtHome } from './home.ts'
import { checkLevels } from './levels.ts'
import { readinessMetrics } from './metrics.ts'
import { type Addresses, addressesOf, delegationOf } from './names.ts'
import { samenessOf } from './sameness.ts'
import { type ReadinessSpec, readinessSpec } from './spec.ts'

const maxRequests = 100

/** Whether this machine has an IPv6 address with which it could reach another. */
const hasIpv6 = (): boolean =>
  Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ family, address }) => family === 'IPv6' && !isLocal(address)),
  )

const slowdown = (v4: Home | undefined, v6: Home | undefined): number | undefined => {
  const [four, six] = [v4?.facts.medianSeconds, v6?.facts.medianSeconds]
  return four === undefined || six === undefined || four === 0 ? undefined : (six - four) / four
}

const homeOver = async (
  spec: ReadinessSpec,
  family: 4 | 6,
  [address]: readonly string[],
  allowance: Allowance,
): Promise<Home | undefined> =>
  address === undefined ? undefined : lookAtHome(spec, exchangeOver(spec, family, address), allowance)

interface Homes {
  readonly v4: Home | undefined
  readonly v6: Home | undefined
}

const contentFacts = ({ v4, v6 }: Homes): Pick<ReadinessFacts, 'content' | 'slowdownRatio'> => {
  const slowdownRatio = slowdown(v4, v6)
  return {
    ...(v4?.page !== undefined && v6?.page !== undefined && { content: samenessOf(v4.page, v6.page) }),
    ...(slowdownRatio !== undefined && { slowdownRatio }),
  }
}

const levelFacts = async (
  { v6 }: Homes,
  { sampleLinks }: ReadinessSpec,
  allowance: Allowance,
): Promise<Pick<ReadinessFacts, 'secondLevel' | 'thirdLevel'>> =>
  v6?.page === undefined || sampleLinks === 0
    ? {}
    : checkLevels(v6.page, { first: v6.exchange, sampleLinks, allowance })

const isOurs = (cause: string): cause is AgentCause => (agentCauses as readonly string[]).includes(cause)

/** Nothing answered: why. */
const noAnswer = ({ cause, detail }: Failure, facts: Partial<ReadinessFacts>): Outcome<ReadinessFacts> =>
  isOurs(cause) ? unknown(cause, detail) : down(cause, detail, facts)

const cannotLook = ({ v6Addresses: [first] }: Addresses): boolean =>
  first !== undefined && !isLocal(first) && !hasIpv6()

const look = async (
  spec: ReadinessSpec,
  addresses: Addresses,
  allowance: Allowance,
  signal: AbortSignal,
): Promise<Outcome<ReadinessFacts>> => {
  const delegation = spec.delegation ? await delegationOf(spec, signal) : undefined
  const v4 = await homeOver(spec, 4, addresses.v4Addresses, allowance)
  const v6 = await homeOver(spec, 6, addresses.v6Addresses, allowance)
  const facts: ReadinessFacts = {
    ...addresses,
    hasAaaa: addresses.v6Addresses.length > 0,
    ...(delegation !== undefined && { delegation }),
    ...(v4 !== undefined && { v4: v4.facts }),
    ...(v6 !== undefined && { v6: v6.facts }),
    ...contentFacts({ v4, v6 }),
    ...(await levelFacts({ v4, v6 }, spec, allowance)),
    requests: allowance.made(),
  }
  const failure = v4?.failure ?? v6?.failure
  const isAnswered = [v4, v6].some((home) => home?.facts.status !== undefined)
  return isAnswered || failure === undefined ? up(facts) : noAnswer(failure, facts)
}

/**
 * IPv6 readiness as it is measured for government sites: AAAA, delegation, home page over both families, the same
 * content, links of the second and third level. Up where the home page answers over either family; an agent
 * without IPv6 cannot tell: unknown.
 */
export const ipv6Ready = defineProbe({
  kind: 'ipv6-ready',
  summary: 'measures whether a web site is there over IPv6: names, home page, content, links',
  example: 'www.example.com --tries 5',
  spec: readinessSpec,
  metrics: readinessMetrics,
  intervalSeconds: 21_600,
  run: async (spec, { signal }): Promise<Outcome<ReadinessFacts>> => {
    const { timeoutSeconds: seconds, requestTimeoutSeconds } = spec
    const allowance = createAllowance({ requests: maxRequests, seconds, requestTimeoutSeconds }, signal)
    const addresses = await addressesOf(spec, signal)
    if (addresses.v4Addresses.length + addresses.v6Addresses.length === 0)
      return down('unresolved', `"${spec.address}" has no address`, { ...addresses, hasAaaa: false })
    return cannotLook(addresses)
      ? unknown('resource', 'this agent has no IPv6 address to look with')
      : look(spec, addresses, allowance, signal)
  },
})
