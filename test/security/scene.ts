import type { Inventory } from '../../inventory/store.ts'
import type { CheckResult } from '../../src/core/host-evidence.ts'
import type { Observation } from '../../src/core/observation.ts'
import type { TargetLabels } from '../../src/core/target.ts'
import { createEvaluator, type Evaluator } from '../../src/security/evaluate.ts'
import type { Transition } from '../../src/security/book.ts'
import type { Finding } from '../../src/security/events.ts'
import { rules } from '../../src/security/rules/index.ts'
import type {
  AgentSeen,
  Check,
  LogSourceSeen,
  Outage,
  Scene,
  Sighting,
  Standing,
} from '../../src/security/seen.ts'
import { defaultThresholds, type Thresholds } from '../../src/security/thresholds.ts'
import { inventoryOf, type Records } from '../plan/fixtures.ts'
import { evidenceOf } from '../support/evidence.ts'

export const start = Date.parse('2026-11-26T08:00:00Z')
export const stepMs = 60_000

const records: Records = {
  region: [{ id: '410202', name: '鼓楼区', level: 'county' }],
  node: [{ id: 'n-1', name: '甲', region: '410202', level: 'county', kind: 'department' }],
  system: [{ id: 's-1', name: '办公', region: '410202', kind: 'application', node: 'n-1' }],
  device: [{ id: 'd-1', name: '墙', role: 'firewall', node: 'n-1', address: '192.0.2.1' }],
}
export const siteWith = (more: Records = {}): Inventory => inventoryOf({ ...records, ...more })

export const labels = (target: string, more: Partial<TargetLabels> = {}): TargetLabels => ({
  ...{ target, name: target, region: '410202', county: '410202', level: 'county', unit: '' },
  ...{ class: 'system', role: 'application' },
  ...more,
})

export type LookPlant = Partial<Observation> & Pick<Observation, 'kind'>

/** The look of one agent, as the collector would judge it. */
export const checkOf = (look: LookPlant, at: number, more: Partial<Check> = {}): Check => {
  const { kind, status = 'up', vantage = 'public', target = 's-1' } = look
  const job = { id: `${target}/${kind}@${vantage}`, target, kind, vantage, intervalSeconds: 60 }
  const observation: Observation = {
    ...{ job: job.id, target, kind, vantage, planRevision: 1, status, seconds: 0.1, facts: {} },
    ...look,
    observedAt: look.observedAt ?? at,
  }
  const answers = status === 'up' || observation.cause === 'assertion'
  return {
    job: { ...job, expect: 'reachable' },
    status,
    answers,
    sighting: { agent: 'a', observation },
    ...more,
  }
}

export const standingOf = (
  state: Standing['state'],
  checks: readonly Check[],
  more: Partial<Standing> & { readonly labels?: Partial<TargetLabels> } = {},
): Standing => {
  const id = more.labels?.target ?? 's-1'
  const { labels: given, ...rest } = more
  const target = { id, labels: labels(id, given) }
  return {
    target,
    state,
    checks,
    answers: false,
    causes: [],
    redundancyLost: false,
    deadUplinks: [],
    ...rest,
  }
}

export interface Moment {
  readonly checks?: readonly Check[]
  readonly standings?: readonly Standing[]
  readonly outages?: readonly Outage[]
  readonly agents?: readonly AgentSeen[]
  readonly hosts?: readonly Pick<CheckResult, 'id' | 'verdict'>[]
  readonly sightings?: readonly Sighting[]
  readonly logs?: readonly LogSourceSeen[]
}

export const sceneOf = (moment: Moment, at: number, inventory: Inventory): Scene => {
  const { checks = [], standings = [], outages = [], agents = [], hosts = [], sightings, logs } = moment
  const results = hosts.map((host): CheckResult => ({
    ...{ family: 'f', title: host.id, items: [], remedy: '', observed: '所见' },
    ...host,
  }))
  const evidence = evidenceOf({ results, collectedAt: new Date(at).toISOString() })
  const byJob = new Map(
    checks.map(({ job, sighting }) => [job.id, sightings ?? (sighting === undefined ? [] : [sighting])]),
  )
  return {
    picture: {
      at,
      checks,
      outages,
      verdicts: new Map(standings.map((standing) => [standing.target.id, standing])),
    },
    inventory,
    agents,
    hostEvidence:
      hosts.length === 0 ? [] : [{ evidence, hash: String(at), key: 'k', target: 's-1', receivedAt: at }],
    sightings: byJob,
    ...(logs && { logSources: logs }),
  }
}

export const evaluatorOf = (open: readonly Finding[] = [], thresholds: Partial<Thresholds> = {}): Evaluator =>
  createEvaluator({
    ...{ rules, thresholds: { ...defaultThresholds, ...thresholds } },
    ...{ timezone: 'Asia/Shanghai', open },
  })

export const evaluated = (evaluator: Evaluator, scene: Scene): readonly Transition[] => {
  const work = evaluator.evaluate(scene)
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}

/** What is open after these moments, one a minute. */
export const openAfter = (
  moments: readonly ((at: number) => Moment)[],
  inventory: Inventory = siteWith(),
): readonly Finding[] => {
  const evaluator = evaluatorOf()
  for (const [index, moment] of moments.entries()) {
    const at = start + index * stepMs
    evaluated(evaluator, sceneOf(moment(at), at, inventory))
  }
  return evaluator.open()
}
