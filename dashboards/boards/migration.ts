import { stateLabels } from '../../inventory/migration/model.ts'
import { own } from '../../src/metrics/catalogue.ts'
import type { BoardPlan, Row } from '../kit/board.ts'
import { anyIsBad, labelWords, series, stat, table } from '../kit/panels.ts'
import { boardIds, orZero } from './common.ts'

const systems = own.migrationSystems.name
const small = { width: 6, height: 4 } as const
const done = 'state=~"accepted|decommissioned"'

const inState = (matcher: string): string => orZero(`sum(${systems}{${matcher}})`)

const now: Row = {
  title: '现在',
  panels: [
    stat({
      ...small,
      title: '已验收比例',
      description: '已验收或原系统已下线的系统，占应迁移系统（不含不宜上云与整合关停）之比。',
      unit: 'percentunit',
      queries: [{ expr: `(${inState(done)}) / sum(${systems}{state!~"exempt|merged"})` }],
    }),
    stat({
      ...small,
      title: '迁移中',
      description: '资源已开通、部署迁移中、试运行或已割接的系统。',
      unit: 'short',
      queries: [{ expr: inState('state=~"provisioned|deploying|trial|cutover"') }],
    }),
    stat({
      ...small,
      title: '受阻、暂缓或已回退',
      description: '离开了既定步骤、要有人推动的系统。',
      unit: 'short',
      queries: [{ expr: inState('state=~"blocked|deferred|rolled_back"') }],
      steps: anyIsBad,
    }),
    stat({
      ...small,
      title: '记录与实测矛盾',
      description: '说已割接而原地址仍应答，或说已在云上而新地址不应答的系统。',
      unit: 'short',
      queries: [{ expr: orZero(`sum(${own.outages.name}{class="migration"})`) }],
      steps: anyIsBad,
    }),
  ],
}

const stateNames = labelWords(stateLabels)

const progress: Row = {
  title: '漏斗与批次',
  panels: [
    table({
      width: 12,
      height: 10,
      title: '漏斗',
      description: '按状态计数。',
      unit: 'short',
      queries: [{ expr: `sum by (state) (${systems})` }],
      columns: { state: '状态' },
      values: ['系统'],
      mappings: stateNames,
    }),
    table({
      width: 12,
      height: 10,
      title: '批次',
      description: '按批次与状态计数；没有批次的留空。',
      unit: 'short',
      queries: [{ expr: `sum by (wave, state) (${systems})` }],
      columns: { wave: '批次', state: '状态' },
      values: ['系统'],
      mappings: stateNames,
    }),
    series({
      width: 24,
      height: 8,
      title: '各状态的系统数',
      description: '随时间；向右应从前面的状态走到后面的状态。',
      unit: 'short',
      queries: [{ expr: `sum by (state) (${systems})`, legend: '{{state}}' }],
    }),
  ],
}

export const migration: BoardPlan = {
  uid: boardIds.migration,
  title: '一网 · 迁移上云',
  description: '系统迁移到政务云的漏斗、批次与矛盾。',
  rows: [now, progress],
}
