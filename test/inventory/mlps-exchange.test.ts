import { Workbook, type Worksheet } from '@cj-tech-master/excelts'
import { unzip, zip } from '@cj-tech-master/excelts/archive'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exportFindings, limits, planFindings, readTables } from '../../inventory/exchange/index.ts'
import { findingColumns } from '../../inventory/exchange/mlps/columns.ts'
import {
  type Asset,
  type AssetKind,
  assetLabels,
  catalogue,
  type Finding,
  methodLabels,
  resultLabels,
} from '../../inventory/mlps/index.ts'
import type { Inventory, Operation } from '../../inventory/store.ts'
import { UsageFault } from '../../src/core/fault.ts'
import { anyText, inventoryOf } from './exchange-support.ts'
import { put } from './store-fixtures.ts'

const keysOf = <Key extends string>(labels: Readonly<Record<Key, string>>) => Object.keys(labels) as Key[]

const assessment = (level: 2 | 3, cloud: boolean): Operation =>
  put('assessment', { id: 'net', name: '外网', object: 'extranet', level, cloud })
const asset = (id: string, more: object = {}): Operation =>
  put('asset', { id, assessment: 'net', name: '核心防火墙', kind: 'security-device', ...more })

const exported = (inventory: Inventory, wording: ReadonlyMap<string, string> = new Map()) => {
  const [first] = inventory.assessment.values()
  if (first === undefined) throw new Error('expected an assessment')
  return exportFindings({ assessment: first, assets: [...inventory.asset.values()], wording })
}

/** As the tests have it. */
const today = '2026-12-31'

const planOf = async (bytes: Uint8Array, inventory: Inventory) =>
  planFindings(await readTables('net.xlsx', bytes), inventory, today)

const problemsOf = async (bytes: Uint8Array, inventory: Inventory): Promise<readonly string[]> => {
  const fault = await planOf(bytes, inventory).catch((error: unknown) => error)
  if (!(fault instanceof UsageFault)) throw new Error('expected a UsageFault', { cause: fault })
  return fault.problems.map(({ where, message, suggestion }) =>
    [`${where}: ${message}`, suggestion].filter((part) => part !== undefined).join(' → '),
  )
}

/** The workbook as somebody saves it after typing into it. */
const edited = async (bytes: Uint8Array, edit: (sheet: Worksheet, book: Workbook) => void) => {
  const book = new Workbook()
  await book.xlsx.load(bytes)
  const sheet = book.worksheets[1]
  if (sheet === undefined) throw new Error('expected the sheet of an asset')
  edit(sheet, book)
  return new Uint8Array(await book.xlsx.writeBuffer())
}

const headers = findingColumns().filter(({ header }) => header !== 'officialWording')
/** The column's letter in a workbook without official wording. */
const letter = (header: string): string =>
  String.fromCharCode(65 + headers.findIndex((column) => column.header === header))

const resultsOf = (inventory: Inventory): ReadonlyMap<string, Asset['results']> =>
  new Map([...inventory.asset.values()].map(({ id, results }) => [id, results]))

const withoutResults = (inventory: Inventory): Inventory =>
  inventoryOf(
    [...inventory.asset.values()].map((each) => put('asset', { ...each, results: {} })),
    inventory,
  )

const anyFinding = fc
  .record({
    result: fc.constantFrom(...keysOf(resultLabels)),
    method: fc.option(fc.constantFrom(...keysOf(methodLabels)), { nil: undefined }),
    evidence: fc.option(anyText(0), { nil: undefined }),
    remark: fc.option(anyText(0), { nil: undefined }),
    assessor: fc.option(anyText(1), { nil: undefined }),
    on: fc.option(fc.constantFrom('2026-11-26', '2025-01-01'), { nil: undefined }),
    carriedFrom: fc.option(fc.constantFrom('net-2025', '00x', '1e5'), { nil: undefined }),
  })
  .map(
    (finding) =>
      Object.fromEntries(Object.entries(finding).filter(([, value]) => value !== undefined)) as Finding,
  )

