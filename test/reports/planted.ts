import type { Chart, Report, Table } from '../../src/reports/model.ts'

/** A report that has one of everything: it is not made from records, but planted to be looked at. */

export const counties = [
  '兰考县',
  '杞县',
  '通许县',
  '尉氏县',
  '祥符区',
  '龙亭区',
  '顺河回族区',
  '鼓楼区',
  '禹王台区',
] as const

export const countyTable: Table = {
  kind: 'table',
  caption: '乡镇接入情况',
  columns: [
    { title: '名次', format: 'integer' },
    { title: '县区', format: 'text', width: 2 },
    { title: '上报', format: 'percent' },
    { title: '核验', format: 'percent' },
    { title: '较上期', format: 'change' },
    { title: '灯', format: 'light' },
  ],
  rows: [
    [1, '兰考县', 100, 93.75, 6.25, '绿'],
    [2, '杞县', 100, 50, -3, '黄'],
    [3, '通许县', 91.7, undefined, undefined, '红'],
    [4, '=1+1|<b>"&', 0, 0, 0, '蓝'],
  ],
  note: '分母：townships 第 2 版，乡镇 124 个，排除 1 个（依据：汴政办[2018]45号）。',
}

export const countyChart: Chart = {
  kind: 'chart',
  caption: '乡镇接入率',
  shape: 'bars',
  unit: '%',
  categories: counties,
  series: [
    { name: '上报', values: [100, 95, 90, 100, 88.5, 70, 100, 66.6, 50] },
    { name: '核验', values: [90, 85, undefined, 100, 80, 0, 90, 60, 50] },
  ],
}

export const burnDownChart: Chart = {
  kind: 'chart',
  caption: '系统迁移燃尽图',
  shape: 'lines',
  unit: '个',
  categories: Array.from({ length: 26 }, (_, at) => `第${at + 1}周`),
  series: [
    { name: '计划剩余', values: Array.from({ length: 26 }, (_, at) => 300 - at * 11) },
    {
      name: '实际剩余',
      values: Array.from({ length: 26 }, (_, at) => (at === 5 || at > 19 ? undefined : 300 - at * 9)),
    },
  ],
}

/** Han characters only, so that each stands on the grid: lines of 28, and no punctuation that may hang. */
export const fullLines = (lines: number): string =>
  '政务外网建设督导核验通报数据台账系统迁移上云县区乡镇接入'.repeat(lines)

export const planted: Report = {
  kind: 'weekly',
  organ: '开封市行政服务中心',
  title: '开封市电子政务外网建设和系统迁移上云\n周通报',
  period: { name: '2018年第26周', from: '2018-06-25', to: '2018-07-01' },
  number: '2018年第26期',
  issuedOn: '2018-07-02',
  corrects: {
    number: '2018年第25期',
    issuedOn: '2018-06-25',
    sha256: 'ab'.repeat(32),
    reason: '鼓楼区乡镇数有误',
  },
  basis: {
    storeRevision: 42,
    auditHead: 'cd'.repeat(32),
    past: { kind: 'unchanged' },
    rosters: [{ name: '开封市乡镇名册', id: 'townships-2', version: 2 }],
    evidenceCutoff: '2018-07-01T23:59:59+08:00',
    command: 'yiwang report weekly --week 2018-W26',
  },
  blocks: [
    { kind: 'heading', level: 1, text: '总体情况' },
    {
      kind: 'paragraph',
      text: '本周交办 47 项，按期办结 45 项。上报与核验的差距分为矛盾、证据过期和无法验证三类。',
    },
    { kind: 'heading', level: 2, text: '县区情况' },
    countyTable,
    countyChart,
    { kind: 'heading', level: 3, text: '点名' },
    { kind: 'paragraph', text: '通许县无数据。' },
    { kind: 'heading', level: 4, text: '说明' },
    { kind: 'heading', level: 1, text: '系统迁移' },
    burnDownChart,
  ],
  sheets: [
    {
      name: '任务台账',
      table: {
        kind: 'table',
        caption: '任务台账',
        columns: [
          { title: '编号', format: 'text' },
          { title: '任务', format: 'text', width: 4 },
          { title: '灯', format: 'light' },
        ],
        rows: [
          ['4.1.1', '建设市级政务云', '绿'],
          ['4.1.2', '=HYPERLINK("x")', '红'],
        ],
      },
    },
  ],
}
