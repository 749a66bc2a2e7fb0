import fc from 'fast-check'
import { z } from 'zod'
import type { Label } from '../../inventory/columns/label.ts'
import { labels, nestedLabels } from '../../inventory/columns/labels.ts'
import { cidr, type Collection, collectionNames, collections, id, regionCode } from '../../inventory/model.ts'
import type { Inventory, Operation } from '../../inventory/store.ts'

/** Inventories for tests of import and export: from operations, or arbitrary ones from the model itself. */

export const emptyInventory = {
  revision: 0,
  ...Object.fromEntries(collectionNames.map((name) => [name, new Map()])),
} as unknown as Inventory

/** What a store would hold after these operations, references unchecked. */
export const inventoryOf = (operations: readonly Operation[], base = emptyInventory): Inventory => {
  const next = Object.fromEntries(
    collectionNames.map((name) => [name, new Map<string, unknown>(base[name])]),
  ) as Record<Collection, Map<string, unknown>>
  for (const operation of operations)
    if (operation.op === 'put') {
      const record = collections[operation.collection].parse(operation.record)
      next[operation.collection].set(record.id, record)
    }
  return { ...next, revision: base.revision + 1 } as unknown as Inventory
}

const idsOf = (collection: Collection): readonly string[] => {
  if (collection === 'region') return ['410000', '410200', '410202001']
  if (collection === 'evidence') return ['1', '2', 'f'].map((digit) => digit.repeat(64))
  const name = collection === 'migration' || collection === 'readiness' ? 'system' : collection
  // Tasks and milestones share a name space.
  return [`${name}-1`, `${name}.2`, collection === 'milestone' ? '00m' : '00x']
}

const awkward = [
  '=1+1',
  '+86 371 2388 0000',
  '-2',
  '@SUM(A1)',
  '＝1',
  "'",
  "''x",
  '"quoted"',
  '[1]',
  '{',
  ' padded ',
  '\u3000',
  'a\r\nb',
  'a\nb',
  '\t',
  '_x000D_',
  '\ud800',
  '\u0000\u001f\u0085',
  '\ufffe\uffff\ufeff',
  'a、b，c；d',
  '无',
  '是',
  '１２３',
  '<a>&amp;',
  '410200',
  '😀',
]

export const anyText = (least: number) =>
  fc
    .oneof(fc.constantFrom(...awkward), fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }))
    .filter((text) => text.length >= least && text.length <= 40)

/** A path may hold nearly anything: separators, quotes, spaces, what looks like a formula. */
const anyEndpoint = fc
  .tuple(fc.constantFrom('https://a.gov.cn/', 'http://[::1]:8080/'), anyText(0))
  .map((parts) => parts.join(''))

const codeOf = (schema: z.ZodType) => {
  if (schema === id) return fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,12}$/u)
  if (schema === regionCode) return fc.stringMatching(/^\d{6}$/u)
  if (schema instanceof z.ZodUnion)
    return fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('gw.kaifeng.gov.cn', 'xn--fiq228c', 'a-1'))
  return undefined
}

const formatted = (schema: z.ZodType) =>
  fc
    .oneof(
      fc.stringMatching(/^(?:[0-9a-f]{32}){1,2}$/u),
      fc.constant(`MCowBQYDK2VwAyEA${'A'.repeat(43)}=`),
      fc.constantFrom(
        '2026-05-01T08:00:00Z',
        '2026-05-01',
        'L3-CES1-01',
        'A-18',
        '2018-W26',
        'tls.old-version',
      ),
    )
    .filter((text) => schema.safeParse(text).success)

const numberOf = (schema: z.ZodType) =>
  fc
    .oneof(
      fc.constantFrom(2, 3, 2026),
      fc.integer({ min: 0, max: 70_000 }),
      fc.double({ min: 0, max: 1e9, noNaN: true }),
    )
    .filter((number) => !Object.is(number, -0) && schema.safeParse(number).success)

const jsonObject = fc
  .dictionary(fc.string({ minLength: 1 }), fc.jsonValue(), { maxKeys: 3 })
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown)

type Labelled = Readonly<Record<string, Label>>

const objectOf = (schema: z.ZodObject, labelled: Labelled): fc.Arbitrary<unknown> =>
  fc
    .record(
      Object.fromEntries(
        Object.entries<z.ZodType>(schema.shape).map(([name, field]) => [
          name,
          valueOf(field, name, labelled),
        ]),
      ),
    )
    .map((record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)))

