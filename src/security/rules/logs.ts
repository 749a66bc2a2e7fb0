import { topics } from '../../compliance/evidence/topics.ts'
import { hitIf, type LogRule, twice } from '../rule.ts'

const silent: LogRule = {
  from: 'log',
  id: 'log.silent',
  title: '设备停止报送日志',
  severity: 'medium',
  category: 'anomaly',
  clauses: [...topics.boundaryAudit, ...topics.boundaryAuditProtection],
  policy: { ...twice, close: 1 },
  why: '出了事查不到经过，日志留存也不满六个月；关闭日志还可能是入侵者所为。',
  remedy: '核对设备的日志服务器设置与到采集端的线路；查看是谁在何时改了配置。',
  judge: ({ source, state, lastAt }, { now }) => {
    if (state === 'never') return hitIf(true, `从未收到 ${source} 的日志`, { severity: 'low' })
    const hours = lastAt === undefined ? 0 : (now - lastAt) / 3_600_000
    return hitIf(state === 'silent', `${source} 已 ${hours.toFixed(1)} 小时没有日志`)
  },
}

export const logRules = [silent] as const
