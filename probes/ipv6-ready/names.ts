import { promises as dns } from 'node:dns'
import { isIP } from 'node:net'
import { addressesOf as addressesByName } from '../net/resolve.ts'
import type { DelegationFacts, ReadinessFacts } from './facts.ts'
import type { ReadinessSpec } from './spec.ts'

export type Addresses = Pick<ReadinessFacts, 'v4Addresses' | 'v6Addresses'>

const maxAddresses = 8
const maxNameServers = 10

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

const absent = new Set(['ENOTFOUND', 'ENODATA', 'EAI_NODATA', 'EAI_ADDRFAMILY', 'EBADNAME'])
const isAbsence = (error: unknown): boolean => absent.has(codeOf(error))

const resolverCode = 'EAI_AGAIN'
/** `ECANCELLED`: by the deadline. */
const silences = new Set(['ETIMEOUT', 'ECANCELLED'])

/** c-ares' own codes (ETIMEOUT, EREFUSED, EBADRESP …) all say that the name server does not serve us. */
const ofResolver = async (answer: Promise<readonly string[]>): Promise<readonly string[]> => {
  try {
    return await answer
  } catch (cause) {
    if (isAbsence(cause) || codeOf(cause) === '') throw cause
    const problem = silences.has(codeOf(cause)) ? 'no answer in time' : codeOf(cause)
    throw Object.assign(new Error(`name server: ${problem}`, { cause }), { code: resolverCode })
  }
}

/** An answer that there is none is no failure; any other rejects. */
const orNone = async (answer: Promise<readonly string[]>): Promise<readonly string[]> => {
  try {
    return await answer
  } catch (error) {
    if (isAbsence(error)) return []
    throw error
  }
}

/** A resolver whose questions end with the signal. */
const createResolver = (server: string | undefined, signal: AbortSignal): dns.Resolver => {
  const resolver = new dns.Resolver({ timeout: 2000, tries: 2 })
  if (server !== undefined) resolver.setServers([server])
  signal.addEventListener(
    'abort',
    () => {
      resolver.cancel()
    },
    { once: true },
  )
  return resolver
}

type Ask = (family: 4 | 6) => Promise<readonly string[]>

const asker = (name: string, server: string | undefined, signal: AbortSignal): Ask => {
  if (server === undefined) return (family) => addressesByName(name, family, signal)
  const resolver = createResolver(server, signal)
  return (family) => ofResolver(family === 4 ? resolver.resolve4(name) : resolver.resolve6(name))
}

/**
 * The addresses that a site has. A literal has itself; a name what getaddrinfo, or the spec's name server, says.
 * Rejects with the resolver's error where it says neither.
 */
export const addressesOf = async (spec: ReadinessSpec, signal: AbortSignal): Promise<Addresses> => {
  signal.throwIfAborted()
  const literal = isIP(spec.address)
  const ask = asker(spec.address, spec.nameServer, signal)
  const find = async (family: 4 | 6, given: string | undefined): Promise<readonly string[]> => {
    if (given !== undefined) return [given]
    if (literal !== 0) return literal === family ? [spec.address] : []
    return (await orNone(ask(family))).slice(0, maxAddresses)
  }
  const [v4Addresses, v6Addresses] = await Promise.all([find(4, spec.v4Address), find(6, spec.v6Address)])
  return { v4Addresses, v6Addresses }
}

/** `www.kaifeng.gov.cn` → itself and what is above it, but no top-level domain. */
const zonesOf = (name: string): readonly string[] => {
  const labels = name.replace(/\.$/u, '').split('.')
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'))
}

/** Which name servers of the name's zone have an IPv6 address; undefined where nobody could be asked. */
export const delegationOf = async (
  { address, nameServer }: ReadinessSpec,
  signal: AbortSignal,
): Promise<DelegationFacts | undefined> => {
  if (isIP(address) !== 0) return undefined
  const resolver = createResolver(nameServer, signal)
  try {
    for (const zone of zonesOf(address)) {
      const nameServers = (await orNone(ofResolver(resolver.resolveNs(zone)))).slice(0, maxNameServers)
      if (nameServers.length === 0) continue
      const v6 = await Promise.all(nameServers.map((name) => orNone(ofResolver(resolver.resolve6(name)))))
      return { zone, nameServers, withIpv6: v6.filter(({ length }) => length > 0).length }
    }
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    if (codeOf(error) !== resolverCode) throw error
    return undefined
  }
}
