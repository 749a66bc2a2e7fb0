import { deflateRawSync } from 'node:zlib'
import { unzip, zip } from '@cj-tech-master/excelts/archive'
import { parseXml } from '@cj-tech-master/excelts/xml'
import { Workbook, type Worksheet } from '@cj-tech-master/excelts'
import { expect, test } from 'vitest'
import { type Problem, UsageFault } from '../../src/core/fault.ts'
import {
  exportCsv,
  exportWorkbook,
  limits,
  planImport,
  readImport,
  readTables,
} from '../../inventory/exchange/index.ts'
import type { Collection, Node } from '../../inventory/model.ts'
import { seedOperations } from '../../inventory/seed.ts'
import type { Inventory } from '../../inventory/store.ts'
import { emptyInventory, inventoryOf } from './exchange-support.ts'

const kaifeng = inventoryOf(seedOperations('410200'))

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const csv = (...rows: readonly string[]): Uint8Array => encode(`${rows.join('\r\n')}\r\n`)

type Row = readonly (string | number | boolean | null | object)[]
const workbook = async (name: string, rows: readonly Row[], style?: (sheet: Worksheet) => void) => {
  const book = new Workbook()
  const sheet = book.addWorksheet(name)
  for (const row of rows) sheet.addRow([...row])
  style?.(sheet)
  return new Uint8Array(await book.xlsx.writeBuffer())
}

const problemsOf = async (
  file: string,
  bytes: Uint8Array,
  inventory: Inventory = kaifeng,
): Promise<readonly Problem[]> => {
  const fault = await readImport(file, bytes, inventory).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(fault instanceof UsageFault)) throw new Error('expected a UsageFault', { cause: fault })
  return fault.problems
}

const imported = async (file: string, bytes: Uint8Array, inventory: Inventory = kaifeng) => {
  const plan = await readImport(file, bytes, inventory)
  const after = inventoryOf(plan.operations, inventory)
  return { plan, node: (id: string) => after.node.get(id) as Node, after }
}

test('an engineer’s sheet: a title, two merged header cells, merged counties by name, Chinese words', async () => {
  const bytes = await workbook(
    'Sheet1',
    [
      ['开封市电子政务外网节点台账（2026年）'],
      [
        '序号',
        '编号',
        '名称',
        '所属区划',
        '级别',
        '类型',
        '网络区域',
        'IP地址',
        '上联1 上级节点',
        '上联1 方式',
        '上联1 带宽',
        '备注',
      ],
      [
        1,
        'n-lt-1',
        '龙亭区人社局',
        '龙亭区',
        '县',
        '部门',
        '公用，互联网',
        '１０．１．２．３、10.1.2.4',
        'n-410202',
        '专线',
        100,
        null,
      ],
      [
        2,
        'n-lt-2',
        '龙亭区大厅',
        null,
        '县级',
        '大厅',
        '公用网络区',
        '2001:db8::1',
        null,
        'VPN',
        50,
        '  周末停电　',
      ],
      [null, null, null, null, null, null, null, null, null, null, null, null],
      [
        3,
        'n-sh-1',
        '顺河区财政局',
        '410203',
        'county',
        'department',
        null,
        null,
        'n-410203',
        '专线',
        null,
        null,
      ],
    ],
    (sheet) => {
      sheet.mergeCells('A1:L1')
      sheet.mergeCells('D3:D5')
      sheet.mergeCells('I3:I4')
    },
  )
  const { plan, node } = await imported('台账.xlsx', bytes)
  expect([plan.added, plan.changed, plan.unchanged]).toEqual([3, 0, 0])
  expect(node('n-lt-1')).toEqual({
    id: 'n-lt-1',
    name: '龙亭区人社局',
    region: '410202',
    level: 'county',
    kind: 'department',
    areas: ['public', 'internet'],
    addresses: ['10.1.2.3', '10.1.2.4'],
    uplinks: [{ id: 'n-lt-1-up1', kind: 'line', to: 'n-410202', bandwidthMbps: 100 }],
    contacts: [],
    probes: [],
    state: 'active',
  })
  expect(node('n-lt-2')).toMatchObject({
    region: '410202',
    remark: '周末停电',
    uplinks: [{ to: 'n-410202', kind: 'vpn' }],
  })
  expect(node('n-sh-1')).toMatchObject({ region: '410203', areas: ['public'], addresses: [] })
})

