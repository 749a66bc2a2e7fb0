import type { TargetId } from '../core/target.ts'
import type { Verdict } from './verdict.ts'

/** One thing that is broken, and everything that cannot be reached for it. */
export interface Outage {
  /** What lies topmost; the first of `causes`. */
  readonly cause: TargetId
  /** More than one where several dead ones together cut something off. */
  readonly causes: readonly TargetId[]
  readonly class: Verdict['target']['labels']['class']
  /** Targets that are unreachable (upstream) for it, by id. */
  readonly behind: readonly TargetId[]
  /** Since when, milliseconds since the epoch, where that is known. */
  readonly since?: number
}

type Verdicts = ReadonlyMap<TargetId, Verdict>

const rootOf = (parents: Map<TargetId, TargetId>, id: TargetId): TargetId => {
  let root = id
  for (let next = parents.get(root); next !== undefined && next !== root; next = parents.get(root))
    root = next
  parents.set(id, root)
  return root
}

/** Causes that together cut one target off belong to one outage, so that the target is counted once. */
const unite = (broken: readonly Verdict[]): ((cause: TargetId) => TargetId) => {
  const parents = new Map<TargetId, TargetId>()
  for (const { causes } of broken)
    for (const cause of causes.slice(1))
      parents.set(rootOf(parents, cause), rootOf(parents, causes[0] ?? cause))
  return (cause) => rootOf(parents, cause)
}

const oldestFirst = (a: Verdict, b: Verdict): number =>
  (a.since ?? Infinity) - (b.since ?? Infinity) || (a.target.id < b.target.id ? -1 : 1)

const outageOf = (causes: readonly Verdict[], behind: readonly TargetId[]): Outage | undefined => {
  const ordered = causes.toSorted(oldestFirst)
  const [first] = ordered
  if (first === undefined) return undefined
  return {
    cause: first.target.id,
    causes: ordered.map(({ target }) => target.id),
    class: first.target.labels.class,
    behind: behind.toSorted(),
    ...(first.since !== undefined && { since: first.since }),
  }
}

/** One outage for each thing that is down, or for those that are down together; the largest first. */
export const outagesOf = (verdicts: Verdicts): readonly Outage[] => {
  const broken: Verdict[] = []
  for (const verdict of verdicts.values())
    if (verdict.state === 'down' || verdict.state === 'unreachable') broken.push(verdict)
  const groupOf = unite(broken)
  const down = Map.groupBy(
    broken.filter(({ state }) => state === 'down'),
    ({ target }) => groupOf(target.id),
  )
  const behind = Map.groupBy(
    broken.filter(({ state }) => state === 'unreachable'),
    ({ causes: [cause = ''] }) => groupOf(cause),
  )
  return [...down]
    .flatMap(([group, causes]) => {
      const outage = outageOf(
        causes,
        (behind.get(group) ?? []).map(({ target }) => target.id),
      )
      return outage ? [outage] : []
    })
    .toSorted((a, b) => b.behind.length - a.behind.length || (a.cause < b.cause ? -1 : 1))
}
