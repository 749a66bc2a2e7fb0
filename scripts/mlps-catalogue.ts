import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import {
  aboutText,
  type CatalogueFile,
  catalogueFile,
  category,
  confidence,
  type Coverage,
  coverage,
  type Item,
  itemText,
  mapping,
  type MlpsLevel,
  mlpsLevels,
  type Part,
  partLabels,
  type RiskList,
  riskListText,
  risksFile,
  type Scenario,
  scenarioText,
} from '../inventory/mlps/model.ts'

/**
 * Makes inventory/mlps/{catalogue,risks}.json of the YAML files in inventory/mlps/catalogue/. Clauses and letters are
 * counted, since the order of the files is that of the standard; ids are written, since their count has a gap.
 */

const folder = path.resolve(import.meta.dirname, '../inventory/mlps/catalogue')

const text = z.string().regex(/^\S.{0,198}\S$/u, 'expected 2 to 200 characters without space around them')
const id = z.string().regex(/^L[23]-[A-Z]{3}[12]-\d{2}$/u)
const scenarioId = z.string().regex(/^(A-\d{2}|HR2020-\d{2}[ab]?|HR2025-\d+(\.\d+){3})$/u)

const sourceItem = z.strictObject({
  ...itemText,
  ids: z.array(id).min(1).max(2),
  topic: text,
  requirement: text.regex(/^[^。]+。$/u, 'expected one sentence'),
  methods: itemText.methods.refine(({ length }) => length > 0),
  evidence: z.array(text).min(1),
  assets: itemText.assets.refine(({ length }) => length > 0),
  auto: z.partialRecord(coverage, text).optional(),
})
const sourcePoint = z.strictObject({
  name: text,
  /** Where level 2 calls it otherwise. */
  level2Name: text.optional(),
  items: z.array(sourceItem).min(1),
})
const sourceCategory = z.strictObject({
  code: category,
  general: z.array(sourcePoint).min(1),
  cloud: z.array(sourcePoint).default([]),
})
const sourceHead = z.strictObject({
  ...aboutText,
  sourcedIds: z.strictObject({ level: z.literal(mlpsLevels), categories: z.array(category) }),
})
const sourceScenario = z.strictObject({
  ...scenarioText,
  id: scenarioId,
  text,
  confidence: confidence.optional(),
  levelConfidence: confidence.optional(),
  items: z.array(id),
  carriedOver: z.array(id).default([]),
})
const sourceRisks = z.strictObject({
  lists: z.array(
    z.strictObject({ ...riskListText, confidence, mapping, scenarios: z.array(sourceScenario) }),
  ),
})

type SourceItem = z.infer<typeof sourceItem>
type SourceCategory = z.infer<typeof sourceCategory>
type SourceList = z.infer<typeof sourceRisks>['lists'][number]
type Risks = ReadonlyMap<string, Item['risks']>

/** What an item has from other files than its category's. */
interface Context {
  readonly sourcedIds: z.infer<typeof sourceHead>['sourcedIds']
  readonly risks: Risks
}

const read = <T>(name: string, schema: z.ZodType<T>): T => {
  const parsed = schema.safeParse(parse(readFileSync(path.join(folder, `${name}.yaml`), 'utf8')))
  if (!parsed.success) throw new Error(`${name}.yaml: ${z.prettifyError(parsed.error)}`)
  return parsed.data
}

const partDigit: Readonly<Record<Part, number>> = { general: 1, cloud: 2 }
const chapter: Readonly<Record<MlpsLevel, number>> = { 2: 7, 3: 8 }

const idAt = ({ ids }: SourceItem, level: MlpsLevel): string | undefined =>
  ids.find((id) => id.startsWith(`L${level}-`))

const autoOf = ({ auto }: SourceItem): Pick<Item, 'auto'> => {
  const [only] = Object.entries(auto ?? {}) as [Coverage, string][]
  return only === undefined ? {} : { auto: { coverage: only[0], how: only[1] } }
}

const basisOf = ({ sourcedIds }: Context, level: MlpsLevel, code: Item['category']): Item['idBasis'] =>
  level === sourcedIds.level && sourcedIds.categories.includes(code) ? 'sourced' : 'derived'

const letterAt = (index: number): string => String.fromCharCode('a'.charCodeAt(0) + index)

interface Place {
  readonly level: MlpsLevel
  readonly part: Part
  readonly category: SourceCategory
}

interface Numbered {
  readonly point: z.infer<typeof sourcePoint>
  readonly items: readonly { readonly id: string; readonly source: SourceItem }[]
}