test('a partial file changes its fields of the records that it names, and says so cell by cell', async () => {
  const bytes = csv('编号,地址,备注', 'n-410202001,10.2.1.1,', 'n-410202002,,', 'n-410202003,10.2.3.1,x')
  const { plan, node, after } = await imported('node.csv', bytes)
  expect(plan).toMatchObject({ added: 0, changed: 2, unchanged: 1 })
  expect(plan.differences).toEqual([
    {
      file: 'node.csv',
      row: 2,
      column: '地址',
      collection: 'node',
      id: 'n-410202001',
      old: '',
      new: '10.2.1.1',
    },
    {
      file: 'node.csv',
      row: 4,
      column: '地址',
      collection: 'node',
      id: 'n-410202003',
      old: '',
      new: '10.2.3.1',
    },
    { file: 'node.csv', row: 4, column: '备注', collection: 'node', id: 'n-410202003', old: '', new: 'x' },
  ])
  expect(node('n-410202001')).toEqual({ ...kaifeng.node.get('n-410202001'), addresses: ['10.2.1.1'] })
  expect(after.node.size).toBe(kaifeng.node.size)
})

test('an empty cell clears its field, a column that is not there leaves it', async () => {
  const [first] = kaifeng.node.values()
  const base = inventoryOf(
    [{ op: 'put', collection: 'node', record: { ...first, remark: 'old', addresses: ['10.0.0.1'] } }],
    kaifeng,
  )
  const { node } = await imported('node.csv', csv('编号,备注', `${first?.id ?? ''},`), base)
  expect(node(first?.id ?? '').remark).toBeUndefined()
  expect(node(first?.id ?? '').addresses).toEqual(['10.0.0.1'])
})

test('one field of one uplink changes without the others; an emptied group takes the uplink away', async () => {
  const second = { id: 'b', kind: 'vpn', to: 'n-410200' }
  const base = inventoryOf(
    [
      {
        op: 'put',
        collection: 'node',
        record: {
          ...kaifeng.node.get('n-410202'),
          uplinks: [{ id: 'a', kind: 'line', to: 'n-410200' }, second],
        },
      },
    ],
    kaifeng,
  )
  const named = await imported('node.csv', csv('编号,上联1 运营商', 'n-410202,电信'), base)
  expect(named.node('n-410202').uplinks).toEqual([
    { id: 'a', kind: 'line', to: 'n-410200', operator: '电信' },
    second,
  ])
  const emptied = csv('编号,uplinks.1.id,uplinks.1.kind,uplinks.1.to', 'n-410202,,,')
  expect((await imported('node.csv', emptied, base)).node('n-410202').uplinks).toEqual([second])
})

test('references may point at records of the same file, and at other sheets of it', async () => {
  const book = new Workbook()
  book.addWorksheet('设备').addRows([
    ['编号', '名称', '角色', '所在节点', '地址', 'SNMP 凭据', 'SNMP 端口', '联系人'],
    ['d-1', '核心路由器', '路由器', '新节点', '10.0.0.1', 'kaifeng-ro', null, '张工'],
  ])
  book.addWorksheet('节点').addRows([
    ['编号', '名称', '行政区划', '层级', '类型'],
    ['n-new', '新节点', '开封市', '市', '机房'],
  ])
  book.addWorksheet('联系人').addRows([
    ['编号', '姓名', '电话', '服务热线'],
    ['c-1', '张工', 13_800_000_000, '否'],
  ])
  book.addWorksheet('说明').addRow(['本表由信息中心填写'])
  const { after } = await imported('all.xlsx', new Uint8Array(await book.xlsx.writeBuffer()))
  expect(after.device.get('d-1')).toMatchObject({
    node: 'n-new',
    contacts: ['c-1'],
    snmp: { credential: 'kaifeng-ro', port: 161 },
  })
  expect(after.contact.get('c-1')).toMatchObject({ phone: '13800000000', hotline: false })
})

