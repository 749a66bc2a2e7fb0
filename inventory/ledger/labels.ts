import { id, kind, type Labels, levelWords, name, region, remark, unit, wordsOf } from '../columns/label.ts'
import { claimKindLabels, subjectLabels } from './claim-kinds.ts'
import type {
  Claim,
  Goal,
  Mention,
  Milestone,
  Progress,
  Roster,
  SignedDocument,
  Task,
  Workplan,
} from './records.ts'
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

/** Chinese headers and words of the ledger's tables. */

const plan = { header: '工作方案', aliases: ['方案'], references: 'workplan' } as const
const verification = { header: '核验方式', words: wordsOf(verificationLabels) } as const
const levels = { header: '层级', aliases: ['级别'], words: levelWords } as const
const dependsOn = { header: '前置事项', aliases: ['依赖', '前置任务'] } as const
const documents = { header: '文件' } as const
const roster = { header: '名录系列', aliases: ['名录'] } as const

interface LedgerLabels {
  readonly workplan: Labels<Workplan>
  readonly goal: Labels<Goal>
  readonly task: Labels<Task>
  readonly milestone: Labels<Milestone>
  readonly mention: Labels<Mention>
  readonly progress: Labels<Progress>
  readonly claim: Labels<Claim>
  readonly roster: Labels<Roster>
}

export const ledgerLabels: LedgerLabels = {
  workplan: {
    id,
    name: { ...name, aliases: ['方案名称'] },
    number: { header: '文号' },
    issuer: { header: '发文单位', aliases: ['发文机关'] },
    issuedOn: { header: '印发日期' },
    parent: { header: '上位文件' },
    region,
    safeguards: { header: '保障措施' },
    reporting: { header: '通报' },
    ambiguities: { header: '存疑' },
    remark,
  },
  goal: {
    id,
    plan,
    name: { ...name, aliases: ['目标', '目标名称'] },
    target: { header: '目标值' },
    due: { header: '期限', aliases: ['完成时限'] },
    tasks: { header: '所属任务', aliases: ['任务'], references: 'task' },
    denominator: { header: '分母' },
    roster,
    verification,
    remark,
  },
  task: {
    id,
    plan,
    name: { ...name, aliases: ['任务', '任务名称'] },
    headings: { header: '章节' },
    anchor: { header: '原文起句', aliases: ['原文'] },
    levels,
    lead: { header: '牵头单位', aliases: ['责任单位'], references: 'unit' },
    leadBasis: { header: '牵头依据', words: wordsOf(leadBasisLabels) },
    joint: { header: '配合单位', aliases: ['协办单位'], references: 'unit' },
    openEnded: { header: '单位未列尽' },
    responsible: { header: '责任单位原文' },
    mentions: { header: '点名系统', references: 'mention' },
    categories: { header: '类别', words: wordsOf(categoryLabels) },
    verification,
    byProbe: { header: '探测核验' },
    byDocument: { header: '文件核验' },
    metric: { header: '指标' },
    roster,
    dependsOn,
    dependsOnInferred: { header: '推定前置事项', aliases: ['推定依赖'] },
    remark,
  },
  milestone: {
    id,
    task: { header: '任务', aliases: ['所属任务'], references: 'task' },
    date: { header: '期限', aliases: ['时限', '完成时限', '日期'] },
    scope: { header: '范围' },
    kind: kind(wordsOf(milestoneLabels)),
    dependsOn,
    remark,
  },
  mention: {
    id,
    plan,
    name: { ...name, aliases: ['系统名称'] },
    verbatim: { header: '原文名称' },
    aliases: { header: '别名' },
    kind: kind(wordsOf(mentionLabels)),
    levels,
    system: { header: '信息系统', aliases: ['系统'], references: 'system' },
    owners: { header: '主管单位', references: 'unit' },
    ownerBasis: { header: '主管依据', words: wordsOf(basisLabels) },
    elsewhere: { header: '另见' },
    remark,
  },
  progress: {
    id,
    subject: { header: '事项' },
    at: { header: '时间' },
    by: { header: '填报人' },
    kind: kind(wordsOf(progressLabels)),
    to: { header: '新状态', words: wordsOf(stateLabels) },
    text: { header: '内容' },
    documents,
  },
  claim: {
    id,
    subjectKind: { header: '对象类型', words: wordsOf(subjectLabels) },
    subject: { header: '对象' },
    item: { header: '测评项' },
    kind: { header: '声明', words: wordsOf(claimKindLabels) },
    value: { header: '数值' },
    at: { header: '时间' },
    by: { header: '填报人' },
    unit,
    documents,
    text: { header: '说明' },
    withdrawn: { header: '撤回' },
    answers: { header: '申诉' },
  },
  roster: {
    id,
    series: roster,
    version: { header: '版本' },
    of: { header: '名录类型', words: wordsOf(rosterLabels) },
    name: { ...name, aliases: ['名录名称'] },
    effectiveOn: { header: '生效日期' },
    source: { header: '来源' },
    members: { header: '成员' },
    count: { header: '数量' },
    parts: { header: '分项数量' },
    exclusions: { header: '排除' },
    documents,
    remark,
  },
}

interface LedgerNestedLabels {
  readonly documents: Labels<SignedDocument>
  readonly safeguards: Labels<Workplan['safeguards'][number]>
  readonly reporting: Labels<Workplan['reporting'][number]>
  readonly withdrawn: Labels<NonNullable<Claim['withdrawn']>>
  readonly answers: Labels<Claim['answers'][number]>
}

export const ledgerNestedLabels: LedgerNestedLabels = {
  documents: { sha256: { header: 'SHA-256' }, name, size: { header: '字节' } },
  safeguards: {
    id,
    name,
    units: { header: '责任单位', references: 'unit' },
    anchor: { header: '原文起句' },
    remark,
  },
  reporting: {
    name,
    by: { header: '单位', references: 'unit' },
    period: { header: '周期' },
    ref: { header: '出处' },
    remark,
  },
  withdrawn: { at: { header: '时间' }, by: { header: '撤回人' }, why: { header: '理由' } },
  answers: {
    at: { header: '时间' },
    by: { header: '申诉人' },
    unit,
    text: { header: '内容' },
    document: { header: 'SHA-256' },
    documentName: { header: '文件' },
  },
}

/** Names of the sheets. */
export const ledgerSheets: Readonly<Record<keyof LedgerLabels, readonly [string, ...string[]]>> = {
  workplan: ['工作方案', '方案', 'workplans'],
  goal: ['目标', '工作目标', 'goals'],
  task: ['任务', '工作任务', '工作台账', 'tasks'],
  milestone: ['时限节点', '里程碑', '节点时限', 'milestones'],
  mention: ['点名系统', 'mentions'],
  progress: ['进展', '进展记录', 'progress'],
  claim: ['声明', '填报', 'claims'],
  roster: ['名录', '分母', 'rosters'],
}
