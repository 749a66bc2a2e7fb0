import {
  about,
  type Asset,
  assetLabels,
  categoryLabels,
  confidenceLabels,
  type Finding,
  type Item,
  methodLabels,
  type Result,
  resultLabels,
  scenarioById,
} from '../../inventory/mlps/index.ts'
import { resultKeyOf } from '../compliance/walk.ts'
import { wrap } from '../terminal/wrap.ts'

/** What the walk shows of a step. */
export interface WalkView {
  readonly item: Item
  readonly asset: Asset
  readonly officialWording: string | undefined
  /** What probes and host checks saw, a line each. */
  readonly evidence: readonly string[]
  readonly progress: { readonly at: number; readonly of: number; readonly untested: number }
  /** What went wrong last. */
  readonly notice: string | undefined
}

export interface Screen {
  readonly columns: number
  readonly rows: number
}

const riskLines = ({ risks }: Item): readonly string[] =>
  risks.flatMap(({ scenario: id }) => {
    const scenario = scenarioById(id)
    return scenario === undefined ? [] : `${id} ${scenario.text}〔${confidenceLabels[scenario.confidence]}〕`
  })

const findingLines = (finding: Finding | undefined): readonly string[] => {
  if (finding === undefined) return ['结果：未测评']
  const { result, method, assessor, on, carriedFrom, evidence, remark } = finding
  const facts = [
    resultLabels[result],
    method && methodLabels[method],
    assessor,
    on,
    carriedFrom && `沿用自 ${carriedFrom}`,
  ]
  return [
    `结果：${facts.filter(Boolean).join('  ')}`,
    ...(evidence === undefined ? [] : [`结果记录：${evidence}`]),
    ...(remark === undefined ? [] : [`备注：${remark}`]),
  ]
}

const headLines = ({ item, asset, progress: { at, of, untested } }: WalkView): readonly string[] => [
  `${asset.assessment}  ${at + 1}/${of}  未测评 ${untested}`,
  `${item.id}  ${item.clause} ${item.letter}  ${categoryLabels[item.category]} · ${item.controlPoint} · ${item.topic}`,
  `资产：${asset.name}（${assetLabels[asset.kind]}，${asset.id}）`,
]

const titled = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)]

const bodyLines = ({ item, officialWording, evidence }: WalkView): readonly string[] => [
  ...titled(`要求（${about().notice}）`, [item.requirement]),
  ...titled('官方原文（使用者自行载入）', officialWording === undefined ? [] : [officialWording]),
  `预期证据：${item.evidence.join('、')}`,
  `适用方法：${item.methods.map((method) => methodLabels[method]).join('、')}`,
  ...titled('风险情形', riskLines(item)),
  ...titled('自动取证', evidence),
]

const results = [
  'conforms',
  'partial',
  'fails',
  'not-applicable',
  'untested',
] as const satisfies readonly Result[]

const keyLines = (): readonly string[] => [
  results.map((result) => `${resultKeyOf(result)} ${resultLabels[result]}`).join('  '),
  'e 结果记录  r 备注  m 方法  空格 跳过  n 下一未测评  b 返回  q 退出',
]

const wrapped = (lines: readonly string[], columns: number): readonly string[] =>
  lines.flatMap((line) => {
    const [indent = ''] = /^ */u.exec(line) ?? []
    return wrap(line.slice(indent.length), columns, indent)
  })

const fitted = (lines: readonly string[], rows: number): readonly string[] =>
  lines.length <= rows
    ? lines
    : [
        ...lines.slice(0, Math.max(0, rows - 1)),
        `… 窗口太小，还有 ${lines.length - Math.max(0, rows - 1)} 行`,
      ]

/** The lines of a screen; where it is too small, the middle gives way: result and keys stay. */
export const walkScreen = (view: WalkView, { columns, rows }: Screen): readonly string[] => {
  const head = [...wrapped(headLines(view), columns), '']
  const foot = [
    '',
    ...wrapped(findingLines(view.asset.results[view.item.id]), columns),
    ...wrapped(view.notice === undefined ? [] : [`! ${view.notice}`], columns),
    '',
    ...wrapped(keyLines(), columns),
  ]
  return [
    ...head,
    ...fitted(wrapped(bodyLines(view), columns), rows - head.length - foot.length - 1),
    ...foot,
  ]
}