test('every problem of a file is named at once, with file, sheet, row and column', async () => {
  const bytes = await workbook('节点', [
    [
      '编号',
      '名称',
      '行政区划',
      '层级',
      '类型',
      '地址',
      '上联1 上级节点',
      '上联1 类型',
      '上联1 带宽',
      '备忘',
      null,
    ],
    ['n-1', '甲', '410299', '县', '部门', '10.0.0.256', 'n-999', '专线', 100, null, null],
    ['n-1', '乙', '410202', '镇区', '部门', '10.0.0.1,foo_bar', 'n-410202', '光纤', '快', null, null],
    ['坏 id', '丙', '410202', '县', null, null, null, null, null, null, '多'],
    [null, '丁', '410202', '县', '部门', null, null, null, null, null, null],
    ['n-5', '戊', '410202', '县', '部门', { formula: '1+1', result: 2 }, 'n-410202', null, -5, null, null],
  ])
  const problems = await problemsOf('坏.xlsx', bytes)
  expect(problems.map(({ where, message }) => `${where} ${message}`)).toEqual([
    '坏.xlsx:节点!J1 unknown header "备忘"',
    '坏.xlsx:节点!K4 "多" stands under no header',
    '坏.xlsx:节点!A5 编号 (id) is missing',
    '坏.xlsx:节点!A3 duplicate id "n-1", first at 坏.xlsx:节点!A2',
    expect.stringContaining('坏.xlsx:节点!C2 行政区划 (region): expected the id or name of a region'),
    expect.stringContaining(
      '坏.xlsx:节点!G2 上联1 上级节点 (uplinks.1.to): expected the id or name of a node',
    ),
    '坏.xlsx:节点!F2 地址 (addresses): expected a host name or an IP address, got "10.0.0.256"',
    expect.stringContaining('坏.xlsx:节点!D3 层级 (level): expected 省 (province), 市 (city)'),
    expect.stringContaining('坏.xlsx:节点!H3 上联1 类型 (uplinks.1.kind): expected 专线 (line), VPN (vpn)'),
    '坏.xlsx:节点!I3 上联1 带宽(Mbps) (uplinks.1.bandwidthMbps): expected a number, got "快"',
    '坏.xlsx:节点!F3 地址 (addresses): expected a host name or an IP address, got "foo_bar"',
    '坏.xlsx:节点!A4 编号 (id): expected letters, digits, ".", "_" or "-", got "坏 id"',
    '坏.xlsx:节点!E4 类型 (kind): is required, got nothing',
    expect.stringContaining('坏.xlsx:节点!F6 地址 (addresses): expected a value, got a formula'),
    '坏.xlsx:节点!H6 上联1 类型 (uplinks.1.kind): is required, got nothing',
    expect.stringContaining('坏.xlsx:节点!I6 上联1 带宽(Mbps) (uplinks.1.bandwidthMbps): Too small'),
  ])
  expect(problems[0]?.suggestion).toBe('did you mean 备注 (remark)?')
})

test('what only the store can see is named by its cell too: endpoints, repeated uplinks, a cycle', async () => {
  const book = new Workbook()
  book.addWorksheet('信息系统').addRows([
    ['编号', '名称', '行政区划', '类型', '访问地址'],
    ['s.1.a', '门户', '410200', '网站', 'https://a.gov.cn、ftp://b.gov.cn'],
  ])
  book.addWorksheet('节点').addRows([
    ['编号', '上联1 编号', '上联1 类型', '上联1 上级节点', '上联2 编号', '上联2 类型', '上联2 上级节点'],
    ['n-410203', 'up', '专线', 'n-410200', 'up', '专线', 'n-410200'],
    ['n-410200', null, '专线', 'n-410204', null, null, null],
  ])
  const problems = await problemsOf('a.xlsx', new Uint8Array(await book.xlsx.writeBuffer()))
  expect(problems.map(({ where, message }) => `${where} ${message}`)).toEqual([
    expect.stringContaining('a.xlsx:节点!B3 上联1 编号 (uplinks.1.id): expected a way that ends at the top'),
    'a.xlsx:节点!E2 上联2 编号 (uplinks.2.id): expected an id once a node, got up again',
    expect.stringContaining('a.xlsx:信息系统!E2 访问地址 (endpoints): expected a URL such as'),
  ])
})

test('a required column that the file lacks is named at the record', async () => {
  const problems = await problemsOf('node.csv', csv('编号,名称', 'n-new,新'))
  expect(problems.map(({ where, message }) => `${where} ${message}`)).toEqual([
    'node.csv!A2 行政区划 (region): is required, got nothing',
    'node.csv!A2 层级 (level): is required, got nothing',
    'node.csv!A2 类型 (kind): is required, got nothing',
  ])
})

