import readline from 'node:readline'
import { setImmediate } from 'node:timers'
import { probeByKind } from '../../probes/index.ts'
import { newCounters } from '../../src/agent/counters.ts'
import { createProber } from '../../src/agent/prober.ts'
import type { Credential } from '../../src/core/credential.ts'
import type { Observation } from '../../src/core/observation.ts'
import { sealPlan } from '../../src/plan/digest.ts'
import type { Job, Plan } from '../../src/plan/plan.ts'
import type { Round } from './rivals/exporters.ts'
import { type Through, startThrough } from './through.ts'

/** A process of its own that probes as the agent does, as each line of its standard input says, and prints the round. */

export interface Order {
  readonly kind: string
  readonly options: Readonly<Record<string, unknown>>
  readonly atOnce: number
  readonly seconds: number
  /** Different addresses, swept all together: `127.0.x.y` in place of the one in `options`. */
  readonly targets?: number
  /** Through a collector to `/metrics`, which is scraped after each sweep. */
  readonly through?: boolean
}

const credentials: Readonly<Record<string, Credential>> = {
  community: { kind: 'snmp-community', community: 'read-only-word' },
  user: {
    ...{ kind: 'snmp-user', user: 'sha1user', authProtocol: 'sha1', authPassword: 'authentication-1' },
    ...{ privProtocol: 'aes128', privPassword: 'encryption-1' },
  },
}

const addressOf = (index: number): string => `127.0.${(index + 2) >> 8}.${(index + 2) & 255}`

const jobsOf = ({ kind, options, atOnce, targets }: Order): readonly Job[] =>
  Array.from({ length: targets ?? atOnce }, (_, index) => ({
    id: `t${index}/${kind}@public`,
    target: `t${index}`,
    kind,
    spec: targets === undefined ? options : { ...options, address: addressOf(index) },
    intervalSeconds: 60,
    vantage: 'public',
    expect: 'reachable',
  }))

interface Course {
  readonly until: number
  readonly through: Through | undefined
}

interface Tally {
  probes: number
  failed: number
}

/** Each job begins anew when it has ended; those that end together begin together. */
const probeFor = async (plan: Plan, order: Order, { until, through }: Course): Promise<Tally> => {
  const tally = { probes: 0, failed: 0 }
  let seen: Observation[] = []
  const jobs = new Map(plan.jobs.map((job) => [job.id, job]))
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  let idle: Job[] = []
  const restart = (): void => {
    const isOver = performance.now() >= until
    if (isOver && idle.length === jobs.size) resolve(undefined)
    if (isOver || (order.targets !== undefined && idle.length < jobs.size)) return
    const free = idle
    idle = []
    prober.start(plan, free)
  }
  const pass = async (): Promise<void> => {
    const sweep = seen
    seen = []
    await through?.take(sweep)
    await through?.scrape()
    restart()
  }
  const prober = createProber({
    registry: probeByKind,
    credential: (name) => credentials[name],
    clock: Date.now,
    concurrency: order.atOnce,
    counters: newCounters(),
    log: (...line) => console.error(line),
    record: (observation) => {
      tally.probes += 1
      if (observation.status !== 'up') tally.failed += 1
      idle.push(jobs.get(observation.job)!)
      if (through !== undefined) {
        seen.push(observation)
        if (idle.length === jobs.size) pass().catch(reject)
      } else if (idle.length === 1 || idle.length === jobs.size) setImmediate(restart)
    },
  })
  prober.start(plan, plan.jobs)
  await promise
  await prober.settle(1000)
  return tally
}

const measure = async (order: Order): Promise<Round> => {
  const plan = sealPlan(1, jobsOf(order))
  await using through = order.through === true ? await startThrough(plan.jobs) : undefined
  if (through !== undefined) await probeFor(plan, order, { until: performance.now(), through })
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  const until = startedAt + order.seconds * 1000
  const { probes, failed } = await probeFor(plan, order, { until, through })
  const seconds = (performance.now() - startedAt) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return {
    probes,
    failed,
    perSecond: probes / seconds,
    cpuPerThousand: (user + system) / 1000 / probes,
    residentMegabytes: process.memoryUsage.rss() / 1e6,
  }
}

for await (const line of readline.createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await measure(JSON.parse(line) as Order)))
