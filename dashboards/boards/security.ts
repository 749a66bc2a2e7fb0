import { assessments, own } from '../../src/metrics/catalogue.ts'
import { security } from '../../src/metrics/security.ts'
import { boardUrl, type BoardPlan, type Row } from '../kit/board.ts'
import { anyIsBad, rising, series, stat, table } from '../kit/panels.ts'
import { probeMetric } from '../kit/names.ts'
import { recorded } from '../rules/recorded.ts'
import { boardIds, orZero } from './common.ts'

const small = { width: 6, height: 4, unit: 'short', steps: anyIsBad } as const
const firing = 'ALERTS{alertstate="firing"}'
const unlooked = '没有这类探测时也是 0：看“平台自监控”中计划的探测。'

const handling: Row = {
  title: '发现与事件',
  panels: [
    stat({
      ...small,
      title: '未结的发现',
      description: '规则认定、尚未消失的问题；维护窗口与例外不计。',
      queries: [{ expr: orZero(`sum(${security.findings.name})`) }],
    }),
    stat({
      ...small,
      title: '未归档的事件',
      description: '一个根因一个事件，含已响应与处置中的。',
      queries: [{ expr: orZero(`sum(${security.incidents.name})`) }],
    }),
    stat({
      ...small,
      title: '等待最久的未受理事件',
      description: '还没有人受理的事件中，等得最久的已等多久；0 为没有。',
      unit: 's',
      queries: [{ expr: orZero(`max(${security.unacknowledged.name})`) }],
      steps: rising(1, 900),
    }),
    stat({
      ...small,
      title: '逾期未报',
      description: '按建议或确认的等级应当上报、已过时限而未报的次数。',
      queries: [{ expr: orZero(`sum(${security.reports.name}{due="overdue"})`) }],
    }),
    stat({
      ...small,
      title: '待报',
      description: '应当上报、时限未到的次数。',
      queries: [{ expr: orZero(`sum(${security.reports.name}{due="ahead"})`) }],
    }),
    stat({
      ...small,
      title: '逾期的责任单位任务',
      description: '过了期限而未办结的任务。',
      queries: [{ expr: orZero(`sum(${security.overdueTasks.name})`) }],
    }),
    stat({
      ...small,
      title: '生效的维护窗口与例外',
      description: '此刻使发现不成立的维护窗口与例外。',
      steps: rising(1, 20),
      queries: [{ expr: orZero(`sum(${security.quiet.name})`) }],
    }),
    stat({
      ...small,
      title: '距上次评估',
      description: '发现最近一次更新距现在多久；变大说明评估停了。',
      unit: 's',
      queries: [{ expr: `time() - max(${security.evaluation.name})` }],
      steps: rising(120, 600),
    }),
    table({
      title: '未结的发现，按规则',
      description: '每条规则的未结发现数，按严重程度。',
      unit: 'short',
      width: 12,
      height: 9,
      queries: [{ expr: `sort_desc(${security.findings.name} > 0)` }],
      columns: { rule: '规则', severity: '严重程度' },
      values: ['发现'],
    }),
    series({
      title: '事件，按状态',
      description: '未归档的事件：watching 监测，warned 预警，responding 响应，handling 处置。',
      unit: 'short',
      width: 12,
      height: 9,
      queries: [{ expr: `sum by (state) (${security.incidents.name})`, legend: '{{state}}' }],
    }),
  ],
}

const seen: Row = {
  title: '探测所见',
  panels: [
    stat({
      ...small,
      title: '证书过期或不可信',
      description: `已过期、名称不符、自签名、链不全或机构不受信任的端点。${unlooked}`,
      queries: [
        {
          expr: orZero(
            `count(${recorded.certificateSeconds.record} < 0 or ${probeMetric('tls_trusted')} == 0)`,
          ),
        },
      ],
    }),
    stat({
      ...small,
      title: '隔离被破坏',
      description: `不该到达的区域能够到达，或相反。${unlooked}`,
      queries: [{ expr: orZero(`count(${own.segmentationHolds.name} == 0)`) }],
    }),
    stat({
      ...small,
      title: '基线之外的开放端口',
      description: `开放而不在基线中的端口。${unlooked}`,
      queries: [{ expr: orZero(`sum(${probeMetric('ports_unexpected_open')})`) }],
    }),
    stat({
      ...small,
      title: '与基线不符的网页',
      description: `内容与批准的基线不同的网页。${unlooked}`,
      queries: [{ expr: orZero(`count(${probeMetric('page_matches_baseline')} == 0)`) }],
    }),
    stat({
      ...small,
      title: '有弱算法的 SSH',
      description: `提供弱算法的 SSH 服务。${unlooked}`,
      queries: [{ expr: orZero(`count(${probeMetric('ssh_weak_algorithms')} > 0)`) }],
    }),
    stat({
      ...small,
      title: '缺少的安全响应头',
      description: `网站没有的安全响应头，合计。${unlooked}`,
      queries: [{ expr: orZero(`count(${probeMetric('http_audit_header_present')} == 0)`) }],
    }),
    stat({
      ...small,
      title: '偏差的时钟',
      description: `与探针相差一秒以上的时间服务器。${unlooked}`,
      queries: [{ expr: orZero(`count(abs(${probeMetric('ntp_offset_seconds')}) > 1)`) }],
    }),
    stat({
      ...small,
      title: '与证据矛盾的测评记录',
      description: '全部测评中，记录的结果与证据所见相反的项。',
      queries: [{ expr: orZero(`sum(${assessments.claims.name}{check="contradicted"})`) }],
    }),
  ],
}

const alerting: Row = {
  title: '告警',
  panels: [
    table({
      title: '正在触发的告警',
      description: '每条告警一行；被抑制的也在内，通知以 Alertmanager 为准。处置见告警的 runbook。',
      unit: 'short',
      width: 24,
      height: 10,
      queries: [{ expr: firing }],
      columns: {
        alertname: '告警',
        severity: '级别',
        name: '对象',
        county: '区县代码',
        interface: '端口',
        target: '编号',
      },
      values: ['触发'],
      link: { title: '区县详情', url: boardUrl(boardIds.county, 'var-county=${__data.fields["区县代码"]}') },
    }),
    series({
      title: '告警数',
      description: '正在触发的告警，按级别。',
      unit: 'short',
      width: 24,
      height: 8,
      queries: [{ expr: `count by (severity) (${firing})`, legend: '{{severity}}' }],
    }),
  ],
}

export const securityBoard: BoardPlan = {
  uid: boardIds.security,
  title: '一网 · 安全态势',
  description: '发现、事件与上报时限，探测所见的安全问题，正在触发的告警。',
  rows: [handling, seen, alerting],
}
