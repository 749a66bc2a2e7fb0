import type { Confidence } from '../../inventory/mlps/index.ts'
import type { ItemResult } from './combine.ts'
import type { Tally } from './rate.ts'
import type { HazardCount } from './verdict.ts'

/** Where the public rule leaves something open, or what we add to it; and whether it bears on this conclusion. */
export interface Edge {
  readonly id:
    | 'exact-rate'
    | 'partial-counts-zero'
    | 'merging-assets'
    | 'hazard-above-90'
    | 'missing-hazard'
    | 'unjudged-hazards'
    | 'untested'
    | 'carried-over'
  readonly text: string
  /** How well the part of the rule is sourced; absent where it is a state of this assessment. */
  readonly confidence?: Confidence
  readonly bears: boolean
}

/** What a conclusion rests on. */
export interface Ground {
  readonly results: readonly ItemResult[]
  readonly tally: Tally
  readonly hazards: HazardCount
}

const isMixed = ({ assets }: ItemResult): boolean =>
  new Set(assets.map(({ result }) => result).filter((result) => result !== 'not-applicable')).size > 1

const isAt = ({ counts, counted }: Tally, tenths: number): boolean =>
  counted > 0 && 10 * counts.conforms === tenths * counted

const isAboveNinety = ({ counts, counted }: Tally): boolean => 10 * counts.conforms > 9 * counted

const ruleEdges = ({ results, tally, hazards }: Ground): readonly Edge[] => [
  {
    id: 'exact-rate',
    text: '符合率恰为 90% 或 60% 时，公开规则只说“高于”“低于”，归属未定，两种结论均列出。',
    confidence: 'unsourced',
    bears: isAt(tally, 6) || (isAt(tally, 9) && hazards.confirmed === 0),
  },
  {
    id: 'partial-counts-zero',
    text: '部分符合不计入符合项，见于两个第三方工具，未见官方文本。',
    confidence: 'two-sources',
    bears: tally.counts.partial > 0,
  },
  {
    id: 'merging-assets',
    text: '多个测评对象如何合并为一项结果未见公开来源；此处取适用对象中最差的结果。',
    confidence: 'unsourced',
    bears: results.some(isMixed),
  },
  {
    id: 'hazard-above-90',
    text: '符合率高于 90% 且有重大风险隐患时为基本符合，见于一篇文章和一个工具，官方问答未明写。',
    confidence: 'two-sources',
    bears: isAboveNinety(tally) && hazards.confirmed > 0,
  },
  {
    id: 'missing-hazard',
    text: '重大风险隐患触发项官方应有 33 项，此处 32 项，缺综合类 1 项，无法据此判断。',
    confidence: 'unsourced',
    bears: isAboveNinety(tally) && hazards.confirmed === 0,
  },
]

/** All of them, each saying whether it bears on the conclusion: the reader sees what was considered. */
export const edgesOf = (ground: Ground): readonly Edge[] => {
  const { results, tally, hazards } = ground
  const carried = results.filter(({ assets }) => assets.some((each) => each.carried)).length
  return [
    ...ruleEdges(ground),
    {
      id: 'unjudged-hazards',
      text: `${hazards.unjudged} 个可能的重大风险隐患尚未由人按相关性、严重性、高发性判定。`,
      bears: hazards.unjudged > 0,
    },
    {
      id: 'untested',
      text: `${tally.counts.untested} 项未测评；符合率按其均不符合计算。`,
      bears: tally.counts.untested > 0,
    },
    {
      id: 'carried-over',
      text: `${carried} 项的结果沿用自以往测评，本次未重新测评。`,
      bears: carried > 0,
    },
  ]
}