const anyAssets = (ids: readonly string[]) =>
  fc
    .array(
      fc.record({
        name: anyText(1),
        kind: fc.constantFrom<AssetKind>(...keysOf(assetLabels)),
        results: fc.dictionary(fc.constantFrom(...ids), anyFinding, { maxKeys: 30 }),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((assets) => assets.map((each, index) => asset(`net.${index}`, each)))

const anyAssessed = fc
  .tuple(fc.constantFrom<2 | 3>(2, 3), fc.boolean())
  .chain(([level, cloud]) =>
    anyAssets(catalogue(level, { cloud }).map(({ id }) => id)).map((assets) =>
      inventoryOf([assessment(level, cloud), ...assets]),
    ),
  )

test('a workbook read where the results are missing gives the same results; read where they are, nothing', async () => {
  await fc.assert(
    fc.asyncProperty(anyAssessed, async (inventory) => {
      const bytes = await exported(inventory)
      const empty = withoutResults(inventory)
      const { operations } = await planOf(bytes, empty)
      expect(resultsOf(inventoryOf(operations, empty))).toEqual(resultsOf(inventory))
      expect(await planOf(bytes, inventory)).toMatchObject({ operations: [], differences: [], added: 0 })
    }),
    { numRuns: 25 },
  )
})

const everyItem = Object.fromEntries(
  catalogue(3).map(({ id }, index): [string, Finding] => [
    id,
    { result: keysOf(resultLabels)[index % 5] ?? 'fails', evidence: `=${index}` },
  ]),
)
const full = inventoryOf([assessment(3, false), asset('net.fw', { results: everyItem })])

test('all 211 items go out and come in again, and none of their texts is a formula', async () => {
  const bytes = await exported(full)
  const empty = withoutResults(full)
  const plan = await planOf(bytes, empty)
  expect(plan).toMatchObject({ added: 211, changed: 0, unchanged: 0, empty: 0 })
  expect(resultsOf(inventoryOf(plan.operations, empty))).toEqual(resultsOf(full))
  const book = new Workbook()
  await book.xlsx.load(bytes)
  const cell = book.worksheets[1]?.getCell(`${letter('evidence')}2`)
  expect(cell?.formula).toBeUndefined()
  expect(cell?.value).toBe("'=0")
})

test('the sheet that people see: frozen header with our notice, drop-downs, official wording where loaded', async () => {
  const book = new Workbook()
  await book.xlsx.load(await exported(full, new Map([['L3-CES1-01', '用户自己的原文']])))
  expect(book.worksheets.map(({ name }) => name)).toEqual(['说明', '核心防火墙'])
  const sheet = book.worksheets[1]!
  expect(sheet.views[0]).toMatchObject({ state: 'frozen', ySplit: 1 })
  const titles = sheet.getRow(1).values as readonly string[]
  expect(titles).toContain('要求（本产品释义，未经官方审定）')
  const official = titles.indexOf('官方原文（使用者自行载入）')
  const rows = sheet.getRows(2, 211) ?? []
  const texts = rows.map((row) => [row.getCell(1).value, row.getCell(official).value] as const)
  expect(texts.filter(([, text]) => text !== null)).toEqual([['L3-CES1-01', '用户自己的原文']])
  const lists = ['测评结果', '测评方法'].map((title) => {
    const validation = sheet.getCell(2, titles.indexOf(title)).dataValidation
    return validation !== undefined && 'formulae' in validation ? validation.formulae : undefined
  })
  expect(lists).toEqual([['"符合,部分符合,不符合,不适用,未测评"'], ['"访谈,核查,测试"']])
})

test('assets of one name, or of a name that no sheet may have, get sheets of their own', async () => {
  const names = ['甲/乙', '甲:乙', 'History', "'", '长'.repeat(60), '长'.repeat(61)]
  const assets = names.map((name, index) => asset(`net.${index}`, { name, results: everyItem }))
  const inventory = inventoryOf([assessment(3, false), ...assets])
  const bytes = await exported(inventory)
  const tables = await readTables('net.xlsx', bytes)
  expect(tables.map(({ sheet }) => sheet)).toEqual([
    '说明',
    '甲 乙',
    '甲 乙 2',
    'History 2',
    'net.3',
    '长'.repeat(31),
    `${'长'.repeat(29)} 2`,
  ])
  expect(await planOf(bytes, inventory)).toMatchObject({ operations: [], unchanged: 6 * 211 })
})

const finding: Finding = {
  result: 'partial',
  method: 'examine',
  evidence: '六位',
  on: '2025-06-01',
  carriedFrom: 'net-2025',
}
const base = inventoryOf([
  assessment(3, false),
  asset('net.fw', { results: { 'L3-CES1-01': finding } }),
  put('assessment', { id: 'other', name: '别的', object: 'extranet', level: 2 }),
])

/** In `base` the item is in this row. */
const rowOf = async (item: string): Promise<number> => {
  const book = new Workbook()
  await book.xlsx.load(await exported(base))
  const column = book.worksheets[1]?.getColumn(1).values ?? []
  return column.indexOf(item)
}

test('a change is listed cell by cell; whoever changes a row has looked at it', async () => {
  const row = await rowOf('L3-CES1-01')
  const bytes = await edited(await exported(base), (sheet) => {
    sheet.getCell(`${letter('result')}${row}`).value = '符合'
    sheet.getCell(`${letter('evidence')}${row}`).value = null
    sheet.getCell(`${letter('result')}${row + 1}`).value = ' fails '
  })
  const plan = await planOf(bytes, base)
  const place = { file: 'net.xlsx', sheet: '核心防火墙', assessment: 'net', asset: 'net.fw' }
  const first = { ...place, row, item: 'L3-CES1-01' }
  expect(plan.differences).toEqual([
    { ...first, column: '测评结果', old: '部分符合', new: '符合' },
    { ...first, column: '结果记录', old: '六位', new: '' },
    { ...first, column: '沿用自', old: 'net-2025', new: '' },
    { ...place, row: row + 1, item: 'L3-CES1-02', column: '测评结果', new: '不符合' },
  ])
  expect(plan).toMatchObject({ added: 1, changed: 1, unchanged: 0 })
  expect(inventoryOf(plan.operations, base).asset.get('net.fw')?.results).toEqual({
    'L3-CES1-01': { result: 'conforms', method: 'examine', on: '2025-06-01' },
    'L3-CES1-02': { result: 'fails' },
  })
})

test('an empty row wipes nothing, and a column that is not there leaves its field', async () => {
  const row = await rowOf('L3-CES1-01')
  const emptied = await edited(await exported(base), (sheet) => {
    for (const { header, holds } of headers)
      if (holds !== undefined && !['item', 'clause', 'asset', 'assessment'].includes(header))
        sheet.getCell(`${letter(header)}${row}`).value = null
  })
  expect(await planOf(emptied, base)).toMatchObject({ operations: [], unchanged: 0 })
  const few = new Workbook()
  few
    .addWorksheet('现场')
    .addRows([
      ['外网现场记录'],
      ['资产编号', '测评编号', '编号', '符合情况'],
      ['net.fw', 'net', 'L3-CES1-01', '不适用'],
    ])
  const plan = await planOf(new Uint8Array(await few.xlsx.writeBuffer()), base)
  expect(inventoryOf(plan.operations, base).asset.get('net.fw')?.results['L3-CES1-01']).toEqual({
    result: 'not-applicable',
    method: 'examine',
    evidence: '六位',
    on: '2025-06-01',
  })
})

test('every problem of a file is named at once, with file, sheet, row and column', async () => {
  const row = await rowOf('L3-CES1-01')
  const at = (header: string, offset: number): string => `${letter(header)}${row + offset}`
  const bytes = await edited(await exported(base), (sheet) => {
    sheet.getCell(at('result', 0)).value = '很好'
    sheet.getCell(at('item', 1)).value = 'L3-CES1-99'
    sheet.getCell(at('assessment', 2)).value = 'other'
    sheet.getCell(at('asset', 3)).value = 'net.fv'
    sheet.getCell(at('assessment', 4)).value = 'nets'
    sheet.getCell(at('clause', 5)).value = '8.1.1.1 a'
    sheet.getCell(at('evidence', 6)).value = '没有结果'
    sheet.getCell(at('result', 7)).value = { formula: '1+1', result: '符合' }
    sheet.getCell(at('result', 8)).value = '符合'
    sheet.getCell(at('on', 8)).value = '昨天'
    sheet.getCell(at('item', 10)).value = sheet.getCell(at('item', 9)).value
    sheet.getCell(at('clause', 10)).value = sheet.getCell(at('clause', 9)).value
    sheet.getCell(at('evidence', 11)).value = 'x'.repeat(1001)
    sheet.getCell(at('result', 11)).value = '符合'
  })
  const place = (header: string, offset: number): string => `net.xlsx:核心防火墙!${at(header, offset)}`
  expect(await problemsOf(bytes, base)).toEqual([
    `${place('result', 0)}: 测评结果 (result): expected 符合 (conforms), 部分符合 (partial), 不符合 (fails), 不适用 (not-applicable), 未测评 (untested), got "很好"`,
    `${place('item', 1)}: 测评项 (item): expected an item of net, got "L3-CES1-99" → did you mean L3-CES1-09?`,
    `${place('assessment', 2)}: 测评 (assessment): expected net, which net.fw belongs to, got other`,
    `${place('asset', 3)}: 资产 (asset): expected the id of an asset, got "net.fv" → did you mean net.fw?`,
    `${place('assessment', 4)}: 测评 (assessment): expected the id of an assessment, got "nets" → did you mean net?`,
    expect.stringMatching(
      /条款 \(clause\): L3-CES1-\d\d is 8\.1\.4\.\d \w, got "8\.1\.1\.1 a": its row was mixed up/u,
    ),
    `${place('result', 7)}: 测评结果 (result): expected a value, got a formula; formulas are not evaluated, paste it as a value`,
    expect.stringContaining(`is here twice, first at ${place('item', 9)}`),
    `${place('result', 6)}: 测评结果 (result): is required where the row says anything, got nothing`,
    expect.stringContaining(`${place('on', 8)}: 测评日期 (on): Invalid ISO date, got "昨天"`),
    expect.stringContaining(`${place('evidence', 11)}: 结果记录 (evidence): `),
  ])
})

test('an item of another level is refused, and a table that is none', async () => {
  const rows = (header: readonly string[], ...values: readonly string[]) => {
    const book = new Workbook()
    book.addWorksheet('表').addRows([[...header], [...values]])
    return book.xlsx.writeBuffer().then((bytes) => new Uint8Array(bytes))
  }
  const header = ['测评项', '测评结果', '资产', '测评']
  expect(await problemsOf(await rows(header, 'L2-CES1-01', '符合', 'net.fw', 'net'), base)).toEqual([
    'net.xlsx:表!A2: 测评项 (item): expected an item of net, got "L2-CES1-01" → did you mean L3-CES1-01?',
  ])
  expect(await problemsOf(await rows(header.slice(0, 3), 'L3-CES1-01', '符合', 'net.fw'), base)).toEqual([
    'net.xlsx:表!A1: the column 测评 (assessment) is missing',
  ])
  expect(
    await problemsOf(await rows([...header, '结论'], 'L3-CES1-01', '符合', 'net.fw', 'net'), base),
  ).toEqual([expect.stringMatching(/^net\.xlsx:表!E1: unknown header "结论"/u)])
  expect(await problemsOf(await rows(['甲', '乙'], '1', '2'), base)).toEqual([
    expect.stringMatching(/^net\.xlsx:表!A1: expected a header row with 测评项 \(item\)/u),
  ])
})

test('a day that has not come is refused, unless it stood there before', async () => {
  const dated = (on: string) =>
    inventoryOf([
      assessment(3, false),
      asset('net.fw', { results: { 'L3-CES1-01': { result: 'conforms', on } } }),
    ])
  const bytes = await exported(dated('2199-01-01'))
  expect(await problemsOf(bytes, dated('2025-06-01'))).toEqual([
    expect.stringContaining(
      '测评日期 (on): expected a day that has come (today is 2026-12-31), got 2199-01-01',
    ),
  ])
  expect((await planOf(bytes, dated('2199-01-01'))).differences).toEqual([])
})

test('an assessment without assets is not exported', async () => {
  await expect(exported(inventoryOf([assessment(3, false)]))).rejects.toThrow(
    'expected an assessment with assets',
  )
})

const withSheet = async (data: string): Promise<Uint8Array> => {
  const out = zip()
  for await (const entry of unzip(await exported(base)).entries())
    out.add(
      entry.path,
      entry.path === 'xl/worksheets/sheet2.xml'
        ? `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${data}</sheetData></worksheet>`
        : await entry.bytes(),
    )
  return out.bytes()
}

test('a million rows, and cells without end, are counted before they are loaded', async () => {
  expect(await problemsOf(await withSheet('<row><c><v>1</v></c></row>'.repeat(1_000_000)), base)).toEqual([
    expect.stringMatching(
      /^net\.xlsx: expected at most 100000 rows a sheet, xl\/worksheets\/sheet2\.xml has more/u,
    ),
  ])
  const row = `<row>${'<c><v>1</v></c>'.repeat(500)}</row>`
  expect(await problemsOf(await withSheet(row.repeat(Math.ceil(limits.tags / 2000))), base)).toEqual([
    expect.stringMatching(/^net\.xlsx: expected at most \d+ XML tags, got \d+/u),
  ])
})

test('rows of nonsense end in a bounded list of problems', () => {
  const tables = [
    {
      file: 'net.csv',
      rows: [
        { number: 1, cells: ['测评项', '测评结果', '资产', '测评'].map((text) => ({ text })) },
        ...Array.from({ length: limits.rows - 1 }, (_, index) => ({
          number: index + 2,
          cells: [`L3-${index}`, '好', `net.${index}`, 'net'].map((text) => ({ text })),
        })),
      ],
    },
  ]
  expect(() => planFindings(tables, base, today)).toThrow(/and \d+ more problems$/u)
})
