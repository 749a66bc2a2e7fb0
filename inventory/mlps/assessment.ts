import { z } from 'zod'
import { attachment, id, keysOf, name, remark } from '../fields.ts'
import { assetLabels, methodLabels } from './model.ts'

/** Records of an assessment (等级测评). Labels are what officials read. */

export const resultLabels = {
  conforms: '符合',
  partial: '部分符合',
  fails: '不符合',
  'not-applicable': '不适用',
  untested: '未测评',
} as const
export type Result = keyof typeof resultLabels

export const objectLabels = {
  extranet: '电子政务外网',
  system: '信息系统',
  'cloud-platform': '云平台',
} as const

export const remediationLabels = {
  identified: '已发现',
  confirmed: '已确认',
  assigned: '已指派',
  in_progress: '整改中',
  resolved: '已整改',
  verified: '已复核',
  closed: '已关闭',
} as const
export type RemediationState = keyof typeof remediationLabels

export const judgementLabels = { confirmed: '构成', dismissed: '不构成' } as const

const date = z.iso.date()
const itemId = z
  .string()
  .regex(/^L[23]-[A-Z]{3}\d-\d{2}$/u, 'expected the id of an item of the catalogue: L3-CES1-01')
const scenarioId = z.string().regex(/^A-\d{2}$/u, 'expected the id of a major hazard: A-18')
const person = z.string().min(1).max(60)

/** What a person made of a major hazard: it takes relevance, severity and likelihood, which no rule can see. */
export const hazard = z.strictObject({
  scenario: scenarioId,
  judgement: keysOf(judgementLabels),
  /** Mended since; counts all the same, since the conclusion counts what was found. */
  rectified: z.boolean().default(false),
  by: person,
  on: date,
  note: z.string().max(500).optional(),
})

export const assessment = z.strictObject({
  id,
  name,
  object: keysOf(objectLabels),
  /** The system that is assessed, where it is one. */
  system: id.optional(),
  level: z.int().min(2).max(3),
  /** The extension for cloud computing applies as well. */
  cloud: z.boolean().default(false),
  /** 备案号 */
  filing: z.string().max(60).optional(),
  /** 测评机构 */
  institution: z.string().max(200).optional(),
  startedOn: date.optional(),
  finishedOn: date.optional(),
  /** Assessment whose results were carried over. */
  previous: id.optional(),
  hazards: z.array(hazard).max(32).default([]),
  remark: remark.optional(),
})

export const finding = z.strictObject({
  result: keysOf(resultLabels),
  method: keysOf(methodLabels).optional(),
  evidence: z.string().max(1000).optional(),
  remark: z.string().max(500).optional(),
  assessor: person.optional(),
  on: date.optional(),
  /** The assessment that it is from, where nobody has looked again since. */
  carriedFrom: id.optional(),
  attachments: z.array(attachment).max(50).optional(),
})

/** What is assessed on, with the results on it: one record, so that a result costs no record of its own. */
export const asset = z.strictObject({
  id,
  assessment: id,
  name,
  kind: keysOf(assetLabels),
  /** Node, system or device of the inventory. */
  target: id.optional(),
  results: z.record(itemId, finding).default({}),
  remark: remark.optional(),
})

/** Somebody answers for leaving an item as it is, until a day. */
export const waiver = z.strictObject({
  id,
  assessment: id,
  item: itemId,
  /** Absent: on every asset. */
  asset: id.optional(),
  why: z.string().min(1).max(1000),
  approver: person,
  approvedOn: date,
  /** The last day on which it holds. */
  expiresOn: date,
})

export const remediation = z.strictObject({
  id,
  assessment: id,
  item: itemId,
  asset: id.optional(),
  /** What is to be done. */
  measure: z.string().min(1).max(1000),
  state: keysOf(remediationLabels).default('identified'),
  /** Who answers for it. */
  unit: id.optional(),
  /** When the defect was found; absent: nobody wrote it down. */
  openedOn: date.optional(),
  deadline: date.optional(),
  /** As somebody estimated it, in days of one person. */
  effortDays: z.number().min(0).max(10_000).optional(),
  remark: remark.optional(),
})

export type Assessment = z.output<typeof assessment>
export type Asset = z.output<typeof asset>
export type Finding = z.output<typeof finding>
export type Waiver = z.output<typeof waiver>
export type Remediation = z.output<typeof remediation>
