import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  exportCsv,
  exportWorkbook,
  planImport,
  readImport,
  readTables,
} from '../../inventory/exchange/index.ts'
import { readCsv } from '../../inventory/exchange/read-csv.ts'
import { collectionNames } from '../../inventory/model.ts'
import type { Inventory } from '../../inventory/store.ts'
import { encodeGb18030 } from '../support/gb18030.ts'
import { anyInventory, emptyInventory, inventoryOf } from './exchange-support.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const withoutRevision = (inventory: Inventory) => ({ ...inventory, revision: 0 })

test('a workbook of everything, read into an empty inventory, is the same inventory', async () => {
  await fc.assert(
    fc.asyncProperty(anyInventory, async (inventory) => {
      const bytes = await exportWorkbook(inventory, collectionNames)
      const plan = await readImport('all.xlsx', bytes, emptyInventory)
      expect(withoutRevision(inventoryOf(plan.operations))).toEqual(withoutRevision(inventory))
    }),
    { numRuns: 30 },
  )
})

test('a CSV of each collection, read where it is missing, is the same collection', () => {
  fc.assert(
    fc.property(
      anyInventory,
      fc.boolean(),
      fc.constantFrom('chinese', 'english'),
      (inventory, bom, headers) => {
        const tables = collectionNames.map((name) => ({
          name,
          text: exportCsv(inventory, name, { bom, headers }),
        }))
        expect(tables.every(({ text }) => text.startsWith('\ufeff') === bom)).toBe(true)
        for (const { name, text } of tables) {
          const base: Inventory = { ...inventory, [name]: new Map() }
          const plan = planImport(readCsv(`${name}.csv`, encode(text)), base)
          expect(inventoryOf(plan.operations, base)[name]).toEqual(inventory[name])
        }
      },
    ),
    { numRuns: 30 },
  )
})

/** As programs save a table, of which the last is what Excel calls "Unicode text". */
const encodings = {
  'utf-8': encode,
  'utf-8 with its mark': (text: string) => encode(`\ufeff${text}`),
  'gb 18030': encodeGb18030,
  'utf-16be': (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
  'utf-16le': (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le'),
} as const

test('whatever separates and encodes it, a CSV is read as the same table', () => {
  fc.assert(
    fc.property(
      anyInventory,
      fc.constantFrom(...collectionNames),
      fc.constantFrom(',', ';', '\t'),
      fc.constantFrom(...Object.values(encodings)),
      (inventory, name, delimiter, encoded) => {
        const text = exportCsv(inventory, name)
        const records = parse(text, { relax_column_count: true })
        const bytes = encoded(stringify(records, { delimiter, quoted_match: /[\r\n]/u }))
        expect(readCsv('a.csv', bytes)).toEqual(readCsv('a.csv', encode(text)))
      },
    ),
    { numRuns: 100 },
  )
})

test('what was just exported changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(anyInventory, async (inventory) => {
      const plan = await readImport('all.xlsx', await exportWorkbook(inventory, collectionNames), inventory)
      expect(plan).toEqual({
        operations: [],
        differences: [],
        added: 0,
        changed: 0,
        unchanged: 3 * collectionNames.length,
      })
    }),
    { numRuns: 20 },
  )
})

test('no bytes make the reader throw anything but a usage fault', async () => {
  const workbook = await exportWorkbook(emptyInventory, ['node'])
  const cut = fc.tuple(fc.nat(workbook.length - 1), fc.nat(255)).map(([at, byte]) => {
    const bytes = workbook.slice()
    bytes[at] = byte
    return bytes
  })
  const noise = fc.oneof(
    cut,
    fc.nat(workbook.length).map((length) => workbook.slice(0, length)),
    fc.uint8Array({ maxLength: 200 }),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array([0x50, 0x4b, 3, 4, ...bytes])),
  )
  await fc.assert(
    fc.asyncProperty(noise, fc.constantFrom('a.xlsx', 'a.csv'), async (bytes, name) => {
      const fault = await readTables(name, bytes).then(
        () => undefined,
        (error: unknown) => error,
      )
      expect(fault === undefined || (fault as Error).name === 'UsageFault').toBe(true)
    }),
    { numRuns: 300 },
  )
})
