import { createHash } from 'node:crypto'
import { plainLine } from '../../core/plain-line.ts'

/** What is told to the platform above. Times: milliseconds since the epoch. */

export const kindLabels = {
  asset: '资产',
  status: '运行状态',
  risk: '风险',
  alert: '告警',
  incident: '事件',
} as const
export type UpwardKind = keyof typeof kindLabels
export const upwardKinds = Object.keys(kindLabels) as readonly UpwardKind[]

const common = { id: '消息标识', kind: '消息类型', source: '上报平台', occurredAt: '时间' } as const

const finding = {
  ...common,
  change: '变化',
  finding: '发现标识',
  rule: '规则',
  title: '标题',
  severity: '级别',
  category: '分类',
  target: '对象',
  targetName: '对象名称',
  region: '行政区划',
  unit: '责任单位',
  clauses: '等保条款',
  incident: '所属事件',
  firstSeenAt: '首次发现',
  openedAt: '产生',
  closedAt: '消除',
} as const

/**
 * The allow-list: what a message of each kind may hold, and nothing else ever leaves. Neither what was seen at a
 * target (banners, account names), nor notes, people, telephone numbers or names of credentials are in it.
 */
export const fieldLabels = {
  asset: {
    ...common,
    change: '变化',
    asset: '资产标识',
    class: '资产类别',
    name: '名称',
    role: '类型',
    state: '状态',
    region: '行政区划',
    level: '层级',
    areas: '网络区域',
    unit: '责任单位',
    unitName: '责任单位名称',
    node: '所在节点',
    addresses: '地址',
    vendor: '厂商',
    model: '型号',
  },
  status: {
    ...common,
    endsAt: '下次应报',
    version: '软件版本',
    isTest: '测试',
    nodes: '节点',
    nodesUp: '正常节点',
    nodesDown: '中断节点',
    nodesUnreachable: '上联中断节点',
    nodesUnknown: '未知节点',
    systems: '信息系统',
    systemsUp: '正常信息系统',
    systemsDown: '中断信息系统',
    devices: '设备',
    devicesUp: '正常设备',
    devicesDown: '中断设备',
    uplinks: '链路',
    uplinksUp: '正常链路',
    uplinksDown: '中断链路',
    outages: '中断起因',
    agents: '探针',
    agentsSilent: '失联探针',
    openFindings: '未消除发现',
    openIncidents: '未归档事件',
  },
  risk: finding,
  alert: finding,
  incident: {
    ...common,
    change: '变化',
    incident: '事件标识',
    title: '标题',
    severity: '级别',
    category: '分类',
    state: '状态',
    grade: '定级',
    targets: '对象',
    targetCount: '对象数',
    behind: '受影响数',
    units: '责任单位',
    reopened: '重开次数',
    mergedInto: '并入',
    notice: '对应通报',
    startedAt: '开始',
    openedAt: '产生',
    acknowledgedAt: '签收',
    recoveredAt: '恢复',
    resolvedAt: '处置完毕',
    closedAt: '归档',
  },
} as const satisfies Readonly<Record<UpwardKind, Readonly<Record<string, string>>>>

export type FieldOf<Kind extends UpwardKind> = keyof (typeof fieldLabels)[Kind]
/** A field whose name ends with `At` is a time. */
export type FieldValue = string | number
export type Fields = Readonly<Record<string, FieldValue>>

export const isTimeField = (name: string): boolean => name.endsWith('At')

type FieldsOf<Kind extends UpwardKind> = {
  readonly [Name in Exclude<FieldOf<Kind>, keyof typeof common>]?: FieldValue | undefined
}

/** What a message tells, before it has an id. */
export interface Draft {
  readonly kind: UpwardKind
  readonly at: number
  /** The same for the same news, another for other news: the id is made of it. */
  readonly key: readonly (string | number)[]
  readonly fields: Fields
}

export interface Message {
  /** Idempotent: the same message has it however often it is made or sent. */
  readonly id: string
  readonly kind: UpwardKind
  readonly at: number
  readonly fields: Fields
}

/** A message of such values is under the 8192 bytes that a receiver of syslog should take (RFC 5425 §4.3.1). */
const mostCharacters = 100

/** As many as fit, with `、` between, and how many there are where not all are there; undefined: none. */
export const listed = (items: readonly string[]): string | undefined => {
  const [first] = items
  if (first === undefined) return undefined
  const whole = items.join('、')
  if (whole.length <= mostCharacters) return whole
  const more = ` 等 ${items.length} 个`
  let shown = plainLine(first, mostCharacters - more.length)
  for (const item of items.slice(1)) {
    if (shown.length + item.length + 1 + more.length > mostCharacters) break
    shown += `、${item}`
  }
  return shown + more
}

const bounded = (value: FieldValue): FieldValue =>
  typeof value === 'string' ? plainLine(value, mostCharacters) : value

/** A draft of that kind; fields that are absent or empty are left out. */
export const draft = <Kind extends UpwardKind>(
  kind: Kind,
  { at, key }: Pick<Draft, 'at' | 'key'>,
  fields: FieldsOf<Kind>,
): Draft => ({
  kind,
  at,
  key,
  fields: Object.fromEntries(
    Object.entries<FieldValue | undefined>(fields).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, bounded(value)]],
    ),
  ),
})

export const digestOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32)

/** The message that a platform of that name sends. */
export const messageOf = ({ kind, at, key, fields }: Draft, source: string): Message => {
  const id = `${kind}-${digestOf([source, kind, ...key])}`
  return { id, kind, at, fields: { id, kind, source, occurredAt: at, ...fields } }
}
