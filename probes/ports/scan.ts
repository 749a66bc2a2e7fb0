import { setTimeout as sleep } from 'node:timers/promises'
import { faultOf } from '../../src/core/fault-table.ts'
import { connect } from '../net/connect.ts'
import { mostAtOnce } from './spec.ts'

/** `filtered`: no answer; `unreachable`: something on the way says no (ICMP). */
export type PortState = 'open' | 'closed' | 'filtered' | 'unreachable'

export interface Scan {
  /** An address, not a name: what was authorised is what is connected to. */
  readonly address: string
  readonly tried: readonly number[]
  readonly portsPerSecond: number
  readonly portTimeoutSeconds: number
}

const stateByCause = { refused: 'closed', timeout: 'filtered', unreachable: 'unreachable' } as const

const stateOfFailure = (error: unknown, signal: AbortSignal): PortState => {
  const fault = faultOf(error, signal)
  const state =
    fault?.status === 'down' && fault.cause in stateByCause
      ? stateByCause[fault.cause as keyof typeof stateByCause]
      : undefined
  // Out of sockets, or not allowed to send: it says nothing about the port.
  if (state === undefined) throw error
  return state
}

const tryPort = async (port: number, scan: Scan, signal: AbortSignal): Promise<PortState> => {
  const timeout = AbortSignal.timeout(Math.ceil(scan.portTimeoutSeconds * 1000))
  try {
    const { socket } = await connect({ address: scan.address, port }, AbortSignal.any([signal, timeout]))
    // On loopback a connection to a closed port can meet itself, where that port is its own source.
    const metItself = socket.localPort === port && socket.localAddress === socket.remoteAddress
    socket.destroy()
    return metItself ? 'closed' : 'open'
  } catch (error) {
    return stateOfFailure(error, signal)
  }
}

/** The ports one after the other, never faster than the pace. */
async function* paced({ tried, portsPerSecond }: Scan, signal: AbortSignal): AsyncGenerator<number, void> {
  let nextAt = performance.now()
  for (const port of tried) {
    const waitMs = nextAt - performance.now()
    if (waitMs > 0) await sleep(waitMs, undefined, { signal })
    nextAt = Math.max(nextAt, performance.now()) + 1000 / portsPerSecond
    yield port
  }
}

/**
 * Tries each port by a TCP handshake, at most sixteen at once.
 * Rejects with the signal's reason, or with an error of our own machine; nothing is under way any more then.
 */
export const scanPorts = async (scan: Scan, signal: AbortSignal): Promise<ReadonlyMap<number, PortState>> => {
  const failed = new AbortController()
  const stop = AbortSignal.any([signal, failed.signal])
  const states = new Map<number, PortState>()
  const ports = paced(scan, stop)
  const lane = async (): Promise<void> => {
    for await (const port of ports) states.set(port, await tryPort(port, scan, stop))
  }
  const lanes = Array.from({ length: Math.min(mostAtOnce, scan.tried.length) }, lane)
  try {
    await Promise.all(lanes)
  } catch (error) {
    failed.abort(error)
    await Promise.allSettled(lanes)
    throw error
  }
  return states
}
