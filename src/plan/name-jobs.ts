import { createHash } from 'node:crypto'
import type { Job } from './plan.ts'

/** A job that has all but its name. */
export interface Unnamed extends Omit<Job, 'id'> {
  readonly discriminator: string
  readonly isPinned: boolean
}

const maxDiscriminatorLength = 80

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8)

const bounded = (text: string): string =>
  text.length <= maxDiscriminatorLength
    ? text
    : `${text.slice(0, maxDiscriminatorLength - 9)}~${shortHash(text)}`

const named = (job: Unnamed, suffix: string): Job =>
  Object.freeze({
    id: `${job.target}/${job.kind}${suffix}@${job.vantage}`,
    target: job.target,
    kind: job.kind,
    spec: Object.freeze(job.spec),
    intervalSeconds: job.intervalSeconds,
    vantage: job.vantage,
    expect: job.expect,
    ...(job.control !== undefined && { control: job.control }),
  })

/** Asked for twice in the same words: one job, as the later wish (a person's own request) wants it. */
const withoutRepeats = (jobs: readonly Unnamed[]): readonly Unnamed[] => [
  ...new Map(jobs.map((job) => [JSON.stringify(job.spec), job])).values(),
]

const suffixOf = ({ discriminator, spec }: Unnamed, taken: ReadonlySet<string>): string => {
  const plain = `/${bounded(discriminator)}`
  return discriminator === '' || taken.has(plain) ? `${plain}~${shortHash(JSON.stringify(spec))}` : plain
}

const nobody: ReadonlySet<string> = new Set()

const nameAlone = (job: Unnamed): Job => named(job, job.isPinned ? suffixOf(job, nobody) : '')

const nameGroup = (group: readonly Unnamed[]): readonly Job[] => {
  // Most are alone: there are as many groups as targets.
  if (group.length === 1) return group.map(nameAlone)
  const taken = new Set<string>()
  return withoutRepeats(group).map((job, index) => {
    if (index === 0 && !job.isPinned) return named(job, '')
    const suffix = suffixOf(job, taken)
    taken.add(suffix)
    return named(job, suffix)
  })
}

/**
 * Names jobs. The first of its kind at a target and vantage is `<target>/<kind>@<vantage>`, so that its history
 * goes on when the address changes; each further one carries what tells it apart:
 * `<target>/<kind>/<discriminator>@<vantage>`. Jobs with the same spec are one, the last wish deciding
 * interval and expectation. A pinned job always carries what tells it apart.
 */
export const nameJobs = (jobs: readonly Unnamed[]): readonly Job[] =>
  [...Map.groupBy(jobs, ({ target, kind, vantage }) => `${target}/${kind}@${vantage}`).values()].flatMap(
    nameGroup,
  )
