import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import { alerts, rulesFile } from '../../dashboards/rules/index.ts'
import { recorded } from '../../dashboards/rules/recorded.ts'
import { createCounters } from '../../src/collector/counters.ts'
import type { Judgement } from '../../src/collector/judge.ts'
import type { Revision } from '../../src/collector/revision.ts'
import type { AgentStanding } from '../../src/collector/roster.ts'
import { collectorFamilies, countTargets } from '../../src/collector/series.ts'
import { atOnce } from '../../src/collector/slices.ts'
import { exposition } from '../../src/metrics/exposition.ts'
import { temporaryFolder } from '../support/cli.ts'

/** The alerts over a simulated day, by promtool: what the collector exposes minute by minute, and the rules as deployed. */

const figures = { commits: 0, commitSeconds: 0, stored: 0, duplicates: 0, deliveries: 0 }

const asked = new Set(
  [...alerts, ...Object.values(recorded)].flatMap(({ expr }) => expr.match(/\w+/gu) ?? []),
)

/** What a scrape of the collector would read of what rules ask for. */
export const scraped = (
  revision: Revision,
  judgement: Judgement,
  agents: readonly AgentStanding[] = [],
): string => {
  const { plan, inventory, jobCounts, sheets } = revision
  const all = collectorFamilies(
    {
      ...{ judgement, plan, inventory, jobCounts, sheets, agents, history: figures },
      ...{ counters: createCounters(), targetCounts: atOnce(countTargets(judgement)), version: 'test' },
    },
    atOnce(sheets.show(judgement)),
  )
  const families = all.filter(({ definition: { name } }) => asked.has(name))
  const pieces = [...exposition(families, 'text')]
  const bytes = pieces.map((piece) =>
    typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece.bytes,
  )
  return Buffer.concat(bytes).toString()
}

/** Of one series: what it was, and for how many minutes. */
type Runs = (readonly [value: string, minutes: number])[]
const missing = '_'

/** Series as promtool writes them. Its time begins at 0, at `startSeconds`. */
export const createTape = (startSeconds: number) => {
  const bySeries = new Map<string, Runs>()
  let minutes = 0
  const write = (runs: Runs, value: string): void => {
    const [last, length] = runs.at(-1) ?? [undefined, 0]
    if (last === value) runs[runs.length - 1] = [value, length + 1]
    else runs.push([value, 1])
  }
  const writeLine = (line: string): string | undefined => {
    const [, series = '', name = '', value = ''] = /^((\w+)(?:\{.*\})?) (\S+)$/u.exec(line) ?? []
    // Of comments there is no name.
    if (name === '') return undefined
    const runs: Runs = bySeries.get(series) ?? (minutes > 0 ? [[missing, minutes]] : [])
    bySeries.set(series, runs)
    write(runs, name.endsWith('_timestamp_seconds') ? String(Number(value) - startSeconds) : value)
    return series
  }
  return {
    /** What is exposed in the next minute. */
    add: (text: string): void => {
      const seen = new Set(['up{job="yiwang"} 1', ...text.split('\n')].map(writeLine))
      for (const [series, runs] of bySeries) if (!seen.has(series)) write(runs, missing)
      minutes += 1
    },
    series: () =>
      [...bySeries].map(([series, runs]) => ({
        series,
        values: runs
          .map(([value, length]) => `${value}${value === missing ? `x${length}` : `+0x${length - 1}`}`)
          .join(' '),
      })),
  }
}
type Tape = ReturnType<typeof createTape>

export interface Fired {
  readonly alertname: string
  readonly target: string
}

/** Half as often as scrapes come here: a day of evaluations takes a while. */
const evaluationMinutes = 2
const firing = 'ALERTS{alertstate="firing"}'

/** Rejects, with what promtool says of it, unless just these fired in the day, and each from its first hour to the end. */
export const expectFired = async (tape: Tape, minutes: number, fired: readonly Fired[]): Promise<void> => {
  await using folder = await temporaryFolder()
  const file = path.join(folder.path, 'test.yml')
  await writeFile(path.join(folder.path, 'rules.yml'), rulesFile('https://wiki.example/runbooks'))
  const lastMinutes = minutes - 60
  const expecting = (expr: string, value: number) => ({
    ...{ expr, eval_time: `${minutes - 1}m` },
    exp_samples: fired.map(({ alertname, target }) => ({
      labels: `{alertname="${alertname}",target="${target}"}`,
      value,
    })),
  })
  const counted = `sum by (alertname, target) (count_over_time(${firing}[${lastMinutes}m]))`
  await writeFile(
    file,
    stringify({
      rule_files: ['rules.yml'],
      evaluation_interval: `${evaluationMinutes}m`,
      group_eval_order: ['yiwang-recorded', 'yiwang-alerts'],
      tests: [
        {
          ...{ name: 'a day', interval: '1m', input_series: tape.series() },
          promql_expr_test: [
            expecting(`group by (alertname, target) (last_over_time(${firing}[${minutes}m]))`, 1),
            expecting(counted, lastMinutes / evaluationMinutes),
          ],
        },
      ],
    }),
  )
  await promisify(execFile)('promtool', ['test', 'rules', file], { maxBuffer: 2 ** 24 })
}
