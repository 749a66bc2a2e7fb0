import type { Finding } from './events.ts'
import type { Hit } from './rule.ts'
import type { Outage, Scene } from './seen.ts'
import type { Thresholds } from './thresholds.ts'

/** What findings have in common. Incidents are one where they share a key. */
export interface Cause {
  /** The first names the incident: `outage:n-1`, `certificate:…`, `agent:…`, `web.listing@s-1`. */
  readonly keys: readonly [string, ...string[]]
  /** Targets that suffer from it. */
  readonly behind: readonly string[]
}

interface Ground {
  readonly scene: Scene
  readonly thresholds: Thresholds
}

const outageCause = ({ cause, causes, behind }: Outage): Cause => ({
  keys: [`outage:${cause}`, ...causes.filter((each) => each !== cause).map((each) => `outage:${each}`)],
  behind,
})

const leastLooks = 10
const shareFailing = (agent: string, { picture }: Scene): number => {
  let [all, failing] = [0, 0]
  for (const { job, status, sighting } of picture.checks) {
    if (sighting?.agent !== agent || job.expect !== 'reachable' || status === 'unknown') continue
    all += 1
    if (status === 'down') failing += 1
  }
  return all < leastLooks ? 0 : failing / all
}

/** Where nearly all that one agent looks at fails, it is rather where the agent stands. */
const agentCause = (target: string, { scene, thresholds }: Ground): Cause | undefined => {
  const agents = new Set(
    scene.picture.verdicts.get(target)?.checks.flatMap(({ sighting }) => sighting?.agent ?? []),
  )
  const [agent] = agents
  return agents.size === 1 && agent !== undefined && shareFailing(agent, scene) >= thresholds.agentShare
    ? { keys: [`agent:${agent}`], behind: [] }
    : undefined
}

/** The outage at whose top one of these is. */
const outageOf = (targets: readonly string[], { picture }: Scene): Outage | undefined =>
  picture.outages.find(({ causes }) => targets.some((target) => causes.includes(target)))

/** A dead way up is dead by itself, or because what it leads to is. */
const waysUp = (target: string, { picture, inventory }: Scene): readonly string[] => {
  const dead = picture.verdicts.get(target)?.deadUplinks ?? []
  const uplinks = inventory.node.get(target)?.uplinks ?? []
  return [...dead, ...uplinks.filter(({ id }) => dead.includes(`${target}/${id}`)).map(({ to }) => to)]
}

const down = /\.down$/u

/** What an opening finding has in common with others at this moment. */
export const causeOf = ({ rule, target }: Finding, hit: Hit, ground: Ground): Cause => {
  const { scene } = ground
  if (hit.cause !== undefined) return { keys: [hit.cause], behind: [] }
  if (rule === 'node.redundancy-lost') {
    const ways = waysUp(target, scene)
    const outage = outageOf(ways, scene)
    return outage === undefined
      ? { keys: [`outage:${ways[0] ?? target}`], behind: [] }
      : { ...outageCause(outage), behind: [] }
  }
  if (!down.test(rule)) return { keys: [`${rule}@${target}`], behind: [] }
  const outage = outageOf([target], scene)
  if (outage !== undefined && outage.behind.length > 0) return outageCause(outage)
  return (
    agentCause(target, ground) ??
    (outage === undefined ? { keys: [`outage:${target}`], behind: [] } : outageCause(outage))
  )
}
