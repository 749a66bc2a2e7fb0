import { monitorEventLoopDelay } from 'node:perf_hooks'
import readline from 'node:readline'
import { setInterval } from 'node:timers/promises'
import { icmp } from '../../probes/icmp/index.ts'
import type { Measurement, SweepJob } from '../../src/core/probe.ts'
import { probeContext } from '../support/context.ts'

/** A process of its own that sweeps what each line of its standard input says, and prints what that took. */

export interface Order {
  readonly count: number
  /** Absent: those of the order before, so that reading them again is not measured. */
  readonly addresses?: readonly string[]
  /** A steady state instead of one sweep: everything each `periodSeconds`, in slots of half a second as the agent does. */
  readonly periodSeconds?: number
}

export interface Cost {
  readonly wallSeconds: number
  readonly cpuSeconds: number
  readonly residentMegabytes: number
  readonly delayMaxMs: number
  /** Targets that answered every packet, and that answered none. */
  readonly complete: number
  readonly dead: number
}

const slotSeconds = 0.5

type Jobs = readonly SweepJob<object>[]
type Results = AsyncIterable<readonly (readonly [string, Measurement])[]>

/** Kept from order to order, as an agent keeps its plan. */
let plan: Jobs = []

const jobsOf = ({ addresses, count }: Order): Jobs => {
  if (addresses !== undefined)
    plan = addresses.map((address) => ({
      id: address,
      spec: { address, count, packetsPerSecond: 1_000_000 },
    }))
  return plan
}

const sweep = (jobs: Jobs): Results => icmp.sweep!(jobs, probeContext())

interface Tally {
  complete: number
  dead: number
}

const follow = async (sweeps: Results, count: number, tally: Tally): Promise<void> => {
  for await (const results of sweeps)
    for (const [, { status, facts }] of results) {
      if (status === 'down') tally.dead += 1
      if (facts['received'] === count) tally.complete += 1
    }
}

const steadily = async (order: Order, tally: Tally): Promise<void> => {
  const { count, periodSeconds = 0 } = order
  const jobs = jobsOf(order)
  const slots = Math.round(periodSeconds / slotSeconds)
  const perSlot = Math.ceil(jobs.length / slots)
  const sweeps: Promise<void>[] = []
  for await (const from of setInterval(slotSeconds * 1000, () => sweeps.length * perSlot)) {
    if (from() >= jobs.length) break
    sweeps.push(follow(sweep(jobs.slice(from(), from() + perSlot)), count, tally))
  }
  await Promise.all(sweeps)
}

const measure = async (order: Order): Promise<Cost> => {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  // Its timer alone would be half of what a steady state costs.
  if (order.periodSeconds === undefined) delay.enable()
  const tally = { complete: 0, dead: 0 }
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  if (order.periodSeconds === undefined) await follow(sweep(jobsOf(order)), order.count, tally)
  else await steadily(order, tally)
  const wallSeconds = (performance.now() - startedAt) / 1000
  const { user, system } = process.cpuUsage(cpu)
  delay.disable()
  return {
    wallSeconds,
    cpuSeconds: (user + system) / 1e6,
    residentMegabytes: process.memoryUsage.rss() / 1e6,
    delayMaxMs: delay.max / 1e6,
    ...tally,
  }
}

for await (const line of readline.createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await measure(JSON.parse(line) as Order)))
