import { access } from 'node:fs/promises'
import type { Inventory } from '../../inventory/store.ts'
import type { Sighting } from '../collector/history/port.ts'
import { readHistory } from '../collector/history.ts'
import { createJudge } from '../collector/judge.ts'
import type { Segmentation } from '../collector/segmentation.ts'
import { atOnce } from '../collector/slices.ts'
import { openLogArchive } from '../collector/syslog/archive.ts'
import { type Claim, claimsOf } from '../compliance/evidence/claim.ts'
import { type Examined, examine } from '../compliance/evidence/collect.ts'
import type { EvidenceInput, Seen, SegmentationSeen } from '../compliance/evidence/evidence.ts'
import type { Config } from '../config/index.ts'
import type { JobId } from '../core/probe.ts'
import { compilePlan } from '../plan/compile.ts'
import type { FullPlan, Job } from '../plan/plan.ts'
import { planSettings } from '../plan/settings.ts'
import { historyFile, readHostEvidence } from './host-evidence.ts'
import { logReader } from './log-sources.ts'
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

/** What the collector's history has, read while it may be writing. */
const looksOf = async (
  { dataFolder, probing, collector: { silentAfterSeconds } }: Config,
  inventory: Inventory,
  now: number,
): Promise<Pick<EvidenceInput, 'observations' | 'segmentations'>> => {
  const file = historyFile(dataFolder)
  if (!(await exists(file))) return { observations: [], segmentations: [] }
  await using history = readHistory(file)
  const heard = history.heard()
  const isHeard: IsHeard = (agent) =>
    inventory.agent.get(agent)?.state !== 'revoked' &&
    now - (heard.get(agent) ?? -Infinity) <= silentAfterSeconds * 1000
  const plan = compilePlan(inventory, planSettings(probing))
  const sightings = history.sightings()
  return {
    observations: seenBy(plan.jobs, sightings, isHeard),
    segmentations: segmentationsOf({ now, inventory, plan, sightings, isHeard }),
  }
}

/** How devices log, where the collector ever took any log. */
const logsOf = async (config: Config, inventory: Inventory, now: number): Promise<readonly Seen[]> => {
  const file = logFile(config.dataFolder)
  if (!(await exists(file))) return []
  using archive = openLogArchive(file)
  return logReader(archive, config)(inventory, now)
}

export interface Examination {
  readonly now: number
  readonly examined: readonly Examined[]
  readonly claims: readonly Claim[]
}

/**
 * Everything that was seen on the assets of the inventory's assessments, and what becomes of the recorded results.
 * Rejects with `UsageFault` where no plan can be made, with `EnvironmentFault` where the history cannot be read.
 */
export const examineInventory = async (
  config: Config,
  inventory: Inventory,
  now: number,
): Promise<Examination> => {
  const isLookedAt =
    [...inventory.asset.values()].some(({ target }) => target !== undefined) ||
    [...inventory.assessment.values()].some(({ system }) => system !== undefined)
  const looks = isLookedAt ? await looksOf(config, inventory, now) : { observations: [], segmentations: [] }
  const { kept: hostEvidence } = await readHostEvidence(config.dataFolder, inventory, now)
  const observations = [...looks.observations, ...(await logsOf(config, inventory, now))]
  const input = { now, inventory, hostEvidence, ...looks, observations }
  const examined = [...examine(input)]
  return { now, examined, claims: examined.flatMap((each) => claimsOf(each, now)) }
}
