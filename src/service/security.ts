import path from 'node:path'
import type { Inventory } from '../../inventory/store.ts'
import type { ResultStore } from '../collector/history/port.ts'
import { inSlices } from '../collector/slices.ts'
import type { Config } from '../config/index.ts'
import type { Clock } from '../core/clock.ts'
import { EnvironmentFault } from '../core/fault.ts'
import type { KeptHostEvidence } from '../core/host-evidence.ts'
import type { Log } from '../core/log.ts'
import { createNudge } from '../core/nudge.ts'
import { security as metrics } from '../metrics/security.ts'
import type { Family } from '../metrics/exposition.ts'
import type { Transition } from '../security/book.ts'
import { rosterAt } from '../security/duty.ts'
import { createEvaluator } from '../security/evaluate.ts'
import type { Finding, Incident, IncidentEvent } from '../security/events.ts'
import { securityFigures } from '../security/figures.ts'
import { advance, recordFindings } from '../security/incidents.ts'
import { type Ledger, openLedger } from '../security/ledger/ledger.ts'
import { quietAt } from '../security/quiet.ts'
import type { Scene } from '../security/seen.ts'
import { ruleById, rules } from '../security/rules/index.ts'
import { keepFigures, type KeptFigures, type Watched } from './kept-figures.ts'
import { createRendering, type Figures, figures } from './rendering.ts'
import { createTelling } from './telling.ts'

/** Where findings and incidents of a data folder are kept. */
export const ledgerFile = (dataFolder: string): string => path.join(dataFolder, 'security', 'ledger.sqlite')

export interface SecurityOptions {
  readonly config: Pick<Config, 'security' | 'timezone' | 'dataFolder'>
  readonly history: Pick<ResultStore, 'sightings'>
  readonly readHostEvidence: (inventory: Inventory) => Promise<readonly KeptHostEvidence[]>
  /** Who logs and who ought to; undefined: not known. */
  readonly logSources: (inventory: Inventory) => Scene['logSources']
  /** Told of each incident event, and what is known now; one that it was told before, by its sequence, it may be told again. */
  readonly onIncident: (event: IncidentEvent, inventory: Inventory) => void
  readonly clock: Clock
  readonly log: Log
}

/** Findings and incidents, kept up to date beside the collector. Refreshing rejects with `EnvironmentFault` where they cannot be kept. */
export interface Security extends KeptFigures {
  /** Incidents that are not archived, and those archived since. Throws `EnvironmentFault`. */
  readonly incidents: (archivedSince: number) => readonly Incident[]
  /** Something new was seen. */
  readonly wake: () => void
}

/** A twentieth of the time at most, unless a minute is over before: in a city, as soon as something is seen. */
const pace = { leastPauseMs: 250, mostPauseMs: 60_000, pausesPerWork: 20, patienceMs: 1000 }
const minuteMs = 60_000
const dayMs = 86_400_000
/** Host evidence is verified anew each time that it is read. */
const hostEvidenceEveryMs = 300_000
const mostPruned = 10_000

interface Shown {
  readonly open: readonly Finding[]
  readonly ledger: Ledger
  readonly inventory: Inventory
  readonly now: number
  readonly retentionDays: number
  readonly timezone: string
}

const line = (value: number | undefined) => (value === undefined ? [] : [{ labels: {}, value }])

const familiesOf = ({ open, ledger, inventory, now, retentionDays, timezone }: Shown): readonly Figures[] => {
  const found = securityFigures(open, ledger.incidents('live'), now)
  const quiet = quietAt(inventory, { now, timezone })
  const { oldestAt } = ledger.retained()
  const { nextReportAt, longestUnacknowledgedAt } = found
  return [
    figures(
      metrics.findings,
      found.findings.map(({ rule, severity, count }) => ({ labels: { rule, severity }, value: count })),
    ),
    figures(
      metrics.incidents,
      found.incidents.map(({ state, severity, count }) => ({ labels: { state, severity }, value: count })),
    ),
    figures(
      metrics.reports,
      found.reports.map(({ due, count }) => ({ labels: { due }, value: count })),
    ),
    figures(metrics.nextReport, line(nextReportAt && nextReportAt / 1000)),
    figures(
      metrics.unacknowledged,
      line(longestUnacknowledgedAt === undefined ? 0 : (now - longestUnacknowledgedAt) / 1000),
    ),
    figures(metrics.overdueTasks, line(found.overdueTasks)),
    figures(metrics.quiet, [
      { labels: { why: 'maintenance' }, value: quiet.windows },
      { labels: { why: 'exception' }, value: quiet.exceptions },
    ]),
    figures(metrics.retention, line((retentionDays * dayMs) / 1000)),
    figures(metrics.oldestEvent, line(oldestAt && oldestAt / 1000)),
    figures(metrics.evaluation, line(now / 1000)),
  ]
}

