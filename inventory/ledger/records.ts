import { z } from 'zod'
import { levels } from '../../src/core/target.ts'
import { id, keysOf, name, regionCode, remark, sha256 } from '../fields.ts'
import { claimKindLabels, subjectLabels } from './claim-kinds.ts'
import {
  basisLabels,
  categoryLabels,
  leadBasisLabels,
  mentionLabels,
  milestoneLabels,
  progressLabels,
  rosterLabels,
  stateLabels,
  verificationLabels,
} from './words.ts'

/**
 * Records of the ledger (工作台账): a work plan and what it demands, what was reported and noted since, and the
 * rosters that ratios count over. What can be derived is not here: lights, slips, 逾期, the deadline of a task.
 */

const date = z.iso.date({
  error: ({ input }) => (input === undefined ? 'expected a day, got none' : 'expected a day as 2018-06-30'),
})
/** ISO 8601, UTC. */
const instant = z.iso.datetime()
const person = z.string().min(1).max(60)
const text = z.string().min(1).max(1000)
const texts = z.array(text).max(64).default([])
const ids = z.array(id).max(256).default([])

/** A signed document by what is in it; the file itself lies elsewhere. */
export const document = z.strictObject({
  sha256,
  name,
  /** Bytes. */
  size: z.int().min(0),
})
const documents = z.array(document).max(32).default([])

/** 保障措施: demanded without a deadline. */
export const safeguard = z.strictObject({
  id,
  name,
  units: ids,
  anchor: text.optional(),
  remark: remark.optional(),
})

/** Who reports, how often. */
export const reporting = z.strictObject({
  name,
  by: id.optional(),
  period: z.string().max(20).optional(),
  /** Safeguard that demands it. */
  ref: id.optional(),
  remark: remark.optional(),
})

export const workplan = z.strictObject({
  id,
  name,
  /** 文号, as printed. */
  number: z.string().max(60).optional(),
  issuer: z.string().max(100).optional(),
  issuedOn: date.optional(),
  /** 上位文件 */
  parent: z.string().max(200).optional(),
  region: regionCode.optional(),
  safeguards: z.array(safeguard).max(32).default([]),
  reporting: z.array(reporting).max(32).default([]),
  /** What the document leaves open, for whoever reads a number made from it. */
  ambiguities: texts,
  remark: remark.optional(),
})

export const goal = z.strictObject({
  id,
  plan: id,
  name,
  /** 1 is 100 %. */
  target: z.number().min(0).max(1).default(1),
  due: date,
  tasks: ids,
  /** What the ratio counts over, in words. */
  denominator: text,
  /** Series of the roster that holds it. */
  roster: id.optional(),
  verification: keysOf(verificationLabels),
  remark: remark.optional(),
})

export const task = z.strictObject({
  id,
  plan: id,
  name,
  /** Headings above it in the document, outermost first. */
  headings: texts,
  /** First words of its text there. */
  anchor: text.optional(),
  levels: z.array(z.enum(levels)).default([]),
  /** 牵头单位 */
  lead: ids,
  leadBasis: keysOf(leadBasisLabels).default('stated'),
  /** 配合单位 */
  joint: ids,
  /** The document names units and adds “等”. */
  openEnded: z.boolean().default(false),
  /** The units as the document writes them. */
  responsible: z.string().max(500).optional(),
  /** Systems that the document names for it. */
  mentions: ids,
  categories: z.array(keysOf(categoryLabels)).default([]),
  verification: keysOf(verificationLabels),
  byProbe: texts,
  byDocument: texts,
  metric: text.optional(),
  /** Series of the roster that its ratio counts over. */
  roster: id.optional(),
  /** Tasks and milestones that must be done before it, by the document. */
  dependsOn: ids,
  /** The same, as a reader concluded. */
  dependsOnInferred: ids,
  remark: remark.optional(),
})

