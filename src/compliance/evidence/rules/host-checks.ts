import { anything, type HostRule } from '../rule.ts'
import { topics } from '../topics.ts'

const common = { from: 'host-check', says: anything } as const

/** What host checks themselves say that they speak to. */
export const ownRule: HostRule = {
  ...common,
  id: 'host-check',
  title: '主机核查：检查项自己写明的测评项',
  items: [
    ...['01', '02', '03', '04', '05', '06', '07', '08', '11', '12', '13', '14', '15', '17', '18', '19'],
    ...['21', '22', '23', '25', '26', '27', '28', '29'],
  ]
    .map((number) => `L3-CES1-${number}`)
    .concat(
      [
        '01',
        '02',
        '03',
        '04',
        '05',
        '06',
        '07',
        '08',
        '09',
        '10',
        '11',
        '12',
        '13',
        '15',
        '16',
        '18',
        '19',
      ].map((number) => `L2-CES1-${number}`),
      ['L3-SMC1-10', 'L3-MMS1-13', 'L2-MMS1-09', 'L3-MMS1-19', 'L2-MMS1-14'],
      ['L3-MMS1-26', 'L2-MMS1-17', 'L3-MMS1-35', 'L2-MMS1-23'],
    ),
  through: [],
}

const boundaryAudit: HostRule = {
  ...common,
  id: 'host-check.boundary-audit',
  title: '边界设备上的主机核查：审计是否启用',
  items: topics.boundaryAudit,
  through: ['L3-CES1-12'],
}

const boundaryContent: HostRule = {
  ...common,
  id: 'host-check.boundary-audit-content',
  title: '边界设备上的主机核查：审计记录要素与时钟',
  items: topics.boundaryAuditContent,
  through: ['L3-CES1-13'],
}

const boundaryProtection: HostRule = {
  ...common,
  id: 'host-check.boundary-audit-protection',
  title: '边界设备上的主机核查：审计记录的权限、留存与转发',
  items: topics.boundaryAuditProtection,
  through: ['L3-CES1-14'],
}

const traces: HostRule = {
  ...common,
  id: 'host-check.traces',
  title: '主机核查：登录与提权操作是否留痕',
  items: [...topics.remoteUserAudit, ...topics.systemAdministrator, ...topics.changeApproval],
  through: ['L3-MMS1-19'],
}

const auditors: HostRule = {
  ...common,
  id: 'host-check.audit-records',
  title: '主机核查：谁能动审计记录与审计进程',
  items: topics.auditAdministrator,
  through: ['L3-CES1-14', 'L3-CES1-15'],
}

const roles: HostRule = {
  ...common,
  id: 'host-check.roles',
  title: '主机核查：提权规则、管理员组与权限分离',
  items: [...topics.securityAdministrator, ...topics.administratorRoles],
  through: ['L3-CES1-08'],
}

const accounts: HostRule = {
  ...common,
  id: 'host-check.accounts',
  title: '主机核查：多余、过期、共用的账户',
  items: [...topics.leavers, ...topics.visitors, ...topics.accountLife],
  through: ['L3-CES1-07'],
}

const granularity: HostRule = {
  ...common,
  id: 'host-check.permissions',
  title: '主机核查：文件与目录的权限',
  items: topics.granularity,
  through: ['L3-CES1-05'],
}

const images: HostRule = {
  ...common,
  id: 'host-check.images',
  title: '主机核查：由镜像建成的主机是否关掉多余服务',
  items: topics.hardenedImages,
  through: ['L3-CES1-18'],
}

export const hostRules = [
  ownRule,
  boundaryAudit,
  boundaryContent,
  boundaryProtection,
  traces,
  auditors,
  roles,
  accounts,
  granularity,
  images,
] as const
