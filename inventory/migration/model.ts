import { z } from 'zod'
import { cidr, id, keysOf, name, remark } from '../fields.ts'

/** Records of the migration to the government cloud (系统上云). Labels are what officials read. */

/** The way of a system, in its order. */
export const pathLabels = {
  surveyed: '已摸底',
  assessed: '已评估',
  planned: '方案已审核',
  provisioned: '资源已开通',
  deploying: '部署迁移中',
  trial: '试运行',
  cutover: '已割接',
  accepted: '已验收',
  decommissioned: '原系统已下线',
} as const
export type PathState = keyof typeof pathLabels

/** Beside the way: each needs a reason. */
export const asideLabels = {
  exempt: '不宜上云',
  merged: '整合关停',
  deferred: '暂缓',
  blocked: '受阻',
  rolled_back: '已回退',
} as const
export type AsideState = keyof typeof asideLabels

export const stateLabels = { ...pathLabels, ...asideLabels } as const
export type MigrationState = PathState | AsideState

export const decisionLabels = {
  rehost: '平移',
  replatform: '平台改造',
  refactor: '重构',
  repurchase: '重新采购',
  retire: '下线',
  retain: '保留',
} as const
export type Decision = keyof typeof decisionLabels

export const documentLabels = {
  filing: '定级备案证明',
  'three-party': '三方启动测试确认单',
  plan: '上云实施方案',
  basis: '依据文件',
  other: '其他文件',
} as const
export type DocumentKind = keyof typeof documentLabels

const date = z.iso.date()
const person = z.string().min(1).max(100)
const reason = z.string().min(1).max(1000)
const state = keysOf(stateLabels)
const endpoints = z.array(z.string().min(1).max(500)).max(64).default([])

/** A document by its hash: the file itself is kept by whoever answers for it. */
export const migrationDocument = z.strictObject({
  kind: keysOf(documentLabels),
  name,
  date,
  sha256: z.string().regex(/^[0-9a-f]{64}$/u, 'expected a SHA-256 of 64 hexadecimal digits in lower case'),
})

/** One step of a system; `override` is there where a gate refused it and somebody answered for going on. */
export const move = z.strictObject({
  /** ISO 8601, UTC. */
  at: z.iso.datetime(),
  by: person,
  from: state,
  to: state,
  reason,
  override: reason.optional(),
  /** What the gates missed, where they were overridden. */
  missing: z.array(z.string().max(500)).max(64).optional(),
})

/** A system moves once: the id of the record is that of the system. */
export const migration = z.strictObject({
  id,
  /** Who answers for the move. */
  unit: id.optional(),
  decision: keysOf(decisionLabels).optional(),
  state: state.default('surveyed'),
  /** When it came into the state that it was recorded in first, where it has made no move since. */
  stateSince: date.optional(),
  /** Why it stands beside the way, and by what rule or paper. */
  reason: reason.optional(),
  basis: reason.optional(),
  wave: id.optional(),
  /** Systems that must not move later than this one. */
  dependsOn: z.array(id).max(256).default([]),
  oldEndpoints: endpoints,
  newEndpoints: endpoints,
  cloud: id.optional(),
  /** What must answer while the old endpoints do not, or their silence proves nothing; default: anything else. */
  control: id.optional(),
  documents: z.array(migrationDocument).max(32).default([]),
  moves: z.array(move).max(32).default([]),
  remark: remark.optional(),
})

/** Days on which nothing is moved (封网期). Both ends belong to it. */
export const freeze = z.strictObject({ from: date, to: date, why: z.string().min(1).max(200) })

export const wave = z.strictObject({
  id,
  name,
  /** First and last day, as planned. */
  startsOn: date,
  endsOn: date,
  /** How many systems it can take. */
  capacity: z.int().min(1).max(10_000),
  freezes: z.array(freeze).max(32).default([]),
  unit: id.optional(),
  remark: remark.optional(),
})

/** A government cloud and the addresses that are its own. */
export const cloud = z.strictObject({
  id,
  name,
  networks: z.array(cidr).min(1).max(256),
  unit: id.optional(),
  remark: remark.optional(),
})

/** What was answered of a system, by question; the questions are in the questionnaire. */
export const readiness = z.strictObject({
  id,
  answers: z.record(id, id).default({}),
  by: person,
  on: date,
  remark: remark.optional(),
})

export type Migration = z.output<typeof migration>
export type Move = z.output<typeof move>
export type MigrationDocument = z.output<typeof migrationDocument>
export type Wave = z.output<typeof wave>
export type Cloud = z.output<typeof cloud>
export type Readiness = z.output<typeof readiness>