const warnOfExceptions = ({ exception }: Inventory, log: Log): void => {
  for (const { id, rule } of exception.values())
    if (!ruleById.has(rule))
      log('warn', 'an exception names no rule', { exception: id, rule, suggestion: 'yiwang rule list' })
}

/** What is read anew now and then only. */
const createHostEvidence = ({ readHostEvidence }: SecurityOptions) => {
  let known: readonly KeptHostEvidence[] = []
  let [readAt, readFor]: [number, Inventory | undefined] = [-Infinity, undefined]
  return async (inventory: Inventory, now: number): Promise<readonly KeptHostEvidence[]> => {
    if (now - readAt < hostEvidenceEveryMs && readFor === inventory) return known
    known = await readHostEvidence(inventory)
    ;[readAt, readFor] = [now, inventory]
    return known
  }
}

/** What the surroundings refuse holds up the news only. */
const toldLater =
  (log: Log) =>
  (error: unknown): void => {
    if (!(error instanceof EnvironmentFault)) throw error
    log('error', 'news cannot be told, and is tried again', { error: String(error) })
  }

/** Opens the ledger of a data folder. Throws `EnvironmentFault`. */
export const createSecurity = (options: SecurityOptions): Security => {
  const { config, history, clock, log } = options
  const { thresholds, retentionDays, reporter, reopenMinutes, acknowledgeMinutes } = config.security
  const { timezone } = config
  const ledger = openLedger(ledgerFile(config.dataFolder))
  const evaluator = createEvaluator({ rules, thresholds, timezone, open: ledger.findings('open') })
  const readEvidence = createHostEvidence(options)
  const rendered = createRendering()
  const tell = createTelling(ledger, clock())
  const news = createNudge()
  /** Seen and not yet written down: kept where the disk is full. */
  let pending: readonly Transition[] = []
  let [prunedAt, warnedFor]: [number, Inventory | undefined] = [-Infinity, undefined]

  const make = async (collector: Watched): Promise<readonly Family[]> => {
    const { inventory, judgement: picture } = await collector.judged()
    const now = clock()
    if (inventory !== warnedFor) warnOfExceptions(inventory, log)
    warnedFor = inventory
    const hostEvidence = await readEvidence(inventory, now)
    const logSources = options.logSources(inventory)
    const scene: Scene = {
      picture,
      inventory,
      hostEvidence,
      agents: collector.agents(),
      sightings: history.sightings(),
      ...(logSources && { logSources }),
    }
    pending = [...pending, ...(await inSlices(evaluator.evaluate(scene)))]
    const roster = rosterAt(inventory, now)
    recordFindings(ledger, pending, { now, roster, reopenMs: reopenMinutes * minuteMs, timezone })
    pending = []
    const { verdicts } = picture
    advance(ledger, { now, inventory, roster, patience: acknowledgeMinutes, reporter, verdicts })
    await inSlices(tell((event) => options.onIncident(event, inventory))).catch(toldLater(log))
    if (now - prunedAt > minuteMs) {
      ledger.prune(now - retentionDays * dayMs, mostPruned)
      prunedAt = now
    }
    return familiesOf({ open: evaluator.open(), ledger, inventory, now, retentionDays, timezone }).map(
      rendered,
    )
  }

  const kept = keepFigures({
    pace,
    news,
    failed: (error) => log('error', 'findings are not up to date', { error: String(error) }),
    make,
  })
  return {
    ...kept,
    incidents: (archivedSince) => ledger.recent(archivedSince),
    wake: news.nudge,
    [Symbol.dispose]: () => {
      kept[Symbol.dispose]()
      ledger[Symbol.dispose]()
    },
  }
}
