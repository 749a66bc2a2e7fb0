import { access } from 'node:fs/promises'
import type { Inventory } from '../../inventory/store.ts'
import { sightingsBefore } from '../collector/history/before.ts'
import type { Sighting } from '../collector/history/port.ts'
import { openForReading } from '../collector/history/schema.ts'
import { readHistory } from '../collector/history.ts'
import { createJudge } from '../collector/judge.ts'
import type { Segmentation } from '../collector/segmentation.ts'
import { atOnce } from '../collector/slices.ts'
import { openLogArchive } from '../collector/syslog/archive.ts'
import { type Claim, claimsOf } from '../compliance/evidence/claim.ts'
import { type Examined, examine } from '../compliance/evidence/collect.ts'
import type { EvidenceInput, Seen, SegmentationSeen } from '../compliance/evidence/evidence.ts'
import { allKept, type Unkept } from '../compliance/evidence/unkept.ts'
import type { Config } from '../config/index.ts'
import type { JobId } from '../core/probe.ts'
import { compilePlan } from '../plan/compile.ts'
import type { FullPlan, Job } from '../plan/plan.ts'
import { planSettings } from '../plan/settings.ts'
import { historyFile, readHostEvidence } from './host-evidence.ts'
import { logReader } from './log-sources.ts'
import { hearingAt, sightingsAt } from './looks.ts'
import { logFile } from './syslog.ts'

type Sightings = ReadonlyMap<JobId, readonly Sighting[]>
type IsHeard = (agent: string) => boolean

/** What agents saw of the jobs of a plan; of jobs that are no longer planned nothing counts. */
export const seenBy = (
  jobs: Iterable<Pick<Job, 'id' | 'intervalSeconds'>>,
  sightings: Sightings,
  isHeard: IsHeard,
): readonly Seen[] =>
  [...jobs].flatMap(({ id, intervalSeconds }) =>
    (sightings.get(id) ?? []).map(({ agent, observation }) => ({
      agent,
      heard: isHeard(agent),
      intervalSeconds,
      observation,
    })),
  )

export const segmentationSeen = (
  { target, kind, endpoint, result, sides }: Segmentation,
  at: number,
): SegmentationSeen => ({
  target: target.id,
  kind,
  endpoint,
  result,
  sides: sides.map(({ vantage, expect, result: side, agent }) => ({
    vantage,
    expect,
    result: side,
    ...(agent !== undefined && { agent }),
  })),
  at,
})

interface Scene {
  readonly now: number
  readonly inventory: Inventory
  readonly plan: FullPlan
  readonly sightings: Sightings
  readonly isHeard: IsHeard
}

/** As the collector would judge it now; without two-sided assertions there is nothing to judge. */
const segmentationsOf = ({ now, inventory, plan, ...input }: Scene): readonly SegmentationSeen[] => {
  if (!plan.jobs.some(({ expect }) => expect === 'unreachable')) return []
  const { segmentations } = atOnce(createJudge(inventory, plan).judge({ ...input, now }))
  return segmentations.map((segmentation) => segmentationSeen(segmentation, now))
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )

interface Looked extends Pick<EvidenceInput, 'observations' | 'segmentations'> {
  readonly unkept: Unkept
}

interface Ground {
  readonly config: Config
  readonly inventory: Inventory
  readonly now: number
}

/** A look that was just made may be on its way: what is asked of the last minute is asked of the present. */
const presentMs = 60_000

const isOver = (now: number): boolean => Date.now() - now > presentMs

/** Records that assets of assessments stand for. */
const examinedIds = ({ asset, assessment }: Inventory): ReadonlySet<string | undefined> =>
  new Set([
    ...[...asset.values()].map(({ target }) => target),
    ...[...assessment.values()].map(({ system }) => system),
  ])

const isBare = ({ observation: { status, facts } }: Sighting): boolean =>
  status === 'up' && Object.keys(facts).length === 0

