import type { Asset, CategoryCode, Finding, Item, Method, Result } from '../../inventory/mlps/index.ts'
import type { ItemResult } from './combine.ts'

/** Walking through a checklist item by item: where one is, and what a key means. No terminal here. */

/** An item on an asset, by their ids: what they hold may change while somebody walks. */
export interface Step {
  readonly item: string
  readonly asset: string
}

export const walkFilters = ['untested', 'gaps'] as const

export interface Route {
  readonly asset?: string | undefined
  readonly categories?: readonly CategoryCode[] | undefined
  readonly only?: (typeof walkFilters)[number] | undefined
}

/** What was seen of an item on an asset, a line each, newest first. */
export type EvidenceOf = (item: Item, asset: Asset) => readonly string[]

const wanted: Readonly<Record<(typeof walkFilters)[number], readonly Result[]>> = {
  untested: ['untested'],
  gaps: ['fails', 'partial'],
}

/** The steps of a route, items in the order of the standard; fixed, so that an answer moves none of them. */
export const stepsOf = (
  results: readonly ItemResult[],
  { asset, categories, only }: Route,
): readonly Step[] =>
  results
    .filter(({ item }) => categories?.includes(item.category) ?? true)
    .flatMap(({ item, assets }) =>
      assets
        .filter((each) => asset === undefined || each.asset.id === asset)
        .filter((each) => only === undefined || wanted[only].includes(each.result))
        .map((each) => ({ item: item.id, asset: each.asset.id })),
    )

const isAt = (place: Step, { item, asset }: Step): boolean => item === place.item && asset === place.asset

/**
 * Where to go on: at the step where one stopped, or where another route leaves that out, at the next one behind
 * it in the order of the checklist; from the beginning where there is none.
 */
export const resumeAt = (steps: readonly Step[], every: readonly Step[], place: Step | undefined): number => {
  if (place === undefined) return 0
  const from = every.findIndex((step) => isAt(place, step))
  const next = every.slice(Math.max(0, from)).find((step) => steps.some((own) => isAt(step, own)))
  return from < 0 || next === undefined ? 0 : steps.findIndex((step) => isAt(next, step))
}

export type Command =
  | { readonly kind: 'result'; readonly result: Result }
  | { readonly kind: 'text'; readonly field: 'evidence' | 'remark' }
  | { readonly kind: 'method' | 'next' | 'back' | 'untested' }
  | { readonly kind: 'quit' }

const resultKeys: Readonly<Record<string, Result>> = {
  1: 'conforms',
  2: 'partial',
  3: 'fails',
  4: 'not-applicable',
  0: 'untested',
}

const otherKeys: Readonly<Record<string, Command>> = {
  e: { kind: 'text', field: 'evidence' },
  r: { kind: 'text', field: 'remark' },
  m: { kind: 'method' },
  n: { kind: 'untested' },
  s: { kind: 'next' },
  space: { kind: 'next' },
  right: { kind: 'next' },
  b: { kind: 'back' },
  left: { kind: 'back' },
  q: { kind: 'quit' },
}

/** Which key sets which result, for the help line. */
export const resultKeyOf = (result: Result): string =>
  Object.keys(resultKeys).find((key) => resultKeys[key] === result) ?? ''

/** What a key means; undefined for one that means nothing. */
export const commandOf = (key: string): Command | undefined => {
  const result = Object.hasOwn(resultKeys, key) ? resultKeys[key] : undefined
  if (result !== undefined) return { kind: 'result', result }
  return Object.hasOwn(otherKeys, key) ? otherKeys[key] : undefined
}

export interface Assessor {
  readonly assessor?: string | undefined
  /** `YYYY-MM-DD`. */
  readonly day: string
}

const without = <Field extends keyof Finding>(finding: Finding, field: Field): Omit<Finding, Field> =>
  Object.fromEntries(Object.entries(finding).filter(([name]) => name !== field)) as Omit<Finding, Field>

/** A result that somebody sets here is no longer carried over. */
export const withResult = (
  before: Finding | undefined,
  result: Result,
  { assessor = before?.assessor, day }: Assessor,
): Finding => {
  return {
    ...without(before ?? { result }, 'carriedFrom'),
    result,
    on: day,
    ...(assessor !== undefined && { assessor }),
  }
}

/** An empty text takes the field away. */
export const withText = (
  before: Finding | undefined,
  field: 'evidence' | 'remark',
  text: string,
): Finding => {
  const rest = without(before ?? { result: 'untested' }, field)
  return text === '' ? rest : { ...rest, [field]: text }
}

/** From one way of assessing the item to the next, then to none. */
export const withNextMethod = (before: Finding | undefined, methods: readonly Method[]): Finding => {
  const { method, ...rest } = before ?? { result: 'untested' as const }
  const next = methods[method === undefined ? 0 : methods.indexOf(method) + 1]
  return next === undefined ? rest : { ...rest, method: next }
}
