import { isTimeout } from '../../src/core/deadline.ts'
import { faultOf } from '../../src/core/fault-table.ts'
import { type Down, type Unknown, unknown } from '../../src/core/outcome.ts'
import { resolverSilent } from '../net/fault.ts'
import { lookupOnce } from '../net/lookup.ts'
import { type Address, parseAddress } from './address.ts'

interface Named {
  readonly address: string
  readonly family?: 4 | 6 | undefined
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

const ask = async ({ address, family }: Named, signal: AbortSignal): Promise<string> => {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = (): void => {
    reject(signal.reason as Error)
  }
  signal.addEventListener('abort', abort, { once: true })
  try {
    const [first] = await Promise.race([lookupOnce(address, family), aborted])
    return first?.address ?? address
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
