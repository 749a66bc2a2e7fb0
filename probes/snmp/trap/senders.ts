import { isIP } from 'node:net'
import { faultOf } from '../../../src/core/fault-table.ts'
import type { JobId } from '../../../src/core/probe.ts'
import { resolve } from '../../net/resolve.ts'
import { type Peer, peerAt } from '../wire.ts'
import { type Bucket, createBucket } from './bucket.ts'
import type { TrapSpec } from './spec.ts'

export interface TrapJob {
  readonly id: JobId
  readonly spec: TrapSpec
}

/** A device that may send us traps. */
export interface Sender {
  readonly job: TrapJob
  /** Where it is asked. */
  readonly peer: Peer
  readonly history: SenderHistory
}

/** What stays of a device while plans change. */
export interface SenderHistory {
  readonly received: Map<string, number>
  rateLimited: number
  /** It is being asked who its engine is, or was last at that time of `performance.now()`. */
  asking: Promise<void> | undefined
  askedAt: number
}

/** An address that datagrams come from, and the devices that have it. */
export interface Source {
  readonly senders: Sender[]
  readonly bucket: Bucket
  /** Datagrams that wait until it is known who sent them. */
  waiting: number
}

/** The devices of the plan, by the address that their datagrams come from. */
export interface Senders {
  /** Takes these for the devices; those with names for addresses when they are resolved. */
  readonly follow: (jobs: readonly TrapJob[]) => void
  readonly at: (address: string, family: 4 | 6) => Source | undefined
  /** Looks names up, again where that was done before. */
  readonly resolveNames: (signal: AbortSignal) => Promise<void>
}

/** A device whose every port fails at once says so within this. */
const sourceRate = { burst: 100, perSecond: 20 }

const sourceKey = (address: string, family: 4 | 6): string => {
  const mapped = /^::ffff:(?<v4>[\d.]+)$/iu.exec(address)?.groups?.['v4']
  return mapped === undefined
    ? peerAt({ address, family }, 0).key
    : peerAt({ address: mapped, family: 4 }, 0).key
}

const newHistory = (): SenderHistory => ({
  received: new Map(),
  rateLimited: 0,
  asking: undefined,
  askedAt: -Infinity,
})

/** A name that is not found, or not now, stays at what it was. */
const resolveOrLeave = async (address: string, signal: AbortSignal) => {
  try {
    return await resolve(address, undefined, signal)
  } catch (error) {
    if (faultOf(error, signal) === undefined) throw error
    return undefined
  }
}

interface State {
  jobs: readonly TrapJob[]
  histories: ReadonlyMap<JobId, SenderHistory>
  sources: ReadonlyMap<string, Source>
  /** Addresses by name. */
  readonly names: Map<string, { readonly address: string; readonly family: 4 | 6 }>
}

const addressOf = ({ names }: State, { spec: { address } }: TrapJob) => {
  const literal = isIP(address)
  return literal === 0 ? names.get(address) : { address, family: literal === 6 ? (6 as const) : (4 as const) }
}

/** Sets the table up anew; rates and counts of those that stay go on. */
const arrange = (state: State): void => {
  const sources = new Map<string, Source>()
  for (const job of state.jobs) {
    const resolved = addressOf(state, job)
    if (resolved === undefined) continue
    const key = sourceKey(resolved.address, resolved.family)
    const bucket = state.sources.get(key)?.bucket ?? createBucket(sourceRate)
    const source = sources.get(key) ?? { senders: [], bucket, waiting: 0 }
    const history = state.histories.get(job.id) ?? newHistory()
    source.senders.push({ job, peer: peerAt(resolved, job.spec.port), history })
    sources.set(key, source)
  }
  state.sources = sources
}

export const createSenders = (): Senders => {
  const state: State = { jobs: [], histories: new Map(), sources: new Map(), names: new Map() }
  return {
    follow: (jobs) => {
      state.jobs = jobs
      state.histories = new Map(jobs.map(({ id }) => [id, state.histories.get(id) ?? newHistory()]))
      arrange(state)
    },
    at: (address, family) => state.sources.get(sourceKey(address, family)),
    resolveNames: async (signal) => {
      const names = new Set(
        state.jobs.map(({ spec }) => spec.address).filter((address) => isIP(address) === 0),
      )
      for (const name of state.names.keys()) if (!names.has(name)) state.names.delete(name)
      for (const name of names) {
        const resolved = await resolveOrLeave(name, signal)
        if (resolved !== undefined) state.names.set(name, resolved)
      }
      arrange(state)
    },
  }
}