/** A day by which something of a task must be true. */
export const milestone = z.strictObject({
  id,
  task: id,
  date,
  /** What part of the task; absent: all of it. */
  scope: text.optional(),
  kind: keysOf(milestoneLabels).default('finish'),
  dependsOn: ids,
  remark: remark.optional(),
})

/** A system that the document names, and all that it says of it. */
export const mention = z.strictObject({
  id,
  plan: id,
  name,
  /** The document has this very name. */
  verbatim: z.boolean().default(true),
  aliases: texts,
  kind: keysOf(mentionLabels),
  levels: z.array(z.enum(levels)).default([]),
  /** Its record in the inventory; a class of systems has none. */
  system: id.optional(),
  owners: ids,
  ownerBasis: keysOf(basisLabels).optional(),
  /** Places beside tasks: goals, safeguards. */
  elsewhere: texts,
  remark: remark.optional(),
})

/** What happened to a task or milestone: never changed, never removed. The state at a moment is the last move before it. */
export const progress = z.strictObject({
  id,
  /** Task or milestone. */
  subject: id,
  at: instant,
  by: person,
  kind: keysOf(progressLabels),
  /** The new state, of a move. */
  to: keysOf(stateLabels).optional(),
  text,
  documents,
})

export const withdrawal = z.strictObject({ at: instant, by: person, why: text })

/** What a unit says of a contradiction (申诉): it stands beside the claim. */
export const answer = z.strictObject({
  at: instant,
  by: person,
  unit: id.optional(),
  text,
  /** SHA-256 of the file that is added, and how it is called; the file itself lies elsewhere. */
  document: sha256.optional(),
  documentName: name.optional(),
})

/** What was reported. Never changed but to be withdrawn or answered for. */
export const claim = z.strictObject({
  id,
  subjectKind: keysOf(subjectLabels),
  /** Id of the subject; of an item, that of its assessment. */
  subject: id,
  /** Item of the assessment. */
  item: z.string().max(20).optional(),
  kind: keysOf(claimKindLabels),
  value: z.string().min(1).max(200).optional(),
  at: instant,
  by: person,
  /** The unit that reports. */
  unit: id.optional(),
  documents,
  text: z.string().max(1000).optional(),
  withdrawn: withdrawal.optional(),
  answers: z.array(answer).max(32).default([]),
})

/** Why something does not count: without a basis it does. */
export const exclusion = z.strictObject({
  basis: text,
  /** How many, where the roster is a number and the key but a name for them. */
  count: z.int().min(1).default(1),
  by: person.optional(),
  on: date.optional(),
})

/** One version of a list that ratios count over (名录). Never changed: another list is another version. */
export const roster = z.strictObject({
  id,
  /** What its versions share. */
  series: id,
  version: z.int().min(1).max(9999),
  of: keysOf(rosterLabels),
  name,
  /** First day on which it counts. */
  effectiveOn: date,
  /** Where the list is from: document, statistics. */
  source: text,
  /** Ids of regions, units, nodes or systems; empty where only the number is known. */
  members: z.array(id).max(8000).default([]),
  /** The number, where there are no members: villages, items. */
  count: z.int().min(0).optional(),
  /** Parts of the number by region code or whatever it is split by. */
  parts: z.record(z.string().max(64), z.int().min(0)).default({}),
  /** By member, or by a name of what is left out of a number. */
  exclusions: z.record(z.string().max(100), exclusion).default({}),
  documents,
  remark: remark.optional(),
})

export const ledgerCollections = {
  workplan,
  goal,
  task,
  milestone,
  mention,
  progress,
  claim,
  roster,
} as const

export type Workplan = z.output<typeof workplan>
export type Goal = z.output<typeof goal>
export type Task = z.output<typeof task>
export type Milestone = z.output<typeof milestone>
export type Mention = z.output<typeof mention>
export type Progress = z.output<typeof progress>
export type Claim = z.output<typeof claim>
export type Roster = z.output<typeof roster>
export type Exclusion = z.output<typeof exclusion>
export type SignedDocument = z.output<typeof document>
