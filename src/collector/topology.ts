import type { TargetId } from '../core/target.ts'
import type { Work } from './slices.ts'

/** What looking at one target itself says, before what lies above it is considered. */
export type Standing = 'answers' | 'failed' | 'silent'

export interface TopologyNode {
  readonly id: TargetId
  readonly uplinks: readonly { readonly id: string; readonly to: TargetId }[]
}

export interface Topology {
  /** Nodes that are dead, of themselves or for what lies above. */
  readonly dead: ReadonlySet<TargetId>
  /** Nodes that are cut off, and their causes: topmost dead nodes and dead uplinks (`<node>/<uplink>`). */
  readonly causes: ReadonlyMap<TargetId, readonly TargetId[]>
  /** Dead uplinks of each node that has any. */
  readonly deadUplinks: ReadonlyMap<TargetId, readonly TargetId[]>
}

/** A node in its place. `at` is its place in every list of flags: names are looked up once, and not at each trace. */
interface Point {
  readonly at: number
  readonly id: TargetId
  readonly above: Line[]
  readonly below: Line[]
}

interface Line {
  readonly at: number
  readonly id: TargetId
  readonly child: Point
  /** Undefined where it leads to what is no node of ours. */
  readonly to: Point | undefined
}

/** What hangs on what: the same for as long as the inventory is. */
export interface Layout {
  readonly points: readonly Point[]
  readonly lines: readonly Line[]
}

/** Id of an uplink as a target. */
export const uplinkTarget = (node: TargetId, uplink: string): TargetId => `${node}/${uplink}`

export const layOut = (nodes: readonly TopologyNode[]): Layout => {
  const points = nodes.map(({ id }, at): Point => ({ at, id, above: [], below: [] }))
  const byId = new Map(points.map((point) => [point.id, point]))
  const lines: Line[] = []
  for (const [at, { uplinks }] of nodes.entries())
    for (const { id, to } of uplinks) {
      const child = points[at]
      if (child === undefined) continue
      const line = { at: lines.length, id: uplinkTarget(child.id, id), child, to: byId.get(to) }
      lines.push(line)
      child.above.push(line)
      line.to?.below.push(line)
    }
  return { points, lines }
}

/** What is known while a trace runs. */
interface Trace extends Layout {
  readonly ofPoint: readonly Standing[]
  readonly ofLine: readonly Standing[]
  readonly deadPoints: Uint8Array
  readonly deadLines: Uint8Array
  /** Dead, and every line of it as well. */
  readonly cutOff: Uint8Array
}

const isCutOff = ({ deadLines }: Trace, { above }: Point): boolean =>
  above.length > 0 && above.every(({ at }) => deadLines[at] === 1)

/** Whether a node dies now: it is silent and the last of its uplinks has died, or it failed by itself. */
const dies = (trace: Trace, point: Point): boolean => {
  const standing = trace.ofPoint[point.at]
  if (standing === 'answers' || trace.deadPoints[point.at] === 1) return false
  return standing === 'failed' || isCutOff(trace, point)
}

/** The least set of deaths that explains itself: a ring of silent nodes stays alive until something cuts it. */
const spread = (trace: Trace): void => {
  const { points, lines, ofLine, deadPoints, deadLines } = trace
  for (const { at } of lines) if (ofLine[at] === 'failed') deadLines[at] = 1
  const waiting = points.filter((point) => dies(trace, point))
  for (let point = waiting.pop(); point !== undefined; point = waiting.pop()) {
    deadPoints[point.at] = 1
    for (const { at, child } of point.below) {
      // A line whose far end answers works, whatever the node above does with our probes.
      if (ofLine[at] === 'answers') continue
      deadLines[at] = 1
      if (dies(trace, child)) waiting.push(child)
    }
  }
  for (const point of points)
    if (deadPoints[point.at] === 1 && isCutOff(trace, point)) trace.cutOff[point.at] = 1
}

interface Cause {
  readonly id: TargetId
  readonly firstBehind: readonly Point[]
}

const childrenOf = ({ ofLine }: Trace, { below }: Point): readonly Point[] =>
  below.filter(({ at }) => ofLine[at] !== 'answers').map(({ child }) => child)

const nodeCause = (trace: Trace, point: Point): Cause => ({
  id: point.id,
  firstBehind: childrenOf(trace, point),
})