test.each<[string, Uint8Array, string]>([
  ['node.csv', csv('编号,编号,名称', 'a,b,c'), 'node.csv!B1 编号 (id) has two columns'],
  ['node.csv', csv('名称,地址', '甲,10.0.0.1'), 'node.csv!A1 the column 编号 (id) is missing'],
  ['表.csv', csv('编号,名称', 'a,b'), '表.csv!A1 the headers fit several tables'],
  ['node.csv', csv('foo,bar', 'a,b'), 'node.csv!A1 expected a header row'],
  ['node.csv', csv('编号,行政区划', 'n-410202,东'), 'node.csv!B2 行政区划 (region): expected the id or name'],
  ['node.csv', encode('编号,名称\n"a,b'), 'node.csv expected CSV'],
  ['node.csv', new Uint8Array([0xff, 0xff, 0xff]), 'node.csv expected text in UTF-8, UTF-16 with its mark,'],
  ['utf16.csv', Buffer.from('编号,id', 'utf16le'), 'utf16.csv expected text in UTF-8, UTF-16 with its mark,'],
  ['odd.csv', new Uint8Array([0xff, 0xfe, 0x41]), 'odd.csv expected text in UTF-8, UTF-16 with its mark,'],
  // In GB 18030 the remark is 路.
  [
    'either.csv',
    csv('id,remark', 'n-410202,·'),
    'either.csv expected text that is clearly UTF-8 or GB 18030',
  ],
  ['a.xlsm', encode('x'), 'a.xlsm a workbook with macros is not read'],
  ['a.xls', new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, 0xa1]), 'a.xls expected .xlsx or CSV, got an old'],
  ['a.pdf', encode('%PDF'), 'a.pdf expected an .xlsx or .csv file'],
  ['a.xlsx', encode('编号,名称'), 'a.xlsx expected an .xlsx or .csv file, got content of another kind'],
  ['node.csv', new Uint8Array(), 'node.csv expected a table, got nothing'],
  ['node.csv', encode('\uFEFF\r\n,,\r\n'), 'node.csv expected a table, got nothing'],
  ['a.xlsx', new Uint8Array([0x50, 0x4b, 3, 4, 0]), 'a.xlsx expected a readable .xlsx file'],
])('%s is refused', async (file, bytes, expected) => {
  const [problem] = await problemsOf(file, bytes)
  expect(`${problem?.where ?? ''} ${problem?.message ?? ''}`).toContain(expected)
})

test('an ambiguous name is refused with the ids that bear it', async () => {
  const twins = inventoryOf(
    ['410221', '410222'].map((id) => ({
      op: 'put',
      collection: 'region',
      record: { id, name: '城关镇', level: 'county' },
    })),
  )
  const rows = csv('编号,名称,行政区划,层级,类型', 'n-1,甲,城关镇,乡,接入点')
  const [problem] = await problemsOf('node.csv', rows, twins)
  expect(problem?.message).toContain('"城关镇" is the name of 2 (410221, 410222 …), give the id')
})

test('CSV as Chinese Excel writes it: GB 18030', async () => {
  // '编号,备注' and 'n-410202,停电' in GB 18030.
  const bytes = Buffer.from('b1e0bac52cb1b8d7a20d0a6e2d3431303230322ccda3b5e70d0a', 'hex')
  expect((await imported('node.csv', bytes)).node('n-410202').remark).toBe('停电')
})

test.each<[string, string]>([
  ['semicolons, as Excel has it where a comma is the decimal point', '编号;备注\r\nn-410202;停电, 全天\r\n'],
  ['semicolons, and the line that says so', 'sep=;\r\n编号;备注\r\nn-410202;"停电, 全天"\r\n'],
  ['tabs', '编号\t备注\r\nn-410202\t停电, 全天\r\n'],
  ['commas, below a title that Excel filled up', '汇总;一,\r\n编号,备注\r\nn-410202,"停电, 全天"\r\n'],
  [
    'commas, with a cell that holds more semicolons',
    '编号,备注\r\nn-410202,"停电, 全天"\r\nn-410203,a;b;c;d\r\n',
  ],
])('CSV with %s', async (_what, text) => {
  expect((await imported('node.csv', encode(text))).node('n-410202').remark).toBe('停电, 全天')
})

test('what is too wide or not quoted well says where', async () => {
  const [problem] = await problemsOf('node.csv', encode('编号;备注\nn-410202;"停电" 全天\n'))
  expect(problem?.message).toMatch(/expected CSV: Invalid Closing Quote: .* at line 2/u)
})

