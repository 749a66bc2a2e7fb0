import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Cell, createColumn } from '../../src/collector/column.ts'
import { createSheet } from '../../src/collector/sheet.ts'
import { atOnce } from '../../src/collector/slices.ts'
import { joinLabels, labelString, lineOf, noLabels } from '../../src/metrics/exposition.ts'

const name = 'yiwang_x'
const labels = ['n1', '开封市', 'n3', 'n4', 'n5'].map((target) => labelString({ target }))

const ownLabels = ['eth0', '外网', 'eth2'].map((each) => labelString({ interface: each }))
const anyNumber = fc.oneof(fc.constantFrom(0, 1, -0, NaN, Infinity), fc.double(), fc.nat())
const anyList = fc
  .subarray(ownLabels)
  .chain((chosen) =>
    fc
      .array(anyNumber, { minLength: chosen.length, maxLength: chosen.length })
      .map((values) => chosen.map((own, at) => ({ labels: own, value: values[at] ?? 0 }))),
  )
const anyCell: fc.Arbitrary<Cell> = fc.oneof(anyNumber, anyList, fc.constant(undefined))

const linesOf = (row: number, cell: Cell): string => {
  if (cell === undefined) return ''
  const list = typeof cell === 'number' ? [{ labels: noLabels, value: cell }] : cell
  return list
    .map((each) =>
      lineOf(name, { labels: joinLabels(labels[row] ?? noLabels, each.labels), value: each.value }),
    )
    .join('')
}

test('whatever rows become, their lines are what they would be if written anew', () => {
  const change = fc.dictionary(fc.constantFrom('0', '1', '2', '3', '4'), anyCell)
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), fc.constantFrom(1, 2, 8), (changes, inBand) => {
      const column = createColumn(name, { count: labels.length, labels }, inBand)
      const cells: Cell[] = labels.map(() => undefined)
      for (const each of changes) {
        for (const [row, cell] of Object.entries(each)) cells[Number(row)] = cell
        const rows = Object.keys(each).map(Number).sort()
        atOnce(column.update(rows, (row) => cells[row]))
        const text = column.block().bytes.toString('latin1')
        expect(text).toBe(cells.map((cell, row) => linesOf(row, cell)).join(''))
      }
    }),
    { numRuns: 500 },
  )
})

test('a block that was given out never changes, and stays the same one while its lines do', () => {
  const column = createColumn(name, { count: labels.length, labels }, 1)
  atOnce(column.update([0, 1], () => 1))
  const before = column.block()
  const text = before.bytes.toString()
  atOnce(column.update([0, 1], () => 1))
  expect(column.block()).toBe(before)
  atOnce(column.update([1], () => 2))
  expect(column.block()).not.toBe(before)
  expect(before.bytes.toString()).toBe(text)
})

test('a sheet asks only for rows whose item is another one', () => {
  const items = Array.from({ length: 1200 }, (_, row) => ({ row }))
  const asked: number[] = []
  const cell = ({ row }: { readonly row: number }): number => {
    asked.push(row)
    return row
  }
  const sheet = createSheet(items.length, (row) => labelString({ row: String(row) }), [{ name, cell }])
  const update = () => {
    asked.length = 0
    atOnce(sheet.update((row) => items[row]))
  }
  update()
  const before = sheet.block(name)
  expect(asked).toHaveLength(1200)
  items[1000] = { row: -1 }
  update()
  expect(asked).toEqual([-1])
  const after = sheet.block(name)
  expect(after.parts?.filter((block, at) => block !== before.parts?.[at])).toHaveLength(1)
  expect(after.bytes.toString()).toContain('{row="1000"} -1\n')
})
