/** What security monitoring tells others: notifications, the feed to the province, dashboards. Times: ms since the epoch. */

export const severityLabels = { critical: '严重', high: '高', medium: '中', low: '低' } as const
export type Severity = keyof typeof severityLabels

/** Categories of GB/T 20986-2023. The codes of its annex B are not public and are never made up. */
export const categoryLabels = {
  malware: '恶意程序',
  attack: '网络攻击',
  data: '数据安全',
  content: '信息内容安全',
  failure: '设备设施故障',
  violation: '违规操作',
  hazard: '安全隐患',
  anomaly: '异常行为',
  'force-majeure': '不可抗力',
  other: '其他',
} as const
export type EventCategory = keyof typeof categoryLabels

/** Grades of a security event, the gravest first; suggested by measured duration, set by a person. */
export const gradeLabels = {
  I: '特别重大（Ⅰ级）',
  II: '重大（Ⅱ级）',
  III: '较大（Ⅲ级）',
  IV: '一般（Ⅳ级）',
} as const
export type Grade = keyof typeof gradeLabels

export const incidentStateLabels = {
  watching: '监测',
  warned: '预警',
  responding: '响应',
  handling: '处置',
  archived: '归档',
} as const
export type IncidentState = keyof typeof incidentStateLabels

/** One thing that is wrong with one target, by one rule. */
export interface Finding {
  /** `tls.expired@sys-1|192.0.2.1:443`: rule, target and place; the same whenever it comes back. */
  readonly id: string
  readonly rule: string
  readonly title: string
  readonly severity: Severity
  readonly category: EventCategory
  readonly target: string
  readonly targetName: string
  /** Of the inventory, where known: region code, id of the responsible unit. */
  readonly region?: string
  readonly unit?: string
  /** What was seen, in words; never a secret. It may hold text of the target: escape it. */
  readonly saw: string
  readonly why: string
  readonly remedy: string
  /** Items of GB/T 22239-2019: `L3-CNS1-03`. */
  readonly clauses: readonly string[]
  /** When its first failing look was. */
  readonly firstSeenAt: number
  readonly openedAt: number
  readonly closedAt?: number
  /** Opened and closed too often lately: it stays open until it has been quiet. */
  readonly flapping: boolean
  readonly incident?: string
}

/** When a report upward is due, by the national rules; a suggestion that a person confirms. */
export interface ReportClock {
  readonly operator: string
  readonly label: string
  readonly dueAt: number
  readonly source: string
}

/** What is recorded of an incident that is over (事后记录). */
export interface Postmortem {
  readonly cause: string
  readonly measures: string
  readonly lessons: string
}

export interface Task {
  readonly id: string
  readonly unit: string
  readonly what: string
  readonly dueAt: number
  readonly doneAt?: number
}

export interface Incident {
  /** `INC-20261126-0001` */
  readonly id: string
  readonly title: string
  /** What its findings have in common: `node:n-1`, `certificate:…`, `agent:…`. */
  readonly cause: string
  readonly severity: Severity
  readonly category: EventCategory
  /** Of the finding that made it what it is: what was seen (text of a target may be in it: escape it), what to do. */
  readonly saw?: string
  readonly remedy?: string
  readonly state: IncidentState
  readonly openedAt: number
  /** When the first failing look was since it opened or came back: outages are measured from here. */
  readonly startedAt: number
  readonly acknowledgedAt?: number
  readonly recoveredAt?: number
  readonly resolvedAt?: number
  readonly closedAt?: number
  readonly reopened: number
  /** Contact id or name of who handles it. */
  readonly assignee?: string
  /** What the measured duration suggests (建议). */
  readonly suggestedGrade?: Grade
  /** What a person confirmed. */
  readonly grade?: Grade
  readonly reportClocks: readonly ReportClock[]
  /** When a person recorded that it was reported upward. */
  readonly reportedAt?: number
  readonly postmortem?: Postmortem
  /** Something above turned out to be the cause. */
  readonly mergedInto?: string
  /** Ids of all its findings; of those that are open now. */
  readonly findings: readonly string[]
  readonly openFindings: readonly string[]
  /** What the findings are on; how many more targets suffered from it at most. */
  readonly targets: readonly string[]
  readonly behind: number
  readonly units: readonly string[]
  readonly tasks: readonly Task[]
}

export interface FindingEvent {
  readonly type: 'finding'
  readonly sequence: number
  readonly at: number
  readonly change: 'opened' | 'closed' | 'flapping'
  readonly finding: Finding
}

export const incidentChangeLabels = {
  opened: '发生',
  grew: '扩大',
  // Graver: `raised` from what was only watched, `worsened` otherwise.
  raised: '转为预警',
  worsened: '级别升高',
  recovered: '恢复',
  reopened: '再次发生',
  acknowledged: '签收',
  assigned: '指派',
  noted: '记录',
  graded: '定级',
  escalated: '升级通知',
  tasked: '派单',
  'task-done': '任务完成',
  reported: '已报告',
  resolved: '处置完毕',
  closed: '归档',
  merged: '并入上级事件',
  // Of a notice from above: it was changed, it is over.
  amended: '通报变更',
  lifted: '通报解除',
} as const
export type IncidentChange = keyof typeof incidentChangeLabels

export interface IncidentEvent {
  readonly type: 'incident'
  readonly sequence: number
  readonly at: number
  readonly change: IncidentChange
  /** `collector`, or a person's login. */
  readonly by: string
  readonly note?: string
  /** Contacts of the duty roster to be told now, in order; empty where the roster names nobody. */
  readonly notify: readonly string[]
  readonly incident: Incident
}

export type SecurityEvent = FindingEvent | IncidentEvent

/**
 * Everything that happened, in the order of its sequence, kept as long as incidents are. Who reads it remembers the
 * last sequence that it has dealt with: nothing is lost over a restart of either side.
 */
export interface EventStream {
  /** Events after this sequence, oldest first, at most `limit`. Throws `EnvironmentFault` where it cannot be read. */
  readonly since: (sequence: number, limit: number) => readonly SecurityEvent[]
  /** The newest sequence; 0: nothing happened yet. */
  readonly head: () => number
}
