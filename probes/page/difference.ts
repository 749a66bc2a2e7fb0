import type { Line } from '../net/html/outline.ts'
import { type ResourceType, resourceTypes } from '../net/html/resources.ts'
import { hostsOf } from './normal.ts'

/** What came and what went; at most thirty of each are listed. */
export interface Change {
  readonly addedCount: number
  readonly removedCount: number
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

/** How a page differs from its baseline; only what does. */
export interface Difference {
  readonly title?: { readonly from: string; readonly to: string }
  readonly text?: Change
  readonly hosts?: Change
  readonly resources: Partial<Readonly<Record<ResourceType, Change>>>
}

const maxListed = 30
/** Past this many lines on either side, order is not looked at. */
const maxCompared = 1500

interface Sides {
  readonly removed: readonly string[]
  readonly added: readonly string[]
}

const changeOf = ({ removed, added }: Sides): Change | undefined =>
  removed.length + added.length === 0
    ? undefined
    : {
        addedCount: added.length,
        removedCount: removed.length,
        added: added.slice(0, maxListed),
        removed: removed.slice(0, maxListed),
      }

const surplus = (of: readonly string[], over: readonly string[]): readonly string[] => {
  const left = Map.groupBy(over, (line) => line)
  return of.filter((line) => left.get(line)?.pop() === undefined)
}

/** As multisets: what one side has more of. */
const unordered = (before: readonly string[], after: readonly string[]): Sides => ({
  removed: surplus(before, after),
  added: surplus(after, before),
})

/** Lengths of the longest common subsequences of all suffixes, row by row. */
const suffixLengths = (before: readonly string[], after: readonly string[]): Uint16Array => {
  const width = after.length + 1
  const lengths = new Uint16Array((before.length + 1) * width)
  for (let row = before.length - 1; row >= 0; row -= 1)
    for (let column = after.length - 1; column >= 0; column -= 1) {
      const down = lengths[(row + 1) * width + column] ?? 0
      const right = lengths[row * width + column + 1] ?? 0
      const across = lengths[(row + 1) * width + column + 1] ?? 0
      lengths[row * width + column] = before[row] === after[column] ? across + 1 : Math.max(down, right)
    }
  return lengths
}

/** By their longest common subsequence, as `diff` does. */
const ordered = (before: readonly string[], after: readonly string[]): Sides => {
  const lengths = suffixLengths(before, after)
  const at = (row: number, column: number): number => lengths[row * (after.length + 1) + column] ?? 0
  const removed: string[] = []
  const added: string[] = []
  let [row, column] = [0, 0]
  while (row < before.length && column < after.length) {
    const [old = '', fresh = ''] = [before[row], after[column]]
    if (old === fresh) [row, column] = [row + 1, column + 1]
    else if (at(row + 1, column) >= at(row, column + 1)) [row] = [row + 1, removed.push(old)]
    else [column] = [column + 1, added.push(fresh)]
  }
  return { removed: [...removed, ...before.slice(row)], added: [...added, ...after.slice(column)] }
}

const commonPrefix = (a: readonly string[], b: readonly string[]): number => {
  const length = a.findIndex((line, index) => line !== b[index])
  return length === -1 ? a.length : length
}

/** What has to go and what has to come to make `after` of `before`, in their order. */
export const diffLines = (before: readonly string[], after: readonly string[]): Sides => {
  const prefix = commonPrefix(before, after)
  const [a, b] = [before.slice(prefix), after.slice(prefix)]
  const suffix = commonPrefix(a.toReversed(), b.toReversed())
  const [x, y] = [a.slice(0, a.length - suffix), b.slice(0, b.length - suffix)]
  return Math.max(x.length, y.length) > maxCompared ? unordered(x, y) : ordered(x, y)
}

const valuesOf = (lines: readonly Line[], wanted: Line['type']): readonly string[] =>
  lines.filter(({ type }) => type === wanted).map(({ value }) => value)

const resourceChanges = (before: readonly Line[], after: readonly Line[]): Difference['resources'] =>
  Object.fromEntries(
    resourceTypes.flatMap((type) => {
      const change = changeOf(unordered(valuesOf(before, type), valuesOf(after, type)))
      return change === undefined ? [] : [[type, change]]
    }),
  )

/** How `after` differs from `before`, for a person to read. */
export const differenceOf = (before: readonly Line[], after: readonly Line[]): Difference => {
  const [from, to] = [before, after].map((lines) => valuesOf(lines, 'title').slice(0, 4).join('')) as [
    string,
    string,
  ]
  const text = changeOf(diffLines(valuesOf(before, 'text'), valuesOf(after, 'text')))
  const hosts = changeOf(unordered(hostsOf(before), hostsOf(after)))
  return {
    ...(from !== to && { title: { from, to } }),
    ...(text !== undefined && { text }),
    ...(hosts !== undefined && { hosts }),
    resources: resourceChanges(before, after),
  }
}
