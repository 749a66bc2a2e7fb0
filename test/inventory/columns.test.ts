import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCell, writeCell, type Format } from '../../inventory/columns/cell.ts'
import { collectionLabels, columnsByKey, columnsOf, headerKey } from '../../inventory/columns/index.ts'
import { collectionNames } from '../../inventory/model.ts'

const words = { public: ['公用网络区', '公用'], internet: ['互联网接入区'] } as const
const text: Format = { kind: 'text' }
const word: Format = { kind: 'word', words }
const areas: Format = { kind: 'list', of: word }
const codes: Format = { kind: 'list', of: { kind: 'code' } }
const texts: Format = { kind: 'list', of: text }

test.each<[Format, string, unknown]>([
  [text, '  开封市　', '开封市'],
  [text, '', undefined],
  [text, '　', undefined],
  [text, "'", ''],
  [text, "'=1+1", '=1+1'],
  [text, '\'"a\\u0001"', 'a\u0001'],
  [text, '\'"no json', '"no json'],
  [{ kind: 'code' }, '１９２．１６８．１．１', '192.168.1.1'],
  [{ kind: 'number' }, '１００', 100],
  [{ kind: 'number' }, '1.5', 1.5],
  [{ kind: 'boolean' }, '是', true],
  [{ kind: 'boolean' }, 'FALSE', false],
  [word, '公用', 'public'],
  [word, ' Public ', 'public'],
  [areas, '公用，互联网接入区', ['public', 'internet']],
  [areas, '无', []],
  [codes, '10.0.0.1、10.0.0.2；10.0.0.3\n10.0.0.4, 10.0.0.5', [1, 2, 3, 4, 5].map((n) => `10.0.0.${n}`)],
  [texts, 'https://a/x;y=1,2\nhttp://b', ['https://a/x;y=1,2', 'http://b']],
  [texts, 'https://a,https://b；tcp://c:1', ['https://a', 'https://b', 'tcp://c:1']],
  [{ kind: 'json' }, '{"port":1}', { port: 1 }],
])('%j reads %j as %j', (format, cell, value) => {
  expect(parseCell(format, cell)).toEqual({ ok: true, value })
})

test.each<[Format, string, string]>([
  [word, '私网', 'expected 公用网络区 (public), 互联网接入区 (internet), got "私网"'],
  [areas, '公用、私网', 'expected 公用网络区 (public), 互联网接入区 (internet), got "私网"'],
  [{ kind: 'number' }, '100M', 'expected a number, got "100M"'],
  [{ kind: 'boolean' }, '也许', 'expected 是 or 否, got "也许"'],
])('%j refuses %j', (format, cell, message) => {
  expect(parseCell(format, cell)).toEqual({ ok: false, message })
})

test.each<[Format, unknown, unknown, string]>([
  [text, '=HYPERLINK("x")', undefined, `'=HYPERLINK("x")`],
  [text, '+86 371', undefined, "'+86 371"],
  [text, '-1', undefined, "'-1"],
  [text, '@cmd', undefined, "'@cmd"],
  [text, '', undefined, "'"],
  [text, undefined, undefined, ''],
  [text, ' x', undefined, "' x"],
  [areas, ['public', 'internet'], ['public'], '公用网络区、互联网接入区'],
  [areas, [], ['public'], '无'],
  [codes, [], [], ''],
  [texts, ['a b'], [], `'["a b"]`],
  [{ kind: 'json' }, {}, {}, ''],
])('%j writes %j (empty: %j) as %j', (format, value, fallback, cell) => {
  expect(writeCell(format, value, fallback)).toBe(cell)
})

const anyText = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), fc.string())

test('every text is read back as it was, and never looks like a formula', () => {
  fc.assert(
    fc.property(anyText, (value) => {
      const cell = writeCell(text, value)
      expect(parseCell(text, cell)).toEqual({ ok: true, value })
      expect(cell).not.toMatch(/^[=+\-@\t\r]/u)
    }),
  )
})

test('every list of texts is read back as it was', () => {
  fc.assert(
    fc.property(fc.array(anyText, { maxLength: 4 }), (value) => {
      const parsed = parseCell(texts, writeCell(texts, value, []))
      expect(parsed.ok && (parsed.value ?? [])).toEqual(value)
    }),
  )
})

test('no text makes the reader throw', () => {
  const formats: Format[] = [text, word, areas, codes, texts, { kind: 'json' }, { kind: 'number' }]
  fc.assert(
    fc.property(fc.constantFrom(...formats), anyText, (format, cell) => {
      expect(parseCell(format, cell)).toHaveProperty('ok')
    }),
  )
})

test.each(collectionNames)(
  '%s: every column has a Chinese header, and no two share a spelling',
  (collection) => {
    const columns = columnsOf(collection)
    const keys = columns.flatMap((column) => column.keys)
    expect(new Set(keys).size).toBe(keys.length)
    expect(columns.filter(({ label }) => !/\p{Script=Han}/u.test(label))).toEqual([])
  },
)

test('no two sheets share a name', () => {
  const names = collectionNames.flatMap((collection) => [...collectionLabels[collection]])
  expect(new Set(names.map(headerKey)).size).toBe(names.length)
})

test.each([
  ['node', '上联 2 上级节点', 'uplinks.2.to'],
  ['node', '上联3上级节点', 'uplinks.3.to'],
  ['node', 'Uplinks.1.BandwidthMbps', 'uplinks.1.bandwidthMbps'],
  ['node', '上联1带宽（Mbps）', 'uplinks.1.bandwidthMbps'],
  ['node', 'ＩＰ地址', 'addresses'],
  ['node', '*名称', 'name'],
  ['device', 'SNMP 端口', 'snmp.port'],
] as const)('%s: header %j is column %s', (collection, header, expected) => {
  expect(columnsByKey(collection).get(headerKey(header))?.header).toBe(expected)
})