/** The control points that the category has at that level. */
const pointsAt = ({ level, part, category }: Place): readonly Numbered[] =>
  category[part].flatMap((point) => {
    const items = point.items.flatMap((source) => {
      const id = idAt(source, level)
      if (id === undefined) return []
      if (!id.startsWith(`L${level}-${category.code}${partDigit[part]}-`))
        throw new Error(`${id} stands under ${category.code}, ${partLabels[part]}`)
      return { id, source }
    })
    return items.length === 0 ? [] : { point, items }
  })

const itemsAt = (context: Context, place: Place, clause: string): readonly Item[] =>
  pointsAt(place).flatMap(({ point, items }, pointIndex) =>
    items.map(({ id, source }, index) => {
      const { topic, requirement, methods, evidence, assets } = source
      const { level, part, category } = place
      return {
        ...{ id, idBasis: basisOf(context, level, category.code), level, part, category: category.code },
        clause: `${clause}.${pointIndex + 1}`,
        controlPoint: (level === 2 ? point.level2Name : undefined) ?? point.name,
        letter: letterAt(index),
        ...{ topic, requirement, methods, evidence, assets },
        ...autoOf(source),
        risks: context.risks.get(id) ?? [],
      }
    }),
  )

const itemsOf = (categories: readonly SourceCategory[], context: Context): readonly Item[] =>
  mlpsLevels.flatMap((level) =>
    (Object.keys(partDigit) as Part[]).flatMap((part) =>
      categories
        .map((category) => ({ level, part, category }))
        .filter((place) => pointsAt(place).length > 0)
        .flatMap((place, index) =>
          itemsAt(context, place, `${chapter[level]}.${partDigit[part]}.${index + 1}`),
        ),
    ),
  )

const scenariosOf = ({ mapping: own, confidence: usual, scenarios }: SourceList): readonly Scenario[] =>
  scenarios.map(({ items, carriedOver, ...scenario }) => {
    const trust = scenario.confidence ?? usual
    return {
      ...scenario,
      confidence: trust,
      levelConfidence: scenario.levelConfidence ?? trust,
      items: [
        ...items.map((item) => ({ item, mapping: own })),
        ...carriedOver.map((item) => ({ item, mapping: 'carried-over' as const })),
      ],
    }
  })

const riskListsOf = (lists: readonly SourceList[]): readonly RiskList[] =>
  lists.map((list) => {
    const { id, title, note, gaps } = list
    return { id, title, note, gaps, scenarios: scenariosOf(list) }
  })

const risksByItem = (lists: readonly RiskList[]): Risks => {
  const links = lists
    .flatMap(({ scenarios }) => scenarios)
    .flatMap(({ id, items }) => items.map(({ item, mapping }) => ({ item, risk: { scenario: id, mapping } })))
  const grouped = Map.groupBy(links, ({ item }) => item)
  return new Map([...grouped].map(([item, own]) => [item, own.map(({ risk }) => risk)]))
}

const compile = (): { readonly catalogue: CatalogueFile; readonly risks: readonly RiskList[] } => {
  const { sourcedIds, ...about } = read('catalogue', sourceHead)
  const categories = category.options.map((code) => read(code.toLowerCase(), sourceCategory))
  const risks = riskListsOf(read('scenarios', sourceRisks).lists)
  const byItem = risksByItem(risks)
  const items = itemsOf(categories, { sourcedIds, risks: byItem })
  const ids = new Set(items.map((item) => item.id))
  const dangling = [...byItem.keys()].filter((item) => !ids.has(item))
  if (dangling.length > 0) throw new Error(`scenarios.yaml: no such item: ${dangling.join(', ')}`)
  return {
    catalogue: catalogueFile.parse({ about, items }),
    risks: risksFile.parse(risks),
  }
}

/** One value a line, so that a change of one is a change of one line. */
const linesOf = (values: readonly unknown[]): string =>
  `[\n${values.map((value) => JSON.stringify(value)).join(',\n')}\n]`

/** The text of inventory/mlps/catalogue.json. */
export const mlpsCatalogue = (): string => {
  const { about, items } = compile().catalogue
  return `{"about":${JSON.stringify(about)},\n"items":${linesOf(items)}}\n`
}

/** The text of inventory/mlps/risks.json. */
export const mlpsRisks = (): string => {
  const lists = compile().risks.map(
    ({ scenarios, ...list }) => `${JSON.stringify(list).slice(0, -1)},"scenarios":${linesOf(scenarios)}}`,
  )
  return `[${lists.join(',\n')}]\n`
}
