import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { alerts, rulesFile } from '../../dashboards/rules/index.ts'
import { probeLabelNames } from '../../src/metrics/catalogue.ts'
import { temporaryFolder } from '../support/cli.ts'
import { requires } from '../support/services.ts'
import { type AlertCase, alertCases } from './alert-cases.ts'

/** Minutes of each phase: all is well, then it is not, then it is again. */
const phases = { before: 20, during: 50, after: 40 } as const
const runbooks = 'https://wiki.example/runbooks'
const always = { name: 'up', labels: { job: 'yiwang', instance: 'a' }, good: 1, bad: 1 }

const braces = (labels: Readonly<Record<string, string>> = {}): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')}}`

const values = ({ good, bad, counter = false, values: given }: AlertCase['series'][number]): string => {
  if (given !== undefined) return given
  const { before, during, after } = phases
  if (!counter) return `${good}+0x${before - 1} ${bad}+0x${during - 1} ${good}+0x${after - 1}`
  const [low, high] = [good * before, good * before + bad * during]
  return `0+${good}x${before - 1} ${low}+${bad}x${during - 1} ${high}+${good}x${after - 1}`
}

const setting = {
  rule_files: ['rules.yml'],
  evaluation_interval: '1m',
  group_eval_order: ['yiwang-recorded', 'yiwang-alerts'],
}

const testOf = ({ alert, series, labels, summary, silent = [] }: AlertCase) => {
  const rule = alerts.find(({ name }) => name === alert)
  if (rule === undefined) throw new Error(`no such alert: ${alert}`)
  const firing = {
    exp_labels: { ...labels, severity: rule.severity },
    exp_annotations: {
      summary,
      description: `${rule.meaning} 先做：${rule.steps[0]}`,
      runbook_url: `${runbooks}/${alert}.md`,
    },
  }
  const at = (minute: number, expected: readonly object[], alertname = alert) => ({
    eval_time: `${minute}m`,
    alertname,
    exp_alerts: expected,
  })
  const during = phases.before + 45
  return {
    name: alert,
    interval: '1m',
    input_series: [...series, ...(series.some(({ name }) => name === 'up') ? [] : [always])].map((each) => ({
      series: `${each.name}${braces(each.labels)}`,
      values: values(each),
    })),
    alert_rule_test: [
      at(phases.before - 1, []),
      at(during, [firing]),
      ...silent.map((other) => at(during, [], other)),
      at(phases.before + phases.during + 35, []),
    ],
  }
}

test('every alert has a case', () => {
  expect(alertCases.map(({ alert }) => alert).toSorted()).toEqual(alerts.map(({ name }) => name).toSorted())
})

test('summaries name labels that the alert has', () => {
  const known = new Set<string>([
    ...probeLabelNames,
    'interface',
    'agent',
    'assessment',
    'reason',
    'channel',
    'source',
    'of',
    'destination',
  ])
  for (const { summary } of alerts)
    for (const [, label = ''] of summary.matchAll(/\$labels\.(\w+)/gu)) expect(known).toContain(label)
})

describe.skipIf(requires('promtool').skip)('promtool', () => {
  const run = promisify(execFile)
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  beforeAll(async () => {
    folder = await temporaryFolder()
    await writeFile(path.join(folder.path, 'rules.yml'), rulesFile(runbooks))
    return () => folder[Symbol.asyncDispose]()
  })

  test('finds the rules sound', async () => {
    const { stdout } = await run('promtool', ['check', 'rules', path.join(folder.path, 'rules.yml')])
    expect(stdout).toContain('SUCCESS')
  })

  test('each alert keeps silent, fires, says what and where, and resolves', async () => {
    const file = path.join(folder.path, 'test.yml')
    await writeFile(
      file,
      stringify({
        ...setting,
        tests: alertCases.map(testOf),
      }),
    )
    const { stdout } = await run('promtool', ['test', 'rules', file])
    expect(stdout).toContain('SUCCESS')
  })

  test('what was told as down is not told as packet loss once it is over', async () => {
    const labels = braces({ target: 'n-1', class: 'node' })
    const series = { target_up: '1+0x19 0+0x4 1+0x29', icmp_loss_ratio: '0+0x19 1+0x4 0+0x29' }
    const file = path.join(folder.path, 'over.yml')
    const minutes = Array.from({ length: 30 }, (_, at) => at + 20)
    await writeFile(
      file,
      stringify({
        ...setting,
        tests: [
          {
            interval: '1m',
            input_series: Object.entries(series).map(([name, each]) => ({
              series: `yiwang_${name}${labels}`,
              values: each,
            })),
            promql_expr_test: [
              {
                expr: 'count(ALERTS{alertname="YiwangNodeDown",alertstate="firing"})',
                eval_time: '23m',
                exp_samples: [{ labels: '{}', value: 1 }],
              },
            ],
            alert_rule_test: minutes.map((minute) => ({
              eval_time: `${minute}m`,
              alertname: 'YiwangPacketLoss',
              exp_alerts: [],
            })),
          },
        ],
      }),
    )
    const { stdout } = await run('promtool', ['test', 'rules', file])
    expect(stdout).toContain('SUCCESS')
  })

  test('an alert that is expected and does not fire fails the test', async () => {
    const file = path.join(folder.path, 'never.yml')
    const [first] = alertCases
    const never = { ...first!, series: first!.series.map((each) => ({ ...each, bad: each.good })) }
    await writeFile(file, stringify({ rule_files: ['rules.yml'], tests: [testOf(never)] }))
    await expect(run('promtool', ['test', 'rules', file])).rejects.toThrow('FAILED')
  })
})