const valueOf = (schema: z.ZodType, name: string, labelled: Labelled): fc.Arbitrary<unknown> => {
  const inner = (type: unknown) => valueOf(type as z.ZodType, name, labelled)
  const references = labelled[name]?.references
  if (schema instanceof z.ZodOptional) return fc.option(inner(schema.unwrap()), { nil: undefined })
  if (schema instanceof z.ZodDefault) return inner(schema.unwrap())
  if (schema === cidr) return fc.constantFrom('192.0.2.0/24', '2001:db8::/32', '0.0.0.0/0', '10.1.2.3/32')
  if (name === 'control' || (name === 'target' && !(schema instanceof z.ZodNumber)))
    return fc.constantFrom(...idsOf('node'))
  if (/endpoints$/iu.test(name)) return fc.array(anyEndpoint, { maxLength: 3 })
  if (schema instanceof z.ZodArray)
    return fc.array(inner(schema.element), { minLength: schema.safeParse([]).success ? 0 : 1, maxLength: 3 })
  if (references !== undefined) return fc.constantFrom(...idsOf(references))
  if (schema instanceof z.ZodObject) return objectOf(schema, nestedLabels[name as keyof typeof nestedLabels])
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options)
  if (schema instanceof z.ZodBoolean) return fc.boolean().filter((value) => schema.safeParse(value).success)
  if (schema instanceof z.ZodNumber) return numberOf(schema)
  if (name === 'results') return fc.dictionary(fc.constant('L3-CES1-01'), fc.constant({ result: 'conforms' }))
  if (name === 'answers') return fc.dictionary(fc.constantFrom('cpu', 'os'), fc.constantFrom('same', 'bound'))
  if (schema instanceof z.ZodRecord) return jsonObject
  const code = codeOf(schema)
  if (code !== undefined) return code
  return schema.safeParse('=a b').success
    ? anyText(schema.safeParse('').success ? 0 : 1).filter((text) => schema.safeParse(text).success)
    : formatted(schema)
}

/** Hierarchies end at the first record: each stands under the one before it. */
const underPrevious = (record: Fields, previous: string | undefined): Fields => {
  const { parent, previous: earlier, uplinks, ...rest } = record
  const before = previous === undefined ? [] : [previous]
  return {
    ...rest,
    ...('dependsOn' in rest && { dependsOn: before }),
    ...('dependsOnInferred' in rest && { dependsOnInferred: before }),
    ...(parent !== undefined && previous !== undefined && { parent: previous }),
    ...(earlier !== undefined && previous !== undefined && { previous }),
    ...(Array.isArray(uplinks) && {
      uplinks: uplinks.slice(0, previous === undefined ? 0 : uplinks.length).map((uplink: Fields, index) => ({
        ...uplink,
        id: `${String(index)}${String(uplink['id'])}`,
        to: previous,
      })),
    }),
  }
}

type Fields = Readonly<Record<string, unknown>>

const assessed = { asset: 'asset-1', assessment: 'assessment-1' }

const coherentMigration = (record: Fields): Fields => ({
  dependsOn: [],
  reason: '因为',
  basis: '依据',
  wave: 'wave-1',
  moves: (record['moves'] as readonly Fields[])
    .slice(0, 1)
    .map((move) => ({ ...move, to: record['state'] ?? 'surveyed' })),
})

/** What the records of an assessment, of the ledger and of the migration demand of each other, by collection. */
const demands: { readonly [C in Collection]?: (record: Fields) => Fields } = {
  assessment: ({ hazards }) => ({
    level: 3,
    system: 'system-1',
    hazards: (hazards as unknown[]).slice(0, 1),
  }),
  remediation: () => ({ ...assessed, unit: 'unit-1', deadline: '2026-05-01' }),
  asset: () => ({ assessment: 'assessment-1' }),
  waiver: () => assessed,
  migration: coherentMigration,
  wave: () => ({ freezes: [] }),
  goal: () => ({ plan: 'workplan-1' }),
  task: () => ({ plan: 'workplan-1' }),
  progress: () => ({ subject: 'task-1', kind: 'note', to: undefined }),
  maintenance: () => ({ endsAt: '2026-05-02T08:00:00Z', targets: ['node-1'] }),
  duty: () => ({ endsAt: '2026-05-02T08:00:00Z' }),
  exception: () => ({ target: 'node-1' }),
  bulletin: () => ({ unit: 'unit-1', corrects: undefined }),
  claim: () => ({ subjectKind: 'system', subject: 'system-1', kind: 'linked', item: undefined }),
  roster: ({ id }) => ({
    series: id,
    version: 1,
    of: 'items',
    members: [],
    count: 3,
    parts: {},
    exclusions: {},
  }),
}

const coherent = (collection: Collection, record: Fields): Fields =>
  Object.fromEntries(
    Object.entries({ ...record, ...demands[collection]?.(record) }).filter(
      ([, value]) => value !== undefined,
    ),
  )
/** Waves follow each other. */
const inPlace = (collection: Collection, record: Fields, index: number): Fields =>
  collection === 'wave'
    ? { ...record, startsOn: `2026-0${String(index + 1)}-01`, endsOn: `2026-0${String(index + 1)}-20` }
    : record

const operationsOf = (collection: Collection): fc.Arbitrary<readonly Operation[]> => {
  const ids = idsOf(collection)
  return fc.tuple(
    ...ids.map((recordId, index) =>
      objectOf(collections[collection], labels[collection]).map((record): Operation => ({
        op: 'put',
        collection,
        record: inPlace(
          collection,
          underPrevious(coherent(collection, { ...(record as Fields), id: recordId }), ids[index - 1]),
          index,
        ),
      })),
    ),
  )
}

/** Three records of each collection, with every kind of text a field may hold and references that exist. */
export const anyInventory: fc.Arbitrary<Inventory> = fc
  .tuple(...collectionNames.map(operationsOf))
  .map((parts) => inventoryOf(parts.flat()))