test('a header that is merged over two rows is one header', async () => {
  const bytes = await workbook(
    '节点',
    [
      ['编号', '备注'],
      [null, null],
      ['n-410202', '停电'],
    ],
    (sheet) => {
      sheet.mergeCells('A1:A2')
      sheet.mergeCells('B1:B2')
    },
  )
  expect((await imported('a.xlsx', bytes)).plan).toMatchObject({ changed: 1, added: 0 })
})

test('rich text and links are text; a date is refused rather than guessed', async () => {
  const rows = (remark: object): readonly Row[] => [
    ['编号', '备注'],
    ['n-410202', remark],
  ]
  const rich = await workbook(
    '节点',
    rows({ richText: [{ text: '停' }, { text: '电', font: { bold: true } }] }),
  )
  expect((await imported('a.xlsx', rich)).node('n-410202').remark).toBe('停电')
  const [problem] = await problemsOf('a.xlsx', await workbook('节点', rows(new Date(0))))
  expect(problem).toMatchObject({
    where: 'a.xlsx:节点!B2',
    message: expect.stringContaining('expected text, got a date') as unknown,
  })
})

const partsOf = async (bytes: Uint8Array): Promise<ReadonlyMap<string, string>> => {
  const parts = new Map<string, string>()
  for await (const entry of unzip(bytes).entries()) parts.set(entry.path, await entry.text())
  return parts
}

const rezipped = async (bytes: Uint8Array, change: (parts: Map<string, string>) => void) => {
  const parts = new Map(await partsOf(bytes))
  change(parts)
  const archive = zip()
  for (const [path, text] of parts) archive.add(path, text)
  return archive.bytes()
}

const replaceIn = (parts: Map<string, string>, path: string, from: RegExp, to: string): void => {
  parts.set(path, (parts.get(path) ?? '').replace(from, to))
}

test('an exported workbook is well-formed: frozen header, drop-downs, text columns, every part parses', async () => {
  const parts = await partsOf(await exportWorkbook(kaifeng, ['node', 'unit']))
  for (const [path, text] of parts)
    if (/\.(xml|rels)$/u.test(path)) expect(() => parseXml(text)).not.toThrow()
  const sheet = parts.get('xl/worksheets/sheet1.xml') ?? ''
  expect(sheet).toMatch(/<pane [^>]*ySplit="1"[^>]*state="frozen"/u)
  expect(sheet).toContain('<formula1>&quot;省,市,县,乡&quot;</formula1>')
  expect(sheet).toMatch(
    /<dataValidation [^>]*sqref="D2:D\d+"[^>]*type="list"|type="list"[^>]*sqref="D2:D\d+"/u,
  )
  expect(sheet).not.toMatch(/<f[ >]/u)
  expect(parts.get('xl/workbook.xml')).toMatch(/<sheet [^>]*name="节点".*<sheet [^>]*name="单位"/u)
  expect(parts.get('xl/styles.xml')).toMatch(/numFmtId="49"/u)
})

test('a merge or a drop-down over a whole sheet costs nothing', async () => {
  const bytes = await rezipped(
    await workbook('节点', [
      ['编号', '备注'],
      ['n-410202', 'x'],
    ]),
    (parts) => {
      replaceIn(
        parts,
        'xl/worksheets/sheet1.xml',
        /<\/sheetData>/u,
        '</sheetData><mergeCells count="1"><mergeCell ref="B2:XFD1048576"/></mergeCells>' +
          '<dataValidations count="1"><dataValidation type="list" sqref="A1:XFD1048576"><formula1>"a"</formula1></dataValidation></dataValidations>',
      )
    },
  )
  expect((await imported('a.xlsx', bytes)).node('n-410202').remark).toBe('x')
})

test('macros inside a workbook that is called .xlsx are refused', async () => {
  const bytes = await rezipped(await workbook('节点', [['编号', '备注']]), (parts) => {
    parts.set('xl/vbaProject.bin', 'x')
  })
  expect((await problemsOf('a.xlsx', bytes))[0]?.message).toBe('contains macros')
})

const declaredSize = (bytes: Uint8Array, path: string, size: number): Uint8Array => {
  const copy = Buffer.from(bytes)
  const central = copy.lastIndexOf(Buffer.from(path)) - 46
  copy.writeUInt32LE(size, central + 24)
  return copy
}

