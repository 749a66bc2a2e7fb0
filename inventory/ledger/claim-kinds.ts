/** What can be claimed, of what, and what value a claim of the kind carries. The one list; verdicts follow it. */

export const subjectLabels = {
  goal: '目标',
  task: '任务',
  milestone: '时限节点',
  mention: '点名系统',
  system: '信息系统',
  node: '节点',
  unit: '单位',
  region: '行政区划',
  item: '测评项',
} as const
export type SubjectKind = keyof typeof subjectLabels

export interface ClaimKind {
  readonly label: string
  readonly subjects: readonly SubjectKind[]
  /** `number`: a count or a ratio that is reported; `optional`: a text may say more. */
  readonly value: 'none' | 'number' | 'text' | 'optional'
}

const plan = ['goal', 'task', 'milestone'] as const
const systems = ['system', 'mention'] as const
const places = ['node', 'unit', 'region'] as const

export const claimKinds = {
  completed: { label: '已完成', subjects: plan, value: 'none' },
  /** The numerator over the roster that the goal or task names. */
  count: { label: '完成数', subjects: plan, value: 'number' },
  connected: { label: '已接入电子政务外网', subjects: [...places, ...systems], value: 'none' },
  covered: { label: '外网已覆盖', subjects: ['region', 'unit'], value: 'none' },
  monitored: { label: '已接入省安全监管系统', subjects: [...places, ...systems], value: 'none' },
  online: { label: '已上线', subjects: systems, value: 'none' },
  migrated: { label: '已迁移上云', subjects: systems, value: 'none' },
  'migration-state': { label: '迁移状态', subjects: ['system'], value: 'text' },
  'old-silent': { label: '原址已停用', subjects: systems, value: 'none' },
  'unified-login': { label: '已接统一身份认证', subjects: systems, value: 'none' },
  exchange: { label: '已接入共享交换平台', subjects: systems, value: 'none' },
  linked: { label: '已互联对接', subjects: [...systems, 'unit'], value: 'optional' },
  ipv6: { label: '支持 IPv6', subjects: systems, value: 'none' },
  filed: { label: '已定级备案', subjects: systems, value: 'optional' },
  assessed: { label: '已通过等保测评', subjects: systems, value: 'optional' },
  conforms: { label: '测评项结果', subjects: ['item'], value: 'text' },
} as const satisfies Readonly<Record<string, ClaimKind>>
export type ClaimKindCode = keyof typeof claimKinds

export const claimKindLabels = Object.fromEntries(
  Object.entries<ClaimKind>(claimKinds).map(([code, { label }]) => [code, label]),
) as Readonly<Record<ClaimKindCode, string>>
