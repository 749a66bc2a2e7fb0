interface Step {
  readonly id: string
  readonly above: Iterator<string>
}

/** Each cycle that can be reached from `starts`, once, as the ids along it. Walks without recursion: chains may be long. */
export const findCycles = (
  starts: Iterable<string>,
  above: (id: string) => readonly string[],
): readonly (readonly string[])[] => {
  const seen = new Set<string>()
  const cycles: (readonly string[])[] = []
  const enter = (id: string): Step => ({ id: (seen.add(id), id), above: above(id).values() })
  for (const start of starts) {
    const path = seen.has(start) ? [] : [enter(start)]
    const onPath = new Map(path.map(({ id }) => [id, 0]))
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const next = step.above.next()
      if (next.done === true) {
        onPath.delete(step.id)
        path.pop()
        continue
      }
      const at = onPath.get(next.value)
      if (at !== undefined) cycles.push(path.slice(at).map(({ id }) => id))
      else if (!seen.has(next.value)) {
        onPath.set(next.value, path.length)
        path.push(enter(next.value))
      }
    }
  }
  return cycles
}
