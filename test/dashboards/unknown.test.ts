import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { alerts, rulesFile } from '../../dashboards/rules/index.ts'
import { routesFile } from '../../dashboards/rules/routes.ts'
import { judge } from '../../src/collector/judge.ts'
import { revisionOf } from '../../src/collector/revision.ts'
import type { AgentStanding } from '../../src/collector/roster.ts'
import { down, inventoryOf, job, line, node, observation, planOf, sightingsOf } from '../collector/support.ts'
import { addressIn, startAlertmanager } from '../e2e/monitoring.ts'
import { until } from '../e2e/child.ts'
import { createTape, scraped } from '../security/quiet-alerts.ts'
import { temporaryFolder } from '../support/cli.ts'
import { requires } from '../support/services.ts'

/** What of the unknown is told: all that no other alert explains, and only that. */

const now = Date.parse('2026-11-23T08:00:00Z')
const county = '410221'
const others = '410222'

const inventory = inventoryOf({
  node: [
    node('dead', { region: county }),
    node('behind', { region: county, uplinks: line('dead') }),
    node('unheard', { region: county }),
    node('revoked', { region: county }),
    node('starved', { region: county }),
    node('both', { region: county }),
    node('never', { region: others }),
  ],
})
const plan = planOf(
  inventory,
  [...inventory.node.keys()].flatMap((id) => [job(id), job(id, { vantage: 'internet' })]),
)
const jobOf = (id: string) => plan.jobs.find(({ target }) => target === id) ?? job(id)
const seen = (agent: string, id: string, what: Parameters<typeof observation>[1] = {}) =>
  [agent, observation(jobOf(id), { observedAt: now - 10_000, ...what })] as const

const standings: readonly AgentStanding[] = [
  { agent: 'heard', vantage: 'public', state: 'active', silent: false },
  { agent: 'mute', vantage: 'public', state: 'active', silent: true },
  { agent: 'gone', vantage: 'public', state: 'revoked', silent: false },
]

/** What the collector exposes of it. */
const exposed = (): string => {
  const revision = revisionOf(inventory, plan)
  const judgement = judge({
    ...{ inventory, plan, now },
    isHeard: (agent) => agent === 'heard',
    sightings: sightingsOf([
      seen('heard', 'dead', down),
      seen('mute', 'behind'),
      seen('mute', 'unheard'),
      seen('gone', 'revoked'),
      seen('heard', 'starved', { status: 'unknown', cause: 'resource' }),
      seen('mute', 'both'),
    ]),
  })
  return scraped(revision, judgement, standings)
}

const minutes = 10

describe.skipIf(requires('promtool').skip)('by the rules', () => {
  test('what a silent agent alone saw is not counted; the rest is, whatever else is down in the county', async () => {
    await using folder = await temporaryFolder()
    const tape = createTape(now / 1000)
    const text = exposed()
    for (let minute = 0; minute <= minutes; minute += 1) tape.add(text)
    const firing = (alertname: string, label: string, value: string) => ({
      expr: `count by (${label}) (ALERTS{alertname="${alertname}",alertstate="firing"})`,
      eval_time: `${minutes}m`,
      exp_samples: [{ labels: `{${label}="${value}"}`, value: 1 }],
    })
    const { name, meaning, steps, severity } = alerts.find((rule) => rule.name === 'YiwangTargetsUnknown')!
    const told = (of: string, count: number) => ({
      exp_labels: { county: of, severity },
      exp_annotations: {
        summary: `${of} 有 ${count} 个对象无人能看到`,
        description: `${meaning} 先做：${steps[0]}`,
        runbook_url: `https://wiki.example/${name}.md`,
      },
    })
    await writeFile(path.join(folder.path, 'rules.yml'), rulesFile('https://wiki.example'))
    await writeFile(
      path.join(folder.path, 'test.yml'),
      stringify({
        rule_files: ['rules.yml'],
        evaluation_interval: '1m',
        group_eval_order: ['yiwang-recorded', 'yiwang-alerts'],
        tests: [
          {
            ...{ interval: '1m', input_series: tape.series() },
            promql_expr_test: [
              firing('YiwangNodeDown', 'target', 'dead'),
              firing('YiwangAgentSilent', 'agent', 'mute'),
            ],
            alert_rule_test: [
              {
                ...{ eval_time: `${minutes}m`, alertname: name },
                // Revoked: no alert speaks of that agent. Starved: its agent is there, and cannot look.
                exp_alerts: [told(county, 2), told(others, 1)],
              },
            ],
          },
        ],
      }),
    )
    const { stdout } = await promisify(execFile)('promtool', [
      ...['test', 'rules', path.join(folder.path, 'test.yml')],
    ])
    expect(stdout).toContain('SUCCESS')
  })

  test('an agent is named beside each target that it leaves unknown, and nowhere else', () => {
    const lines = exposed().matchAll(/^yiwang_target_silent_agent\{target="(\w+)".*agent="(\w+)"\} 1$/gmu)
    expect([...lines].map(([, target, agent]) => [target, agent])).toEqual([
      ['unheard', 'mute'],
      ['revoked', 'gone'],
      ['both', 'mute'],
    ])
  })
})

interface HeldBack {
  readonly labels: Readonly<Record<string, string>>
  readonly status: { readonly state: string; readonly inhibitedBy: readonly string[] }
}

describe.skipIf(requires('prometheus-alertmanager').skip)('by Alertmanager', () => {
  const unknown = { alertname: 'YiwangTargetsUnknown', severity: 'warning', county }

  test.each([
    ['a node of the county', { alertname: 'YiwangNodeDown', target: 'n', level: 'township', county }],
    ['the city', { alertname: 'YiwangNodeDown', target: 'city', level: 'city', county: '410200' }],
    ['a line of the county', { alertname: 'YiwangLineDown', target: 'n/u1', level: 'county', county }],
    ['an agent', { alertname: 'YiwangAgentSilent', agent: 'lankao' }],
    ['another collector', { alertname: 'YiwangCollectorDown', instance: 'b' }],
  ])('while %s is down, what is unknown of a county is told', async (_, cause) => {
    await using folder = await temporaryFolder()
    await mkdir(path.join(folder.path, 'alertmanager'))
    await writeFile(
      path.join(folder.path, 'alertmanager/alertmanager.yml'),
      routesFile('http://127.0.0.1:9/'),
    )
    await using manager = startAlertmanager(folder.path)
    const api = `http://${await addressIn(manager)}/api/v2/alerts`
    // What this cause does hold back shows that inhibition is at work.
    const held = { alertname: 'YiwangTargetUnreachable', severity: 'warning', target: 'x', county }
    const sent = [{ severity: 'critical', ...cause }, unknown, held].map((labels) => ({ labels }))
    await fetch(api, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(sent),
    })
    const all = await until(
      async () => (await (await fetch(api)).json()) as readonly HeldBack[],
      (taken) => taken.length === sent.length && taken.every(({ status }) => status.state !== 'unprocessed'),
    )
    const states = new Map(all.map(({ labels, status }) => [labels['alertname'], status.state]))
    expect(states.get('YiwangTargetsUnknown')).toBe('active')
    expect(states.get('YiwangTargetUnreachable')).toBe(
      /Node|Line/u.test(cause.alertname) ? 'suppressed' : 'active',
    )
  })
})
