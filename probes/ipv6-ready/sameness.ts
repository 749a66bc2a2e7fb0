import { outlineOf } from '../net/html/outline.ts'
import type { Answer } from '../net/http/fetch.ts'
import { textOf } from '../net/http/page.ts'
import type { Sameness } from './facts.ts'

interface Shape {
  readonly title: string
  /** Blocks of text, with the number of their characters over all that are the same. */
  readonly weights: ReadonlyMap<string, number>
}

const shapeOf = (source: string, page: URL): Shape => {
  const outline = outlineOf(source, { page, ignoreParameters: new Set(), isIgnored: () => false })
  const weights = new Map<string, number>()
  for (const { type, value } of outline.lines)
    if (type === 'text') weights.set(value, (weights.get(value) ?? 0) + value.length)
  return { title: outline.title, weights }
}

const total = (weights: Iterable<number>): number => [...weights].reduce((sum, weight) => sum + weight, 0)

/** Share of the text that both have: 1 for the same blocks in any order, 0 for none; two empty pages are the same. */
const similarity = (a: Shape['weights'], b: Shape['weights']): number => {
  const all = total(a.values()) + total(b.values())
  if (all === 0) return 1
  const shared = total([...a].map(([block, weight]) => Math.min(weight, b.get(block) ?? 0)))
  return (2 * shared) / all
}

/** How far two pages' texts are the same. Never throws. */
export const compareSources = (v4: string, v6: string, page: URL): Sameness => {
  const [a, b] = [shapeOf(v4, page), shapeOf(v6, page)]
  return { similarityRatio: similarity(a.weights, b.weights), sameTitle: a.title === b.title }
}

const sourceOf = ({ body, headers }: Answer): string => textOf(body.bytes, headers['content-type'])

/** How far the page is the same over both families. */
export const samenessOf = (v4: Answer, v6: Answer): Sameness =>
  compareSources(sourceOf(v4), sourceOf(v6), v4.url)
