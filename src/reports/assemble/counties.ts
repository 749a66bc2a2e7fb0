import type { Region } from '../../../inventory/model.ts'
import type { Inventory } from '../../../inventory/store.ts'
import type { Block } from '../model.ts'
import type { Verified } from '../../verify/index.ts'
import { availabilityNote, countyOf } from './availability.ts'
import { difference, type Field, heading, paragraph, percentOf, tableOf } from './blocks.ts'
import type { Scene } from './scene.ts'

/** 县区情况: coverage of townships as it is claimed and as it was verified, availability of nodes as it was measured, in the order of rank. */

interface CountyRow {
  readonly name: string
  /** Townships that count: farms and parks of the statistics are none. */
  readonly townships: number
  readonly claimed: number
  readonly verified: number
  readonly nodes: number
  readonly percent: number | undefined
  readonly before: number | undefined
  readonly rank: number | undefined
}

const coverage = new Set(['connected', 'covered'])

/** Townships of which somebody reports that they are connected or covered. */
const townshipsIn = (claims: readonly Verified[]): ReadonlySet<string> =>
  new Set(
    claims
      .filter(({ claim: { subjectKind, kind } }) => subjectKind === 'region' && coverage.has(kind))
      .map(({ claim }) => claim.subject),
  )

const townshipsOf = ({ region }: Inventory): ReadonlyMap<string, readonly Region[]> =>
  Map.groupBy(
    [...region.values()].filter(({ level, statisticalOnly }) => level === 'township' && !statisticalOnly),
    ({ id }) => countyOf(id),
  )

type Unranked = Omit<CountyRow, 'rank'>

/** Equal values share a rank; what was not measured has none and stands last. */
const ranked = (rows: readonly Unranked[]): readonly CountyRow[] =>
  rows
    .toSorted((left, right) => (right.percent ?? -1) - (left.percent ?? -1))
    .map((row, _, all) => ({
      ...row,
      rank:
        row.percent === undefined ? undefined : all.findIndex(({ percent }) => percent === row.percent) + 1,
    }))

const countyRows = ({ input: { inventory }, verdicts, availability, availabilityBefore }: Scene) => {
  const townships = townshipsOf(inventory)
  const claimed = townshipsIn(verdicts.all)
  const verified = townshipsIn(verdicts.all.filter(({ verdict }) => verdict === 'consistent'))
  const counties = [...inventory.region.values()].filter(({ level }) => level === 'county')
  return ranked(
    counties.map(({ id, name }) => {
      const own = townships.get(id) ?? []
      const now = availability.byCounty.get(id)
      return {
        name,
        townships: own.length,
        claimed: own.filter((township) => claimed.has(township.id)).length,
        verified: own.filter((township) => verified.has(township.id)).length,
        nodes: now?.targets ?? 0,
        percent: now?.percent,
        before: availabilityBefore.byCounty.get(id)?.percent,
      }
    }),
  )
}

const fields: readonly Field<CountyRow>[] = [
  { title: '名次', format: 'integer', width: 0.9, read: ({ rank }) => rank },
  { title: '县区', format: 'text', width: 1.9, read: ({ name }) => name },
  { title: '乡镇', format: 'integer', width: 0.9, read: ({ townships }) => townships },
  { title: '上报', format: 'integer', width: 0.9, read: ({ claimed }) => claimed },
  {
    title: '上报率',
    format: 'percent',
    width: 1.3,
    read: ({ claimed, townships }) => percentOf(claimed, townships),
  },
  { title: '相符', format: 'integer', width: 0.9, read: ({ verified }) => verified },
  {
    title: '核验率',
    format: 'percent',
    width: 1.3,
    read: ({ verified, townships }) => percentOf(verified, townships),
  },
  { title: '节点', format: 'integer', width: 0.9, read: ({ nodes }) => nodes },
  { title: '可用率', format: 'percent', width: 1.3, read: ({ percent }) => percent },
  {
    title: '较上期',
    format: 'change',
    width: 1.1,
    read: ({ percent, before }) => difference(percent, before),
  },
]

const note = `按可用率排名，无数据的不排名。上报、相符为报已接入和核验相符的乡镇数，两率的分母为乡镇数，不含农场、园区等统计用区划。${availabilityNote}`

export const countiesSection = (scene: Scene): readonly Block[] => {
  const rows = countyRows(scene)
  if (rows.length === 0 || scene.input.unit !== undefined) return []
  const isMeasured = rows.some(({ percent }) => percent !== undefined)
  return [
    heading(1, '县区情况'),
    ...(isMeasured ? [] : [paragraph('本期没有县区节点的探测数据，不作排名。')]),
    tableOf('县区接入和节点可用率', fields, rows, note),
    ...(isMeasured
      ? [
          {
            kind: 'chart',
            caption: '县区接入上报率、核验率和节点可用率',
            shape: 'bars',
            unit: '%',
            categories: rows.map(({ name }) => name),
            series: [
              {
                name: '接入上报率',
                values: rows.map(({ claimed, townships }) => percentOf(claimed, townships)),
              },
              {
                name: '接入核验率',
                values: rows.map(({ verified, townships }) => percentOf(verified, townships)),
              },
              { name: '节点可用率', values: rows.map(({ percent }) => percent) },
            ],
          } as const,
        ]
      : []),
  ]
}