/** Causes of each node that has any, by its place. */
interface Blame {
  readonly causesOf: (readonly TargetId[] | undefined)[]
  /** The last cause that was traced to each node, by number. */
  readonly seen: Uint32Array
  number: number
}

/** Writes `cause` to every cut-off node below it that cannot be reached around it. */
const blame = ({ cutOff, ofLine }: Trace, state: Blame, cause: Cause): void => {
  const { causesOf, seen } = state
  state.number += 1
  // Most nodes have one cause, and share the list of it.
  const alone = [cause.id]
  const waiting = [...cause.firstBehind]
  for (let point = waiting.pop(); point !== undefined; point = waiting.pop()) {
    const { at, below } = point
    if (cutOff[at] !== 1 || seen[at] === state.number || point.id === cause.id) continue
    seen[at] = state.number
    const causes = causesOf[at]
    causesOf[at] = causes === undefined ? alone : [...causes, cause.id].sort()
    for (const line of below) if (ofLine[line.at] !== 'answers') waiting.push(line.child)
  }
}

const topmost = (trace: Trace): readonly Cause[] => {
  const { points, lines, ofLine, deadPoints, cutOff } = trace
  const links = lines.filter(
    ({ at, to }) => ofLine[at] === 'failed' && (to === undefined || deadPoints[to.at] === 0),
  )
  const nodes = points.filter(({ at }) => deadPoints[at] === 1 && cutOff[at] === 0)
  return [
    ...links.map(({ id, child }) => ({ id, firstBehind: [child] })),
    ...nodes.map((point) => nodeCause(trace, point)),
  ]
}

/** What to name where everything above a dead node is dead because of it: a ring of uplinks has no top. */
const ringCause = (trace: Trace, point: Point): Cause | undefined => {
  if (trace.ofPoint[point.at] === 'failed') return nodeCause(trace, point)
  const link = point.above.find(({ at }) => trace.ofLine[at] === 'failed')
  return link && { id: link.id, firstBehind: [point] }
}

const byId = (one: Point, other: Point): number => (one.id < other.id ? -1 : 1)

const explain = (trace: Trace): Blame['causesOf'] => {
  const { points, cutOff } = trace
  const state: Blame = {
    causesOf: points.map(() => undefined),
    seen: new Uint32Array(points.length),
    number: 0,
  }
  const { causesOf } = state
  for (const cause of topmost(trace)) blame(trace, state, cause)
  const rest = points.filter(({ at }) => cutOff[at] === 1 && causesOf[at] === undefined)
  for (const point of rest.toSorted(byId)) {
    const cause = causesOf[point.at] === undefined ? ringCause(trace, point) : undefined
    if (cause === undefined) continue
    if (cause.id === point.id) cutOff[point.at] = 0
    blame(trace, state, cause)
  }
  return causesOf
}

/** So many points are told of between two pauses. */
const pointsAtOnce = 4096

function* telling({ points, deadPoints, deadLines }: Trace, causesOf: Blame['causesOf']): Work<Topology> {
  const dead = new Set<TargetId>()
  const causes = new Map<TargetId, readonly TargetId[]>()
  const deadUplinks = new Map<TargetId, readonly TargetId[]>()
  for (const { at, id, above } of points) {
    const found = causesOf[at]
    if (deadPoints[at] === 1) dead.add(id)
    if (found !== undefined) causes.set(id, found)
    const lines = above.filter((line) => deadLines[line.at] === 1)
    if (lines.length > 0)
      deadUplinks.set(
        id,
        lines.map((line) => line.id),
      )
    if (at % pointsAtOnce === 0) yield
  }
  return { dead, causes, deadUplinks }
}

/**
 * What is dead and why. An uplink is dead when its own address fails, or when the node above is dead and
 * the line's far end does not answer; a node is cut off when it is silent and every uplink of it is dead.
 * Linear in nodes and uplinks; rings of uplinks end. Standings are given in the order of the layout.
 */
export function* tracing(
  { points, lines }: Layout,
  standings: { readonly points: readonly Standing[]; readonly lines: readonly Standing[] },
): Work<Topology> {
  const trace: Trace = {
    ...{ points, lines },
    ...{ ofPoint: standings.points, ofLine: standings.lines },
    deadPoints: new Uint8Array(points.length),
    deadLines: new Uint8Array(lines.length),
    cutOff: new Uint8Array(points.length),
  }
  spread(trace)
  yield
  const causesOf = explain(trace)
  yield
  return yield* telling(trace, causesOf)
}
