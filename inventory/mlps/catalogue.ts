import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import type { Problem } from '../../src/core/fault.ts'
import { nearest } from '../../src/core/nearest.ts'
import {
  catalogueFile,
  type CatalogueFile,
  type CategoryCode,
  categoryLabels,
  type Frozen,
  type Item,
  type MlpsLevel,
  type Part,
  type RiskList,
  risksFile,
  type Scenario,
} from './model.ts'

/** Which part of the catalogue: the general requirements, with the cloud extension behind them if asked for. */
export interface Scope {
  readonly cloud?: boolean
}

export interface ControlPoint {
  readonly clause: string
  readonly name: string
  readonly items: readonly Item[]
}

export interface Category {
  readonly code: CategoryCode
  readonly name: string
  readonly part: Part
  readonly clause: string
  readonly items: readonly Item[]
  readonly controlPoints: readonly ControlPoint[]
}

const freeze = <T>(value: T): Frozen<T> => {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze)
  return value as Frozen<T>
}

/** The JSON beside this file, read when first asked for: most commands never do. */
const lazy = <Parsed, Value>(
  name: string,
  schema: z.ZodType<Parsed>,
  index: (parsed: Frozen<Parsed>) => Value,
): (() => Value) => {
  let value: { readonly of: Value } | undefined
  const read = (): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'))
  return () => (value ??= { of: index(freeze(schema.parse(read()))) }).of
}

const loadItems = lazy('catalogue.json', catalogueFile, (file) => ({
  ...file,
  byId: new Map(file.items.map((item) => [item.id, item])),
}))

const loadRisks = lazy('risks.json', risksFile, (lists) => ({
  lists,
  byId: new Map(lists.flatMap(({ scenarios }) => scenarios).map((scenario) => [scenario.id, scenario])),
}))

/** Notice, standards, and what is unverified. */
export const about = (): CatalogueFile['about'] => loadItems().about

/** The items of a level in the order of the standard. */
export const catalogue = (level: MlpsLevel, { cloud = false }: Scope = {}): readonly Item[] =>
  Object.freeze(
    loadItems().items.filter((item) => item.level === level && (cloud || item.part === 'general')),
  )

/** The items that an assessment asks about. */
export const itemsOf = ({
  level,
  cloud,
}: {
  readonly level: number
  readonly cloud: boolean
}): readonly Item[] => catalogue(level === 2 ? 2 : 3, { cloud })

export const itemById = (id: string): Item | undefined => loadItems().byId.get(id)

/** What is wrong with an id that is none of the catalogue, and the one that was most likely meant. */
export const unknownItem = (where: string, id: string): Problem => {
  const best = nearest(id, loadItems().byId.keys())
  return {
    where,
    message: `expected an item of the catalogue, got ${id}`,
    suggestion: best === undefined ? '`yiwang mlps catalog` lists them' : `did you mean ${best}?`,
  }
}

const controlPointsOf = (items: readonly Item[]): readonly ControlPoint[] =>
  [...Map.groupBy(items, ({ clause }) => clause).values()].flatMap((own) => {
    const [first] = own
    return first === undefined
      ? []
      : Object.freeze({ clause: first.clause, name: first.controlPoint, items: Object.freeze(own) })
  })

const categoryOf = (items: readonly Item[]): readonly Category[] => {
  const [first] = items
  if (first === undefined) return []
  const { category: code, part, clause } = first
  return [
    Object.freeze({
      code,
      part,
      name: categoryLabels[code],
      clause: clause.slice(0, clause.lastIndexOf('.')),
      items: Object.freeze(items),
      controlPoints: Object.freeze(controlPointsOf(items)),
    }),
  ]
}

/** The items of a level by category and control point; a category of the cloud extension is one of its own. */
export const outline = (level: MlpsLevel, scope: Scope = {}): readonly Category[] =>
  Object.freeze(
    [...Map.groupBy(catalogue(level, scope), ({ part, category }) => `${part} ${category}`).values()].flatMap(
      categoryOf,
    ),
  )

/** Major hazards and high-risk scenarios, list by list, each with its confidence and its gaps. */
export const riskLists = (): readonly RiskList[] => loadRisks().lists

export const scenarioById = (id: string): Scenario | undefined => loadRisks().byId.get(id)
