/** What officials read of the ledger's codes. */

/** 台账状态. 逾期 is not among them: it is derived from a state and a day. */
export const stateLabels = {
  not_started: '未启动',
  in_progress: '推进中',
  /** Somebody says so. */
  claimed: '已完成待核验',
  /** Somebody checked it and signed evidence is on file. */
  verified: '已核验销号',
  deferred: '暂缓',
} as const
export type LedgerState = keyof typeof stateLabels

export const verificationLabels = {
  probe: '探测可核',
  partial: '探测与文件合核',
  inventory: '仅文件可核',
} as const

export const leadBasisLabels = { stated: '文件写明', 'first-named': '按列名首位' } as const
export const basisLabels = { stated: '文件写明', inferred: '推定' } as const
export const milestoneLabels = { start: '启动', finish: '完成' } as const
export const progressLabels = { note: '进展', move: '状态变更' } as const

export const categoryLabels = {
  'service-online': '在线办理',
  reporting: '通报督导',
  'platform-integration': '平台对接',
  'data-sharing': '数据共享',
  'network-coverage': '网络覆盖',
  'security-monitoring': '安全监测',
  mlps: '等级保护',
  'cloud-migration': '迁移上云',
  auth: '统一认证',
} as const

export const mentionLabels = {
  network: '网络',
  cloud: '云平台',
  auth: '认证平台',
  'security-platform': '安全监管平台',
  'service-platform': '服务平台',
  'supervision-platform': '监管平台',
  'data-platform': '数据平台',
  'base-database': '基础信息库',
  'business-system': '业务系统',
  'external-system': '外部系统',
  'system-class': '系统类别',
} as const

/** What a roster lists, and so what a denominator counts. */
export const rosterLabels = {
  departments: '部门',
  counties: '县区',
  townships: '乡镇（办事处）',
  villages: '行政村',
  halls: '实体政务大厅',
  nodes: '外网节点',
  systems: '政务信息系统',
  items: '事项',
} as const
export type RosterKind = keyof typeof rosterLabels
