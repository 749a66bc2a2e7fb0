import { topics } from '../../compliance/evidence/topics.ts'
import { atOnce, hitIf, type HostRule } from '../rule.ts'

const common = {
  from: 'host-check',
  category: 'hazard',
  policy: { ...atOnce, close: 1 },
  judge: ({ verdict, observed, title }) =>
    verdict === 'cannot-tell' ? undefined : hitIf(verdict === 'contradicts', `${title}：${observed}`),
} as const satisfies Partial<HostRule>

const emptyPassword: HostRule = {
  ...common,
  id: 'host.empty-password',
  title: '账户口令为空',
  severity: 'critical',
  checks: ['accounts.empty-password'],
  clauses: ['L3-CES1-01', 'L2-CES1-01'],
  why: '任何人不用口令即可登录。',
  remedy: '立即锁定账户（passwd -l）或设置口令，查看登录记录。',
}

const twoRoots: HostRule = {
  ...common,
  id: 'host.second-root',
  title: '另有 uid 为 0 的账户',
  severity: 'critical',
  category: 'anomaly',
  checks: ['accounts.single-root'],
  clauses: ['L3-CES1-07', 'L2-CES1-06'],
  why: '等同 root 的隐蔽账户常是入侵后留下的后门。',
  remedy: '先取证，查明由谁何时建立，再删除；按入侵排查主机。',
}

const auditOff: HostRule = {
  ...common,
  id: 'host.audit-off',
  title: '审计未启用',
  severity: 'high',
  checks: ['audit.enabled'],
  clauses: ['L3-CES1-12', 'L2-CES1-08'],
  why: '出了事查不到是谁做的；关闭审计也可能是入侵者所为。',
  remedy: '启用 auditd 并设为开机启动，配置规则。',
}

const stale: HostRule = {
  ...common,
  id: 'host.malware-stale',
  title: '恶意代码防护失效或特征库过期',
  severity: 'high',
  checks: ['malware.scanning', 'malware.signatures'],
  clauses: ['L3-CES1-23', 'L2-CES1-16', 'L3-MMS1-26', 'L2-MMS1-17'],
  why: '新出现的恶意代码查不出来。',
  remedy: '启用防护与自动更新；不能上网的从内部更新源更新。',
}

const risky: HostRule = {
  ...common,
  id: 'host.risky-listening',
  title: '主机对外监听高危端口',
  severity: 'medium',
  checks: ['listening.risky'],
  clauses: topics.unneededServices,
  why: '这些端口常被蠕虫和勒索软件利用，或以明文管理。',
  remedy: '停用服务，或只监听本机与管理网地址。',
}

export const hostRules = [emptyPassword, twoRoots, auditOff, stale, risky] as const
