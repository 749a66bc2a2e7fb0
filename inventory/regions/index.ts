import { readFileSync } from 'node:fs'
import { brotliDecompressSync } from 'node:zlib'
import type { Region } from '../model.ts'
import provenance from './provenance.json' with { type: 'json' }
import { isStatisticalCounty, isStatisticalTownship, isSummingRow } from './statistical.ts'

/**
 * The official statistics codes, read from the files that `scripts/generate-regions.ts` wrote.
 *
 * `regions.txt.br`: one line a row in the order of the codes, `code TAB name [TAB villages]`; a township
 * carries its last three digits only and belongs to the county above it, or to the city where a city has
 * no counties. `villages.txt.br`: one Brotli stream a province, whose lengths the provenance holds,
 * `township code TAB name TAB name …`.
 */

const dataFile = (name: string): Buffer => readFileSync(new URL(name, import.meta.url))

interface Row {
  readonly code: string
  readonly name: string
  readonly villages?: number
}

const codeLength = 6

const parseRows = (text: string): readonly Row[] => {
  let county = ''
  return text.split('\n').map((line) => {
    const [short = '', name = '', villages] = line.split('\t')
    if (villages === undefined) {
      county = short.padEnd(codeLength, '0')
      return { code: county, name }
    }
    return { code: county + short, name, villages: Number(villages) }
  })
}

let allText: string | undefined
/** The lines of one province, its own first; empty for an unknown one. */
const provinceText = (province: string): string => {
  allText ??= `\n${brotliDecompressSync(dataFile('regions.txt.br')).toString()}`
  const start = allText.indexOf(`\n${province}\t`)
  if (start < 0) return ''
  const length = allText.slice(start + 1).search(/\n\d\d\t/u)
  return length < 0 ? allText.slice(start + 1) : allText.slice(start + 1, start + 1 + length)
}

const rowsByProvince = new Map<string, ReadonlyMap<string, Row>>()
/** Rows of the province that a code lies in, so that one city does not cost the whole country. */
const rowsAround = (code: string): ReadonlyMap<string, Row> => {
  const province = code.slice(0, 2)
  const known = rowsByProvince.get(province)
  if (known !== undefined) return known
  const text = provinceText(province)
  const rows = new Map((text === '' ? [] : parseRows(text)).map((row) => [row.code, row]))
  rowsByProvince.set(province, rows)
  return rows
}

/** Digits of the code that its descendants share. */
const prefixOf = (code: string): string =>
  code.length === codeLength ? code.replace(/(0000|00)$/u, '') : code

const levelOf = (code: string): Region['level'] => {
  if (code.length > codeLength) return 'township'
  return ({ 2: 'province', 4: 'city' } as const)[prefixOf(code).length] ?? 'county'
}

const parentOf = (code: string): string | undefined => {
  if (code.length > codeLength) return code.slice(0, codeLength)
  const parent = prefixOf(code).slice(0, -2)
  return parent === '' ? undefined : parent.padEnd(codeLength, '0')
}

const isStatisticalRow = ({ code, name }: Row, parent: string | undefined): boolean => {
  if (code.length > codeLength) return isStatisticalTownship(code, name)
  if (levelOf(code) !== 'county') return isSummingRow(name)
  return isStatisticalCounty(code, name, rowsAround(code).get(parent ?? '')?.name ?? '')
}

const toRegion = (row: Row): Region => {
  const parent = parentOf(row.code)
  return Object.freeze({
    id: row.code,
    name: row.name,
    level: levelOf(row.code),
    ...(parent !== undefined && { parent }),
    statisticalOnly: isStatisticalRow(row, parent),
    ...(row.villages !== undefined && { villages: row.villages }),
  })
}

const ancestorsOf = (code: string): readonly string[] => {
  const parent = parentOf(code)
  return parent === undefined ? [] : [...ancestorsOf(parent), parent]
}

/** `41`, `4102`, `410200` or `410202001` → the code that the inventory uses; undefined for an unknown region. */
export const normaliseRegionCode = (input: string): string | undefined => {
  const digits = input.trim()
  if (!/^(\d{2}|\d{4}|\d{6}|\d{9})$/u.test(digits)) return undefined
  const code = digits.padEnd(codeLength, '0')
  return rowsAround(code).has(code) ? code : undefined
}

/**
 * A region with its ancestors above it and all its descendants, as inventory records in the order of the
 * codes. Takes every form that `normaliseRegionCode` takes; empty for an unknown region.
 */
export const regionsUnder = (input: string): readonly Region[] => {
  const code = normaliseRegionCode(input)
  if (code === undefined) return []
  const ancestors = new Set(ancestorsOf(code))
  const prefix = prefixOf(code)
  return [...rowsAround(code).values()]
    .filter((row) => row.code.startsWith(prefix) || ancestors.has(row.code))
    .map(toRegion)
}

const villageOffset = (province: string): { readonly start: number; readonly length: number } | undefined => {
  let start = 0
  for (const [code, length] of Object.entries(provenance.villageStreams)) {
    if (code === province) return { start, length }
    start += length
  }
  return undefined
}

let lastProvince: { readonly province: string; readonly text: string } | undefined
const villageText = (province: string): string => {
  if (lastProvince?.province === province) return lastProvince.text
  const part = villageOffset(province)
  if (part === undefined) return ''
  const stream = dataFile('villages.txt.br').subarray(part.start, part.start + part.length)
  lastProvince = { province, text: `\n${brotliDecompressSync(stream).toString()}\n` }
  return lastProvince.text
}

/** Names of a township's villages and neighbourhoods, in the order of their codes; empty for an unknown township. */
export const villagesOf = (townshipCode: string): readonly string[] => {
  const text = villageText(townshipCode.slice(0, 2))
  const start = text.indexOf(`\n${townshipCode}\t`)
  if (start < 0 || townshipCode.length <= codeLength) return []
  return text
    .slice(start + 1, text.indexOf('\n', start + 1))
    .split('\t')
    .slice(1)
}

export type RegionsProvenance = typeof provenance

/** Where the region data comes from: package, integrity, date of the statistics, counts, hashes, what is absent. */
export const regionsProvenance = (): RegionsProvenance => provenance