/** What is missing of then, of jobs that were looked at since. */
const unkeptOf = (
  { inventory, now }: Ground,
  jobs: readonly Job[],
  { newest, then }: Readonly<Record<'newest' | 'then', Sightings>>,
): Unkept => {
  const ids = examinedIds(inventory)
  const later = jobs.filter(
    ({ id, target }) =>
      ids.has(target.split('/', 1)[0]) &&
      newest.get(id)?.some(({ observation }) => observation.observedAt > now) === true,
  )
  const count = (isSo: (seen: readonly Sighting[], job: Job) => boolean): number =>
    later.filter((job) => isSo(then.get(job.id) ?? [], job)).length
  return {
    statusOnly: count((seen) => seen.some(isBare)),
    nothing: count((seen) => seen.length === 0),
    loads: count((seen, { kind }) => kind === 'snmp' && seen.some((each) => !isBare(each))),
    hosts: 0,
    logs: 0,
  }
}

/** What agents had seen of each job by an instant that is over. */
const sightingsThen = (file: string, jobs: readonly Job[], newest: Sightings, now: number): Sightings => {
  const database = openForReading(file)
  try {
    const seen = sightingsAt(now, newest, sightingsBefore(database, now))
    return new Map(jobs.map((job) => [job.id, seen(job)]))
  } finally {
    database.close()
  }
}

const nothingLooked: Looked = { observations: [], segmentations: [], unkept: allKept }

/** What the collector's history has, read while it may be writing. */
const looksOf = async (ground: Ground): Promise<Looked> => {
  const { config, inventory, now } = ground
  const file = historyFile(config.dataFolder)
  if (!(await exists(file))) return nothingLooked
  await using history = readHistory(file)
  const plan = compilePlan(inventory, planSettings(config.probing))
  const newest = history.sightings()
  const then = isOver(now) ? sightingsThen(file, plan.jobs, newest, now) : newest
  const looks = plan.jobs.flatMap(({ id, intervalSeconds }) =>
    (then.get(id) ?? []).map(({ agent, observation }) => ({ agent, intervalSeconds, seen: observation })),
  )
  const isHeard = hearingAt(ground, history.heard(), looks)
  return {
    observations: seenBy(plan.jobs, then, isHeard),
    segmentations: segmentationsOf({ now, inventory, plan, sightings: then, isHeard }),
    unkept: then === newest ? allKept : unkeptOf(ground, plan.jobs, { newest, then }),
  }
}

/** How devices log, where the collector ever took any log. */
const logsOf = async ({
  config,
  inventory,
  now,
}: Ground): Promise<Pick<Looked, 'observations' | 'unkept'>> => {
  const file = logFile(config.dataFolder)
  if (!(await exists(file))) return nothingLooked
  using archive = openLogArchive(file)
  const seen = logReader(archive, config)(inventory, now)
  if (!isOver(now)) return { observations: seen, unkept: allKept }
  const ids = examinedIds(inventory)
  const isLater = ({ observation: { facts } }: Seen): boolean => Number(facts['lastAt'] ?? 0) > now
  const later = seen.filter(isLater)
  return {
    observations: seen.filter((each) => !later.includes(each)),
    unkept: { ...allKept, logs: later.filter(({ observation }) => ids.has(observation.target)).length },
  }
}

export interface Examination {
  readonly now: number
  readonly examined: readonly Examined[]
  readonly claims: readonly Claim[]
  readonly unkept: Unkept
}

/**
 * Everything that was seen on the assets of the inventory's assessments by an instant, and what becomes of the recorded
 * results. As of the end of a day that is over looks are those of then; within a day whether something answered. Rejects with `UsageFault` where no plan can be made, with `EnvironmentFault` where the history cannot be read.
 */
export const examineInventory = async (
  config: Config,
  inventory: Inventory,
  now: number,
): Promise<Examination> => {
  const isLookedAt =
    [...inventory.asset.values()].some(({ target }) => target !== undefined) ||
    [...inventory.assessment.values()].some(({ system }) => system !== undefined)
  const ground = { config, inventory, now }
  const { segmentations, ...looks } = isLookedAt ? await looksOf(ground) : nothingLooked
  const { kept: hostEvidence, unkept: hosts } = await readHostEvidence(config.dataFolder, inventory, now)
  const logs = await logsOf(ground)
  const observations = [...looks.observations, ...logs.observations]
  const examined = [...examine({ now, inventory, hostEvidence, segmentations, observations })]
  return {
    now,
    examined,
    claims: examined.flatMap((each) => claimsOf(each, now)),
    unkept: { ...looks.unkept, hosts, logs: logs.unkept.logs },
  }
}
