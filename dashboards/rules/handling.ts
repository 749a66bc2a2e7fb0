import { own } from '../../src/metrics/catalogue.ts'
import { security } from '../../src/metrics/security.ts'
import { figures, notify, syslog } from '../../src/metrics/telling.ts'
import type { AlertRule } from './alert.ts'

const minute = 60

/** What is not handled in time, does not reach people, or is not recorded. */
export const handlingAlerts: readonly AlertRule[] = [
  {
    name: 'YiwangIncidentUnacknowledged',
    expr: `${security.unacknowledged.name} > ${15 * minute}`,
    for: '1m',
    severity: 'critical',
    summary: '有事件 {{ $value | humanizeDuration }} 无人受理',
    meaning: '事件已通知值班人员，超过时限仍无人受理，期间已逐级通知。',
    steps: [
      '`yiwang incident list` 看是哪些，`yiwang incident ack 编号` 受理。',
      '核对值班表：`yiwang duty list`；核对通知是否送达：`yiwang notify log`。',
    ],
  },
  {
    name: 'YiwangReportDueSoon',
    expr: `${security.nextReport.name} - time() > 0 and ${security.nextReport.name} - time() < ${30 * minute}`,
    for: '0m',
    severity: 'critical',
    summary: '距事件上报时限还有 {{ $value | humanizeDuration }}',
    meaning: '按建议或确认的等级应当上报，时限将到。等级是建议，由人确认。',
    steps: [
      '`yiwang incident list` 看是哪一件，研判等级：`yiwang incident note 编号 --grade 等级 --note 理由`。',
      '上报后登记：`yiwang incident note 编号 --reported --note 报送对象与时间`。',
    ],
  },
  {
    name: 'YiwangReportOverdue',
    expr: `${security.reports.name}{due="overdue"} > 0`,
    for: '0m',
    severity: 'critical',
    summary: '有 {{ $value }} 次事件上报已逾期',
    meaning: '按建议或确认的等级应当上报，时限已过而没有登记上报。',
    steps: [
      '立即上报；已上报的登记：`yiwang incident note 编号 --reported --note 报送对象与时间`。',
      '等级不当的由人改定，时限随之改变。',
    ],
  },
  {
    name: 'YiwangTaskOverdue',
    expr: `${security.overdueTasks.name} > 0`,
    for: '30m',
    severity: 'warning',
    summary: '有 {{ $value }} 项责任单位任务逾期',
    meaning: '派给责任单位的处置任务过了期限而未办结。',
    steps: ['`yiwang incident list` 与 `yiwang incident show 编号` 看是哪些。', '督促责任单位。'],
  },
  {
    name: 'YiwangFindingsStale',
    expr: `time() - ${security.evaluation.name} > ${5 * minute}`,
    for: '1m',
    severity: 'critical',
    summary: '发现已 {{ $value | humanizeDuration }} 没有更新',
    meaning: '规则没有在评估：此间出的问题不会成为事件，也不会通知。',
    steps: [
      '看采集端日志中 findings are not up to date 的 error；常见是磁盘已满。',
      '`yiwang finding list` 会说明事件库读不了的原因。',
    ],
  },
  {
    name: 'YiwangNotifyFailing',
    expr: `${notify.failing.name} > 0`,
    for: '5m',
    severity: 'critical',
    summary: '通知渠道 {{ $labels.channel }} 有 {{ $value }} 条送不出去',
    meaning: '渠道不收消息，正在重试；一天后放弃。',
    steps: [
      '`yiwang notify log --state waiting` 看渠道答复了什么。',
      '`yiwang notify test --channel 名称` 核对地址、密钥与到它的网络。',
      '此间值守改看 `yiwang incident list` 与大屏。',
    ],
  },
  {
    name: 'YiwangNotifyGivenUp',
    expr: `delta(${notify.deliveries.name}{state="given-up"}[1h]) > 0`,
    for: '0m',
    severity: 'warning',
    summary: '通知渠道 {{ $labels.channel }} 有消息被放弃',
    meaning: '消息重试一天仍未送达，不再发送。',
    steps: ['`yiwang notify log --state given-up` 看是哪些，逐条转告。'],
  },
  {
    name: 'YiwangLogSourceSilent',
    expr: `${syslog.silent.name} == 1`,
    for: '10m',
    severity: 'warning',
    summary: '{{ $labels.source }} 停止报送日志',
    meaning: '设备停止报送日志：出了事查不到经过；关闭日志还可能是入侵者所为。',
    steps: [
      '`yiwang log sources` 看是哪台设备、最后一条在何时。',
      '核对设备的日志服务器设置与到采集端的线路；查看是谁在何时改了配置。',
      '设备已停用：从台账删去（`yiwang device remove 编号`），或从 `collector.syslog.allow` 去掉，告警即止。',
    ],
  },
  {
    name: 'YiwangLogNotStored',
    expr: `increase(${syslog.refused.name}{reason="no-room"}[15m]) > 0`,
    for: '0m',
    severity: 'critical',
    summary: '日志存不下，正在拒收',
    meaning: '磁盘已满或太慢，日志在丢失；留存不满六个月不符合要求。',
    steps: ['`df -h` 与采集端日志；扩容或清出空间。', '不要删日志库：留存期内的日志须保留。'],
  },
  {
    name: 'YiwangConnectionsDropped',
    expr: `increase(${own.droppedConnections.name}[15m]) > 0 or increase(${syslog.refused.name}{reason="too-many-connections"}[15m]) > 0`,
    for: '0m',
    severity: 'warning',
    summary: '连接数已满，采集端十五分钟内关闭了 {{ $value | humanize }} 个连接',
    meaning:
      '同时打开的连接超过上限（采集端 2048，日志每个监听 1024），多出的未经应答即被关闭：探针会重试，日志设备可能丢日志。',
    steps: [
      '在采集端主机上看连接来自谁：`ss -tn state established`。',
      '有标签 reason 的是日志监听，没有的是采集端；有人反复建连而不关，先在防火墙上限制它。',
    ],
  },
  {
    name: 'YiwangFiguresUnreadable',
    expr: `${figures.readable.name} == 0`,
    for: '2m',
    severity: 'critical',
    summary: '采集端读不了 {{ $labels.of }} 的数据',
    meaning: '这部分指标缺失，相关告警不会触发。',
    steps: ['看采集端日志中 figures cannot be read 的 error。', '按 docs/operations.md 从备份恢复该库。'],
  },
]
