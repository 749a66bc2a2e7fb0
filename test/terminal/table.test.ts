import fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { type Column, table } from '../../src/terminal/table.ts'

interface Row {
  readonly id: string
  readonly name: string
  readonly detail: string
}

const columns: readonly Column<Row>[] = [
  { header: 'ID', read: ({ id }) => id },
  { header: 'NAME', read: ({ name }) => name, least: 6 },
  { header: 'DETAIL', read: ({ detail }) => detail, least: 8, optional: true },
]

const rows: readonly Row[] = [
  { id: 'n-1', name: '龙亭区政务外网', detail: 'connect ECONNREFUSED' },
  { id: 'n-22', name: 'a', detail: '' },
]

const linesOf = (width: number, shown = columns): readonly string[] => table(shown, rows, width).split('\n')

test('CJK characters take two cells', () => {
  expect(linesOf(Infinity)).toEqual([
    'ID    NAME            DETAIL',
    'n-1   龙亭区政务外网  connect ECONNREFUSED',
    'n-22  a',
  ])
})

test.each([
  { width: 42, lines: ['n-1   龙亭区政务外网  connect ECONNREFUSED'] },
  { width: 35, lines: ['n-1   龙亭区政务外网  connect ECON…'] },
  { width: 30, lines: ['n-1   龙亭区政务外网  connect…'] },
  { width: 24, lines: ['n-1   龙亭区…   connect…'] },
  { width: 21, lines: ['ID    NAME  …', 'n-1   龙亭区政务…'] },
  { width: 15, lines: ['ID    NAME  …', 'n-1   龙亭…'] },
])('at $width cells, the last columns give way', ({ width, lines }) => {
  expect(linesOf(width)).toEqual(expect.arrayContaining(lines))
})

test('a column without `least` is never cut, whatever the width', () => {
  expect(table(columns.slice(0, 1), rows, 2)).toBe('ID\nn-1\nn-22')
})

const wrapping: readonly Column<Row>[] = [
  { header: 'ID', read: ({ id }) => id },
  { header: 'NAME', read: ({ name }) => name, least: 6, wraps: true },
]

test.each([
  { width: 20, lines: ['n-1   龙亭区政务外网', 'n-22  a'] },
  { width: 17, lines: ['n-1   龙亭区政务', '      外网', 'n-22  a'] },
  { width: 13, lines: ['n-1   龙亭区', '      政务外', '      网', 'n-22  a'] },
  { width: 2, lines: ['n-1   龙亭区', '      政务外', '      网', 'n-22  a'] },
])('at $width cells, a text that wraps goes on below itself', ({ width, lines }) => {
  expect(table(wrapping, rows, width).split('\n').slice(1)).toEqual(lines)
})

test('numbers stand on the right', () => {
  const shares: readonly Column<number>[] = [{ header: 'UP', align: 'right', read: String }]
  expect(table(shares, [7, 1234], Infinity)).toBe('  UP\n   7\n1234')
})

test('control characters of data do not reach the terminal', () => {
  const texts: readonly Column<string>[] = [{ header: 'T', read: (text) => text }]
  expect(table(texts, ['\u001b[2Ja\nb'], Infinity)).toBe('T\n [2Ja b')
})

test('no rows: the header alone', () => {
  expect(table(columns, [], 80)).toBe('ID  NAME  DETAIL')
})

test('whatever the texts, a table fits where its columns allow it, and its lines keep their order', () => {
  const anyText = fc.string({ unit: 'grapheme', maxLength: 30 })
  const row = fc.record({ id: fc.string({ maxLength: 4 }), name: anyText, detail: anyText })
  // Of ids and names, and of what says that there are details.
  const least = 4 + 2 + 6 + 3
  fc.assert(
    fc.property(fc.array(row, { maxLength: 5 }), fc.integer({ min: least, max: 90 }), (some, width) => {
      const lines = table(columns, some, width).split('\n')
      expect(lines).toHaveLength(some.length + 1)
      for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width)
      expect(lines[0]?.endsWith('DETAIL') === lines[0]?.endsWith('…')).toBe(false)
    }),
    { numRuns: 300 },
  )
})
