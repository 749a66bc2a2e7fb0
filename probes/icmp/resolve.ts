import { lookup } from 'node:dns/promises'
import { isTimeout } from '../../src/core/deadline.ts'
import { faultOf } from '../../src/core/fault-table.ts'
import { type Down, type Unknown, unknown } from '../../src/core/outcome.ts'
import { resolverSilent } from '../net/fault.ts'
import { type Address, parseAddress } from './address.ts'

interface Named {
  readonly address: string
  readonly family?: 4 | 6 | undefined
}

const pending = new Map<string, Promise<string>>()

const resolveName = async ({ address, family }: Named): Promise<string> =>
  (await lookup(address, { family: family ?? 0 })).address

/** One question at a time for each name: a resolver that does not answer gathers no backlog over the sweeps. */
const resolveOnce = (named: Named): Promise<string> => {
  const key = `${named.family ?? ''} ${named.address}`
  const known = pending.get(key)
  if (known !== undefined) return known
  const asked = resolveName(named).finally(() => pending.delete(key))
  pending.set(key, asked)
  return asked
}

const notFound = (message: string): Error => Object.assign(new Error(message), { code: 'ENOTFOUND' })

/** A literal of the wanted family needs no resolver; undefined for a name. Throws `ENOTFOUND` for the other family. */
const literalAddress = ({ address, family }: Named): Address | undefined => {
  const literal = parseAddress(address)
  if (literal !== undefined && family !== undefined && literal.family !== family)
    throw notFound(`${address} is not an IPv${family} address`)
  return literal
}

const parseResolved = ({ address }: Named, text: string): Address => {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw notFound(`the resolver gave ${text} for ${address}`)
  return parsed
}

const ask = async (named: Named, signal: AbortSignal): Promise<string> => {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = (): void => {
    reject(signal.reason as Error)
  }
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([resolveOnce(named), aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Only "there is no such name" says something about the target; whatever else goes wrong is the resolver's. */
const classify = ({ address }: Named, error: unknown, signal: AbortSignal): Down<never> | Unknown => {
  if (isTimeout(signal.reason)) return unknown('resolver', resolverSilent(address).message)
  const fault = faultOf<never>(error, signal)
  if (fault?.status === 'down' && fault.cause === 'unresolved') return fault
  if (fault?.status === 'unknown') return fault
  if (error instanceof Error && 'syscall' in error) return unknown('resolver', error.message)
  throw error
}

/** Resolves a literal or a name by the system's resolver, or says why it cannot. Never rejects for the network. */
export const resolve = async (
  named: Named,
  signal: AbortSignal,
): Promise<Address | Down<never> | Unknown> => {
  try {
    return literalAddress(named) ?? parseResolved(named, await ask(named, signal))
  } catch (error) {
    return classify(named, error, signal)
  }
}
