import { categoryLabels, remediationLabels, resultLabels } from '../../inventory/mlps/index.ts'
import { checkLabels } from '../../src/compliance/evidence/claim.ts'
import { sourceLabels, standingLabels } from '../../src/compliance/evidence/evidence.ts'
import { assessments } from '../../src/metrics/catalogue.ts'
import type { BoardPlan, Row } from '../kit/board.ts'
import { anyIsBad, labelWords, rising, series, stat, table } from '../kit/panels.ts'
import { boardIds, orZero } from './common.ts'

const { items, claims, remediations, remediationAges, overdue, evidence, evidenceNewest } = assessments
const chosen = 'assessment="$assessment"'
const small = { width: 6, height: 4 } as const
const day = 86_400

/** As the CLI says it. */
const texts = labelWords({
  ...categoryLabels,
  ...resultLabels,
  ...checkLabels,
  ...standingLabels,
  ...sourceLabels,
  ...remediationLabels,
  none: '未定',
  ahead: '未到期',
  overdue: '已逾期',
  '30d': '30 天内',
  '90d': '90 天内',
  '180d': '180 天内',
  older: '180 天以上',
  unknown: '发现日期不详',
})

const now: Row = {
  title: '现在',
  panels: [
    stat({
      ...small,
      title: '符合项占已测项',
      description: '记录为“符合”的项占已测评且适用的项之比；不是测评结论，结论见 yiwang mlps conclude。',
      unit: 'percentunit',
      queries: [
        {
          expr: `(${orZero(`sum(${items.name}{${chosen},result="conforms"})`)}) / (sum(${items.name}{${chosen},result=~"conforms|partial|fails"}) > 0) or vector(0)`,
        },
      ],
    }),
    stat({
      ...small,
      title: '记录与证据矛盾',
      description: '记录的结果与证据所见相反的项。',
      unit: 'short',
      queries: [{ expr: orZero(`sum(${claims.name}{${chosen},check="contradicted"})`) }],
      steps: anyIsBad,
    }),
    stat({
      ...small,
      title: '未复核的整改',
      description: '尚未复核的整改项，不论是否到期。',
      unit: 'short',
      queries: [{ expr: orZero(`sum(${remediations.name}{${chosen}})`) }],
    }),
    stat({
      ...small,
      title: '逾期最久的整改',
      description: '逾期最久的未复核整改已逾期多久；0 为没有逾期。',
      unit: 's',
      queries: [{ expr: `max(${overdue.name}{${chosen}})` }],
      steps: rising(1, 30 * day),
    }),
  ],
}

const details: Row = {
  title: '记录与证据',
  panels: [
    table({
      width: 12,
      height: 10,
      title: '各类的结果',
      description: '按安全类与记录的结果计数，不计豁免。',
      unit: 'short',
      queries: [{ expr: `sum by (category, result) (${items.name}{${chosen}})` }],
      columns: { category: '安全类', result: '结果' },
      values: ['项'],
      mappings: texts,
    }),
    table({
      width: 12,
      height: 10,
      title: '记录经证据核对',
      description: '记录的结果与证据是否一致。',
      unit: 'short',
      queries: [{ expr: `sum by (check) (${claims.name}{${chosen}})` }],
      columns: { check: '核对' },
      values: ['项'],
      mappings: texts,
    }),
    table({
      width: 12,
      height: 8,
      title: '证据',
      description: '按来源与是否仍然有效计数。',
      unit: 'short',
      queries: [{ expr: `sum by (source, standing) (${evidence.name}{${chosen}})` }],
      columns: { source: '来源', standing: '效力' },
      values: ['条'],
      mappings: texts,
    }),
    series({
      width: 12,
      height: 8,
      title: '最新证据的时间',
      description: '最新一条证据距现在多久，按来源。',
      unit: 's',
      queries: [{ expr: `time() - ${evidenceNewest.name}{${chosen}}`, legend: '{{source}}' }],
    }),
    table({
      width: 12,
      height: 8,
      title: '整改',
      description: '未复核的整改，按状态与期限。',
      unit: 'short',
      queries: [{ expr: `sum by (state, due) (${remediations.name}{${chosen}})` }],
      columns: { state: '状态', due: '期限' },
      values: ['项'],
      mappings: texts,
    }),
    table({
      width: 12,
      height: 8,
      title: '整改的时长',
      description: '未复核的整改，按发现至今的时长。',
      unit: 'short',
      queries: [{ expr: `sum by (age) (${remediationAges.name}{${chosen}})` }],
      columns: { age: '发现至今' },
      values: ['项'],
      mappings: texts,
    }),
  ],
}

export const mlps: BoardPlan = {
  uid: boardIds.mlps,
  title: '一网 · 等保',
  description: '等级测评的记录、证据与整改。',
  variables: [
    {
      name: 'assessment',
      label: '测评',
      query: `group by (assessment) (${overdue.name})`,
      regex: '/assessment="(?<value>[^"]+)"/g',
    },
  ],
  rows: [now, details],
}
