import type { Inventory } from '../../inventory/store.ts'
import type { ResultStore } from '../collector/history/port.ts'
import { inSlices, type Work } from '../collector/slices.ts'
import type { Dossier } from '../compliance/conclude.ts'
import { dossiersOf } from '../compliance/dossier.ts'
import { examine } from '../compliance/evidence/collect.ts'
import { currentAssessments } from '../compliance/evidence/subjects.ts'
import type { EvidenceInput, Seen } from '../compliance/evidence/evidence.ts'
import {
  type EvidenceFigures,
  evidenceFigures,
  type RecordFigures,
  recordFigures,
} from '../compliance/figures.ts'
import type { Clock } from '../core/clock.ts'
import { dayIn } from '../core/day.ts'
import type { KeptHostEvidence } from '../core/host-evidence.ts'
import type { Log } from '../core/log.ts'
import { assessments } from '../metrics/catalogue.ts'
import { seenBy, segmentationSeen } from './evidence.ts'
import { keepFigures, type KeptFigures, type Watched } from './kept-figures.ts'
import { createRendering, figures, type Figures } from './rendering.ts'

export interface ComplianceOptions {
  readonly history: Pick<ResultStore, 'sightings'>
  /** What hosts reported, checked and unaltered. */
  readonly readHostEvidence: (inventory: Inventory) => Promise<readonly KeptHostEvidence[]>
  /** How devices log. */
  readonly readLogs: (inventory: Inventory, now: number) => readonly Seen[]
  readonly timezone: string
  readonly clock: Clock
  readonly log: Log
}

const recordFamilies = (all: readonly RecordFigures[]): readonly Figures[] => [
  figures(
    assessments.items,
    all.flatMap(({ assessment, items }) =>
      items.map(({ category, result, count }) => ({
        labels: { assessment, category, result },
        value: count,
      })),
    ),
  ),
  figures(
    assessments.remediations,
    all.flatMap(({ assessment, remediations }) =>
      remediations.map(({ state, due, count }) => ({ labels: { assessment, state, due }, value: count })),
    ),
  ),
  figures(
    assessments.remediationAges,
    all.flatMap(({ assessment, ages }) =>
      ages.map(({ age, count }) => ({ labels: { assessment, age }, value: count })),
    ),
  ),
  figures(
    assessments.overdue,
    all.map(({ assessment, overdueSeconds }) => ({ labels: { assessment }, value: overdueSeconds })),
  ),
]

const evidenceFamilies = (all: readonly EvidenceFigures[]): readonly Figures[] => [
  figures(
    assessments.claims,
    all.flatMap(({ assessment, claims }) =>
      claims.map(({ check, count }) => ({ labels: { assessment, check }, value: count })),
    ),
  ),
  figures(
    assessments.evidence,
    all.flatMap(({ assessment, evidence }) =>
      evidence.map(({ source, standing, count }) => ({
        labels: { assessment, source, standing },
        value: count,
      })),
    ),
  ),
  figures(
    assessments.evidenceNewest,
    all.flatMap(({ assessment, newest }) =>
      newest.map(({ source, observedAt }) => ({ labels: { assessment, source }, value: observedAt / 1000 })),
    ),
  ),
]

interface Known {
  readonly day: string
  readonly parts: readonly unknown[]
  readonly figures: RecordFigures
}

const partsOf = ({ assessment, assets, waivers, remediations }: Dossier): readonly unknown[] => [
  assessment,
  ...assets,
  ...waivers,
  ...remediations,
]

const isSame = (known: Known | undefined, day: string, parts: readonly unknown[]): known is Known =>
  known?.day === day &&
  known.parts.length === parts.length &&
  known.parts.every((part, at) => part === parts[at])

/** Counts again only what has changed since the last time. */
const createRecords = () => {
  let known = new Map<string, Known>()
  return function* (inventory: Inventory, day: string): Work<readonly RecordFigures[]> {
    const next = new Map<string, Known>()
    const current = new Set(currentAssessments(inventory))
    for (const dossier of dossiersOf(inventory)) {
      if (!current.has(dossier.assessment)) continue
      const { id } = dossier.assessment
      const [before, parts] = [known.get(id), partsOf(dossier)]
      next.set(id, isSame(before, day, parts) ? before : { day, parts, figures: recordFigures(dossier, day) })
      yield
    }
    known = next
    return [...known.values()].map(({ figures }) => figures)
  }
}

function* countEvidence(input: EvidenceInput): Work<readonly EvidenceFigures[]> {
  const all: EvidenceFigures[] = []
  for (const examined of examine(input)) {
    all.push(evidenceFigures(examined, input.now))
    yield
  }
  return all
}

const inputOf = async (
  collector: Watched,
  inventory: Inventory,
  { history, readHostEvidence, readLogs, clock }: ComplianceOptions,
): Promise<EvidenceInput> => {
  const { checks, events, segmentations, at } = (await collector.judged()).judgement
  const heard = new Set(
    collector
      .agents()
      .filter(({ state, silent }) => state === 'active' && !silent)
      .map(({ agent }) => agent),
  )
  const isHeard = (agent: string): boolean => heard.has(agent)
  const jobs = checks.map(({ job }) => job)
  const now = clock()
  return {
    now,
    inventory,
    observations: [
      ...seenBy(jobs, history.sightings(), isHeard),
      ...events.map(({ agent, observation }) => ({ agent, heard: isHeard(agent), observation })),
      ...readLogs(inventory, now),
    ],
    segmentations: segmentations.map((segmentation) => segmentationSeen(segmentation, at)),
    hostEvidence: await readHostEvidence(inventory),
  }
}

/** It takes a hundredth of the time, however many assessments there are, unless a minute is over before. */
const pace = { leastPauseMs: 5000, mostPauseMs: 60_000, pausesPerWork: 100 }

/** Figures of assessments; making them rejects as the inventory and the host evidence do when they are read. */
export const createCompliance = (options: ComplianceOptions): KeptFigures => {
  const { clock, timezone, log } = options
  const records = createRecords()
  const rendered = createRendering()
  return keepFigures({
    pace,
    failed: (error) => log('error', 'figures of assessments are not up to date', { error: String(error) }),
    make: async (collector) => {
      const inventory = await collector.inventory()
      if (inventory.assessment.size === 0) return []
      const recorded = await inSlices(records(inventory, dayIn(timezone, clock())))
      const evidence = await inSlices(countEvidence(await inputOf(collector, inventory, options)))
      return [...recordFamilies(recorded), ...evidenceFamilies(evidence)].map(rendered)
    },
  })
}
