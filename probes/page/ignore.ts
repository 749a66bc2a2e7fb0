import type { Attributes } from '../net/html/tags.ts'
import type { Fragment, PageSpec } from './spec.ts'

type Markers = Extract<Fragment, { readonly start: string }>
const isMarkers = (fragment: Fragment): fragment is Markers => 'start' in fragment

/** How often a rule of `ignore` left something out. */
export interface Ignored {
  /** Index of the rule in `ignore`. */
  readonly rule: number
  readonly fragments: number
}

export interface Cut {
  /** The source without what lies between markers. */
  readonly source: string
  /** What was cut, in order. */
  readonly pieces: readonly string[]
}

/** Cuts from each start marker to the end marker after it, both included. A start without an end stays. */
export const cutBetween = (source: string, { start, end }: Markers): Cut => {
  const kept: string[] = []
  const pieces: string[] = []
  let at = 0
  for (;;) {
    const from = source.indexOf(start, at)
    const to = from === -1 ? -1 : source.indexOf(end, from + start.length)
    if (to === -1) return { source: [...kept, source.slice(at)].join(' '), pieces }
    kept.push(source.slice(at, from))
    at = to + end.length
    pieces.push(source.slice(from, at))
  }
}

const matches = (fragment: Exclude<Fragment, Markers>, attributes: Attributes): boolean => {
  if ('id' in fragment) return attributes.get('id')?.trim() === fragment.id
  if ('class' in fragment) return (attributes.get('class') ?? '').split(/\s+/u).includes(fragment.class)
  const value = attributes.get(fragment.attribute)
  return value !== undefined && (fragment.value === undefined || value === fragment.value)
}

/** The rules of one run, and what they left out so far. */
export interface Ignoring {
  readonly cut: (source: string) => Cut
  readonly isIgnored: (attributes: Attributes) => boolean
  readonly ignored: () => readonly Ignored[]
}

interface Tally {
  fragments: number
}

const cutAll = (source: string, rules: PageSpec['ignore'], tallies: readonly Tally[]): Cut => {
  let cut: Cut = { source, pieces: [] }
  rules.forEach((rule, index) => {
    if (!isMarkers(rule)) return
    const next = cutBetween(cut.source, rule)
    const tally = tallies[index]
    if (tally !== undefined) tally.fragments += next.pieces.length
    cut = { source: next.source, pieces: [...cut.pieces, ...next.pieces] }
  })
  return cut
}

/** Applies `ignore` to one page. */
export const ignoring = (rules: PageSpec['ignore']): Ignoring => {
  const tallies: readonly Tally[] = rules.map(() => ({ fragments: 0 }))
  return {
    cut: (source) => cutAll(source, rules, tallies),
    isIgnored: (attributes) =>
      rules.some((rule, index) => {
        const isMatch = !isMarkers(rule) && matches(rule, attributes)
        const tally = tallies[index]
        if (isMatch && tally !== undefined) tally.fragments += 1
        return isMatch
      }),
    ignored: () => tallies.map(({ fragments }, rule) => ({ rule, fragments })),
  }
}