test('a ZIP bomb is refused, whether it declares its size or lies about it', async () => {
  const spaces = ' '.repeat(8 * 1024 * 1024)
  expect(deflateRawSync(spaces).length).toBeLessThan(10_000)
  const bomb = await rezipped(await workbook('节点', [['编号', '备注']]), (parts) => {
    replaceIn(parts, 'xl/worksheets/sheet1.xml', /<\/worksheet>/u, `${spaces}</worksheet>`)
  })
  const path = 'xl/worksheets/sheet1.xml'
  const [declared] = await problemsOf('a.xlsx', declaredSize(bomb, path, limits.unpackedBytes + 1))
  expect(declared?.message).toMatch(/expected at most \d+ bytes unpacked/u)
  const [lying] = await problemsOf('a.xlsx', declaredSize(bomb, path, 1000))
  expect(lying?.message).toMatch(/expected a readable .xlsx file/u)
})

test('a table that the caller does not take is refused', () => {
  const rows = [
    { number: 1, cells: [{ text: '编号' }, { text: '状态' }] },
    { number: 2, cells: [{ text: 'a-1' }, { text: '在用' }] },
  ]
  const importing = () => planImport([{ file: 'a.xlsx', sheet: '探针', rows }], kaifeng, ['node', 'unit'])
  expect(importing).toThrow('a.xlsx:探针!A1: this table is not imported: agent')
})

test('files beyond the limits are refused, not cut off', async () => {
  const [large] = await problemsOf('a.csv', new Uint8Array(limits.fileBytes + 1))
  expect(large?.message).toMatch(/expected at most \d+ bytes/u)
  const [long] = await problemsOf('node.csv', encode(`编号,备注\n${'a,b\n'.repeat(limits.rows + 1)}`))
  expect(long?.message).toMatch(/expected at most 100000 rows/u)
  const [wide] = await problemsOf('node.csv', encode(`编号${',x'.repeat(limits.columns)}\n`))
  expect(wide?.message).toMatch(/expected at most 512 columns/u)
  const far = await workbook('节点', [['编号', '备注']], (sheet) => {
    sheet.getCell(limits.rows + 5, 1).value = 'n-1'
  })
  expect((await problemsOf('a.xlsx', far))[0]?.message).toMatch(/expected at most 100000 rows/u)
})

test('sheets without a value are skipped', async () => {
  const book = new Workbook()
  book.addWorksheet('随便')
  const unchanged = ['n-410202', kaifeng.node.get('n-410202')?.name ?? '']
  book.addWorksheet('节点').addRows([['编号', '名称'], unchanged])
  const bytes = new Uint8Array(await book.xlsx.writeBuffer())
  expect(await readImport('a.xlsx', bytes, kaifeng)).toMatchObject({ operations: [], unchanged: 1 })
})

test('2,000 rows are read, checked and compared', async () => {
  const rows = Array.from({ length: 2000 }, (_, index) => [
    `n-x-${String(index)}`,
    `节点${String(index)}`,
    '410202',
    '县',
    '部门',
    `10.0.${String(Math.floor(index / 250))}.${String((index % 250) + 1)}`,
    'n-410202',
    '专线',
  ])
  const header = ['编号', '名称', '行政区划', '层级', '类型', '地址', '上联1 上级节点', '上联1 类型']
  const { plan } = await imported('节点.xlsx', await workbook('节点', [header, ...rows]))
  expect(plan.added).toBe(2000)
  expect(plan.operations).toHaveLength(2000)
})

test('formulas are neutralised on export and come back as they were', async () => {
  const evil = inventoryOf([
    { op: 'put', collection: 'contact', record: { id: 'c-1', name: `=cmd|'/c calc'!A1`, phone: '+86 371' } },
  ])
  const text = exportCsv(evil, 'contact', { bom: true })
  expect(text).toContain(`'=cmd|'/c calc'!A1`)
  expect(text.split(/[\r\n,]+/u).filter((cell) => /^"?[=+\-@]/u.test(cell))).toEqual([])
  expect((await imported('contact.csv', encode(text), emptyInventory)).after.contact).toEqual(evil.contact)
})

test.each<Collection>(['region', 'unit', 'node'])(
  'a seeded %s table goes out as CSV and comes back',
  async (name) => {
    const bytes = encode(exportCsv(kaifeng, name, { bom: true }))
    expect(await readImport(`${name}.csv`, bytes, kaifeng)).toMatchObject({
      operations: [],
      unchanged: kaifeng[name].size,
    })
  },
)

test('rows keep the numbers that the spreadsheet shows, blank ones fall out', async () => {
  const [table] = await readTables('node.csv', csv('编号,备注', '', 'n-1,x'))
  expect(table?.rows.map(({ number }) => number)).toEqual([1, 3])
})
