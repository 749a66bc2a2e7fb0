import type { TargetId } from '../core/target.ts'

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

interface Edge {
  readonly id: TargetId
  readonly child: TargetId
  readonly to: TargetId
  readonly standing: Standing
}

interface Graph {
  readonly standing: (id: TargetId) => Standing
  readonly above: ReadonlyMap<TargetId, readonly Edge[]>
  readonly below: ReadonlyMap<TargetId, readonly Edge[]>
}

interface Deaths {
  readonly nodes: Set<TargetId>
  readonly edges: Set<TargetId>
}

/** Id of an uplink as a target. */
export const uplinkTarget = (node: TargetId, uplink: string): TargetId => `${node}/${uplink}`

const edgesOf = ({ id: child, uplinks }: TopologyNode, standing: Graph['standing']): readonly Edge[] =>
  uplinks.map(({ id, to }) => {
    const target = uplinkTarget(child, id)
    return { id: target, child, to, standing: standing(target) }
  })

const graphOf = (nodes: readonly TopologyNode[], standing: Graph['standing']): Graph => {
  const above = new Map(nodes.map((node) => [node.id, edgesOf(node, standing)]))
  const below = Map.groupBy([...above.values()].flat(), ({ to }) => to)
  return { standing, above, below }
}

const isCutOff = (edges: readonly Edge[], deaths: Deaths): boolean =>
  edges.length > 0 && edges.every(({ id }) => deaths.edges.has(id))

/** Whether a node dies now: it is silent and the last of its uplinks has died, or it failed by itself. */
const dies = (graph: Graph, id: TargetId, deaths: Deaths): boolean => {
  const standing = graph.standing(id)
  if (standing === 'answers' || deaths.nodes.has(id)) return false
  return standing === 'failed' || isCutOff(graph.above.get(id) ?? [], deaths)
}

/** The least set of deaths that explains itself: a ring of silent nodes stays alive until something cuts it. */
const spread = (graph: Graph): Deaths => {
  const failedEdges = [...graph.above.values()].flat().filter(({ standing }) => standing === 'failed')
  const deaths: Deaths = { nodes: new Set(), edges: new Set(failedEdges.map(({ id }) => id)) }
  const waiting = [...graph.above.keys()].filter((id) => dies(graph, id, deaths))
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    deaths.nodes.add(id)
    for (const edge of graph.below.get(id) ?? []) {
      // A line whose far end answers works, whatever the node above does with our probes.
      if (edge.standing === 'answers') continue
      deaths.edges.add(edge.id)
      if (dies(graph, edge.child, deaths)) waiting.push(edge.child)
    }
  }
  return deaths
}

type Behind = Map<TargetId, TargetId[]>

/** Writes `cause` to every cut-off node below `top` that cannot be reached around it. */
const blame = (graph: Graph, cutOff: ReadonlySet<TargetId>, behind: Behind, cause: Cause): void => {
  const seen = new Set<TargetId>()
  const waiting = [cause.firstBehind]
  for (let ids = waiting.pop(); ids !== undefined; ids = waiting.pop())
    for (const id of ids) {
      if (!cutOff.has(id) || seen.has(id) || id === cause.id) continue
      seen.add(id)
      const causes = behind.get(id)
      if (causes === undefined) behind.set(id, [cause.id])
      else causes.push(cause.id)
      waiting.push(childrenOf(graph, id))
    }
}

interface Cause {
  readonly id: TargetId
  readonly firstBehind: readonly TargetId[]
}

const childrenOf = (graph: Graph, id: TargetId): readonly TargetId[] =>
  (graph.below.get(id) ?? []).filter(({ standing }) => standing !== 'answers').map(({ child }) => child)

const nodeCause = (graph: Graph, id: TargetId): Cause => ({ id, firstBehind: childrenOf(graph, id) })

const topmost = (graph: Graph, deaths: Deaths, cutOff: ReadonlySet<TargetId>): readonly Cause[] => {
  const links = [...graph.above.values()]
    .flat()
    .filter(({ standing, to }) => standing === 'failed' && !deaths.nodes.has(to))
  const nodes = [...deaths.nodes].filter((id) => !cutOff.has(id))
  return [
    ...links.map(({ id, child }) => ({ id, firstBehind: [child] })),
    ...nodes.map((id) => nodeCause(graph, id)),
  ]
}

/** What to name where everything above a dead node is dead because of it: a ring of uplinks has no top. */
const ringCause = (graph: Graph, id: TargetId): Cause | undefined => {
  if (graph.standing(id) === 'failed') return nodeCause(graph, id)
  const link = graph.above.get(id)?.find(({ standing }) => standing === 'failed')
  return link && { id: link.id, firstBehind: [id] }
}

const explain = (graph: Graph, deaths: Deaths): ReadonlyMap<TargetId, readonly TargetId[]> => {
  const cutOff = new Set([...deaths.nodes].filter((id) => isCutOff(graph.above.get(id) ?? [], deaths)))
  const behind: Behind = new Map()
  for (const cause of topmost(graph, deaths, cutOff)) blame(graph, cutOff, behind, cause)
  for (const id of [...cutOff].sort()) {
    const cause = behind.has(id) ? undefined : ringCause(graph, id)
    if (cause === undefined) continue
    cutOff.delete(cause.id)
    blame(graph, cutOff, behind, cause)
  }
  return new Map([...behind].map(([id, causes]) => [id, causes.toSorted()]))
}

const deadUplinksOf = (deaths: Deaths): ReadonlyMap<TargetId, readonly TargetId[]> =>
  Map.groupBy(deaths.edges, (id) => id.slice(0, id.lastIndexOf('/')))

/**
 * What is dead and why. An uplink is dead when its own address fails, or when the node above is dead and
 * the line's far end does not answer; a node is cut off when it is silent and every uplink of it is dead.
 * Linear in nodes and uplinks; rings of uplinks end.
 */
export const traceTopology = (
  nodes: readonly TopologyNode[],
  standing: (id: TargetId) => Standing,
): Topology => {
  const graph = graphOf(nodes, standing)
  const deaths = spread(graph)
  return { dead: deaths.nodes, causes: explain(graph, deaths), deadUplinks: deadUplinksOf(deaths) }
}
