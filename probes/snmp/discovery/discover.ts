import { isIPv6 } from 'node:net'
import type { Conversation } from '../conversation.ts'
import { type Wire, leaseWire, peerAt } from '../wire.ts'
import { type Asked, type NamedCredential, askAddress } from './ask.ts'

export interface DiscoveryOptions {
  /** Literals of one family. */
  readonly addresses: Iterable<string>
  readonly family: 4 | 6
  readonly port: number
  /** In the order in which they are tried; those of v3 do not give themselves away to who listens. */
  readonly credentials: readonly NamedCredential[]
  readonly signal: AbortSignal
}

/** Addresses that are waited for at once: a silent one takes two seconds, so that some 250 a second are begun. */
const mostUnderWay = 512

interface State {
  readonly options: DiscoveryOptions
  readonly wire: Wire
  readonly rest: Iterator<string>
  readonly conversations: Set<Conversation>
  /** Aborted by the caller, and when nobody reads the results any more. */
  readonly signal: AbortSignal
  underWay: number
  ready: Asked[]
  failure: { readonly error: unknown } | undefined
  wake: () => void
}

const run = async (state: State, address: string): Promise<void> => {
  const { options, wire, conversations, signal } = state
  const peer = peerAt({ address, family: isIPv6(address) ? 6 : 4 }, options.port)
  try {
    const asked = await askAddress(peer, { wire, conversations, signal, credentials: options.credentials })
    // What was broken off says nothing.
    if (!signal.aborted || asked.end === 'found') state.ready.push(asked)
  } catch (error) {
    if (!signal.aborted) state.failure ??= { error }
  }
  state.underWay -= 1
  startMore(state)
  state.wake()
}

const startMore = (state: State): void => {
  while (state.underWay < mostUnderWay && !state.signal.aborted) {
    const next = state.rest.next()
    if (next.done === true) return
    state.underWay += 1
    void run(state, next.value)
  }
}

const results = async function* (state: State): AsyncGenerator<Asked> {
  startMore(state)
  while (state.underWay > 0 || state.ready.length > 0) {
    if (state.ready.length === 0) {
      const { promise, resolve } = Promise.withResolvers<undefined>()
      state.wake = () => resolve(undefined)
      await promise
    }
    if (state.failure !== undefined) throw state.failure.error
    const { ready } = state
    state.ready = []
    yield* ready
  }
}

/**
 * Asks each address for its SNMP agent, over one socket, results as they come. Ends early where the signal aborts:
 * addresses that were not asked to the end are missing. Rejects with the system's error where there is no socket.
 */
export async function* discoverAgents(options: DiscoveryOptions): AsyncGenerator<Asked> {
  using lease = await leaseWire(options.family)
  const left = new AbortController()
  const signal = AbortSignal.any([options.signal, left.signal])
  const state: State = {
    options,
    wire: lease.wire,
    rest: options.addresses[Symbol.iterator](),
    conversations: new Set(),
    signal,
    underWay: 0,
    ready: [],
    failure: undefined,
    wake: () => undefined,
  }
  signal.addEventListener('abort', () => {
    for (const conversation of [...state.conversations]) conversation.fail(signal.reason)
  })
  try {
    yield* results(state)
  } finally {
    left.abort()
  }
}
