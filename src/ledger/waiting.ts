import type { Day } from '../core/day.ts'
import { isOpen, type Item } from './items.ts'

/** Something open that stands before an item, near or far. */
export interface Obstacle {
  readonly item: Item
  /** From what the item itself waits on to the obstacle. */
  readonly path: readonly string[]
}

/** Everything open that must be done before an item, nearest first; each once, cycles or not. */
export const obstaclesOf = (items: ReadonlyMap<string, Item>, start: Item): readonly Obstacle[] => {
  const seen = new Set([start.id])
  const found: Obstacle[] = []
  let frontier: readonly Obstacle[] = [{ item: start, path: [] }]
  while (frontier.length > 0) {
    frontier = frontier.flatMap(({ item, path }) =>
      item.waits.flatMap(({ id }) => {
        const before = items.get(id)
        if (before === undefined || seen.has(id) || !isOpen(before)) return []
        seen.add(id)
        return [{ item: before, path: [...path, id] }]
      }),
    )
    found.push(...frontier)
  }
  return found
}

/** Why an item is late, or may become so, through no doing of its own. */
export interface Delay {
  /**
   * `late`: what it waits on is due after it, or it is overdue and still waits;
   * `threatened`: what it waits on is overdue; `undated`: what it waits on has no deadline.
   */
  readonly kind: 'late' | 'threatened' | 'undated'
  readonly path: readonly string[]
  /** Deadline of what it waits on. */
  readonly due?: Day
}

export const delayLabels = { late: '前置致迟', threatened: '前置逾期', undated: '前置无时限' } as const

const delay = (kind: Delay['kind'], { path, item: { due } }: Obstacle): Delay => ({
  kind,
  path,
  ...(due !== undefined && { due }),
})

/** The worst of what stands before an item. */
export const delayOf = (item: Item, obstacles: readonly Obstacle[], today: Day): Delay | undefined => {
  const { due } = item
  const [first] = obstacles
  if (!isOpen(item) || first === undefined) return undefined
  const last = obstacles.reduce((latest, each) =>
    (each.item.due ?? '') > (latest.item.due ?? '') ? each : latest,
  )
  if (due !== undefined && (last.item.due ?? '') > due) return delay('late', last)
  if (due !== undefined && due < today) return delay('late', first)
  const overdue = obstacles.find((each) => each.item.due !== undefined && each.item.due < today)
  if (overdue !== undefined) return delay('threatened', overdue)
  const undated = obstacles.find((each) => each.item.due === undefined)
  return undated === undefined ? undefined : delay('undated', undated)
}

/** The first day on which something else needs an item, and what. */
export interface Need {
  readonly day: Day
  readonly by: string
}

/** Of everything that stands before something with a deadline: by when it must be true for that. */
export const needsOf = (obstacles: ReadonlyMap<Item, readonly Obstacle[]>): ReadonlyMap<string, Need> => {
  const needs = new Map<string, Need>()
  for (const [{ id: by, due: day, state }, before] of obstacles) {
    if (day === undefined || state === 'deferred') continue
    for (const { item } of before) {
      const known = needs.get(item.id)
      if (known === undefined || day < known.day) needs.set(item.id, { day, by })
    }
  }
  return needs
}
