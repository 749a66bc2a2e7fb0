import { areaLabels } from '../../core/target.ts'
import { topics } from '../../compliance/evidence/topics.ts'
import { listed } from '../../facts/listed.ts'
import { highRisk, named } from '../../facts/ports.ts'
import { numberAt, numbersIn } from '../../facts/read.ts'
import { atOnce, hitIf, type LookRule, twice } from '../rule.ts'
import { areasOf } from '../seen.ts'

const scanned = { from: 'look', kinds: ['ports'], category: 'hazard', policy: atOnce } as const

const unexpected: LookRule = {
  ...scanned,
  id: 'ports.unexpected',
  title: '基线之外的开放端口',
  severity: 'medium',
  clauses: [...topics.unneededServices, ...topics.configurationChanges],
  why: '未登记的服务没有人维护，是入侵的入口；也可能是入侵的痕迹。',
  remedy: '查明监听的程序；多余的关闭，需要的经批准后登记入基线。',
  judge: ({ observation: { status, facts } }) =>
    status !== 'up' || numberAt(facts, 'tried') === undefined
      ? undefined
      : numbersIn(facts, 'unexpectedOpen').map((port) => ({
          saw: `${port}/tcp 开放，不在登记的基线内`,
          place: String(port),
        })),
}

const risky: LookRule = {
  ...scanned,
  id: 'ports.high-risk',
  title: '开放高危端口',
  severity: 'high',
  clauses: topics.unneededServices,
  why: '这些端口常被蠕虫和勒索软件利用，或以明文管理。',
  remedy: '在主机和边界上关闭；确需使用的限定来源地址，改用加密的方式。',
  judge: ({ observation: { status, facts } }) => {
    if (status !== 'up' || numberAt(facts, 'tried') === undefined) return undefined
    const found = named(numbersIn(facts, 'open'), highRisk)
    return hitIf(found.length > 0, `开放 ${listed(found)}`)
  },
}

const fromInternet: LookRule = {
  from: 'look',
  kinds: [],
  category: 'hazard',
  policy: twice,
  id: 'boundary.internal-from-internet',
  title: '内部系统可从互联网访问',
  severity: 'high',
  clauses: [...topics.controlledInterfaces, ...topics.zoneIsolation],
  why: '登记为内部的系统没有按互联网应用防护，暴露后极易被攻击。',
  remedy: '在边界关闭映射或策略；确需对外的，先完成定级、加固和审批，再改登记。',
  judge: ({ check, observation }, { inventory }) => {
    if (observation.vantage !== 'internet' || observation.target.includes('/')) return undefined
    const areas = areasOf(inventory, observation.target)
    const isInternal = check.job.expect === 'unreachable' || (areas.length > 0 && !areas.includes('internet'))
    if (!isInternal || check.status === 'unknown') return undefined
    return hitIf(check.answers, `自互联网接入区得到 ${observation.kind.toUpperCase()} 应答`)
  },
}

const crossed: LookRule = {
  ...fromInternet,
  id: 'boundary.crossed',
  title: '分区隔离失效',
  why: '不该到的区到得了：一处失陷会蔓延到其他区。',
  remedy: '核对边界策略与路由，恢复为只允许批准的访问。',
  judge: ({ check, observation: { vantage, kind, target } }, { inventory }) => {
    const { expect } = check.job
    if (expect !== 'unreachable' || vantage === 'internet' || inventory.migration.has(systemOf(target)))
      return undefined
    return check.status === 'unknown'
      ? undefined
      : hitIf(check.answers, `自${areaLabels[vantage]}得到 ${kind.toUpperCase()} 应答`)
  },
}

/** `s-oa` of `s-oa/old`. */
const systemOf = (target: string): string => target.split('/')[0] ?? target

const oldAddress: LookRule = {
  ...fromInternet,
  id: 'migration.old-address',
  title: '已迁移的系统在原地址仍有应答',
  severity: 'medium',
  clauses: topics.unneededServices,
  why: '原系统无人维护却仍在运行：数据会不一致，漏洞不再修补。',
  remedy: '确认割接完成后关停原系统，收回地址与策略，做好数据销毁记录。',
  judge: ({ check, observation: { target, kind } }, { inventory }) => {
    const { expect } = check.job
    if (expect !== 'unreachable' || !inventory.migration.has(systemOf(target)) || !target.includes('/'))
      return undefined
    return check.status === 'unknown'
      ? undefined
      : hitIf(check.answers, `原地址仍有 ${kind.toUpperCase()} 应答`)
  },
}

export const boundaryRules = [unexpected, risky, fromInternet, crossed, oldAddress] as const
