import { parseArgs } from 'node:util'
import { createJudge } from '../../src/collector/judge.ts'
import type { Sighting } from '../../src/collector/history/port.ts'
import { atOnce } from '../../src/collector/slices.ts'
import { createEvaluator } from '../../src/security/evaluate.ts'
import { rules } from '../../src/security/rules/index.ts'
import { defaultThresholds } from '../../src/security/thresholds.ts'
import { inventoryOf, line, node, observation, pingAll } from '../collector/support.ts'
import { load, median } from './process.ts'

/**
 * CPU time of this thread for the findings of a nation, when every node was looked at anew and when none was: 41,352
 * nodes in 3,000 counties, each on a line of its own, one in a hundred dead. Judging is not in it. `--json` prints the
 * rows only.
 */
const { values: flags } = parseArgs({ options: { json: { type: 'boolean', default: false } } })

const counties = 3000
const townships = 38_351
const rounds = 20
const minuteMs = 60_000
const start = Date.now()

const inventory = inventoryOf({
  node: [
    node('top', { level: 'city' }),
    ...Array.from({ length: counties }, (_, at) =>
      node(`c-${at}`, { level: 'county', uplinks: line('top') }),
    ),
    ...Array.from({ length: townships }, (_, at) => node(`t-${at}`, { uplinks: line(`c-${at % counties}`) })),
  ],
})
const plan = pingAll(inventory)
const judge = createJudge(inventory, plan)
const evaluator = createEvaluator({
  rules,
  thresholds: defaultThresholds,
  timezone: 'Asia/Shanghai',
  open: [],
})

const sightingsAt = (at: number): ReadonlyMap<string, readonly Sighting[]> =>
  new Map(
    plan.jobs.map((job, index) => [
      job.id,
      [
        {
          ...{ agent: 'a', since: at },
          observation: observation(job, {
            observedAt: at + (index % 50_000),
            facts: { rttAvgSeconds: 0.01 + (index % 7) / 1000, jitterSeconds: 0.001, lossRatio: 0 },
            ...(index % 100 === 0 && { status: 'down', cause: 'timeout', facts: {} }),
          }),
        },
      ],
    ]),
  )

const cpuMs = (work: () => void): number => {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}

const fresh: number[] = []
const unchanged: number[] = []
for (let round = 0; round < rounds; round += 1) {
  const at = start + round * minuteMs
  const sightings = sightingsAt(at)
  const picture = atOnce(judge.judge({ sightings, isHeard: () => true, now: at + 55_000 }))
  const scene = { picture, inventory, agents: [], hostEvidence: [], sightings }
  fresh.push(cpuMs(() => void atOnce(evaluator.evaluate(scene))))
  unchanged.push(cpuMs(() => void atOnce(evaluator.evaluate(scene))))
}

const row = (name: string, milliseconds: readonly number[]) => ({
  name,
  'median ms': Math.round(median(milliseconds)),
  'max ms': Math.round(Math.max(...milliseconds)),
  '% of a core, once a minute': Number((median(milliseconds) / 600).toFixed(2)),
  'wanted %': 10,
})
const rows = [row('every look new', fresh), row('nothing new', unchanged)]
if (flags.json) console.log(JSON.stringify(rows))
else {
  console.table(rows)
  console.log(`${plan.jobs.length} jobs, ${evaluator.open().length} findings open, load ${load()}`)
}
