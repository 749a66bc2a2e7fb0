import { stringify } from 'yaml'

/** What one cause makes fire beside its own alert: the cause is notified, these are not. */
const inhibitions = [
  {
    why: '一个区县的线路或节点断了，其后的不再逐个通知',
    source_matchers: ['alertname=~"YiwangNodeDown|YiwangLineDown"'],
    target_matchers: ['alertname=~"YiwangTargetUnreachable|YiwangRedundancyLost|YiwangTargetsUnknown"'],
    equal: ['county'],
  },
  {
    why: '市级以上节点断了，各区县的后果都不再通知',
    source_matchers: ['alertname="YiwangNodeDown"', 'level=~"province|city"'],
    target_matchers: [
      'alertname=~"YiwangTargetUnreachable|YiwangRedundancyLost|YiwangTargetsUnknown|YiwangAgentSilent"',
    ],
  },
  {
    why: '看的人不在了，看不到的不再通知',
    source_matchers: ['alertname=~"YiwangAgentSilent|YiwangCollectorDown"'],
    target_matchers: ['alertname="YiwangTargetsUnknown"'],
  },
  {
    why: '对象断了，它的其他毛病不再通知',
    source_matchers: ['alertname=~"YiwangNodeDown|YiwangSystemDown|YiwangDeviceDown"'],
    target_matchers: ['alertname=~"YiwangPacketLoss|YiwangInterface.*|YiwangClockOff"'],
    equal: ['target'],
  },
] as const

/**
 * Configuration of Alertmanager, as YAML. One notification for each alert and county; `webhook` is who is told.
 */
export const routesFile = (webhook: string): string =>
  stringify(
    {
      route: {
        receiver: 'duty',
        group_by: ['alertname', 'county'],
        group_wait: '30s',
        group_interval: '5m',
        repeat_interval: '4h',
        routes: [{ receiver: 'nobody', matchers: ['severity="info"'] }],
      },
      inhibit_rules: inhibitions.map(({ why: _, ...rule }) => rule),
      receivers: [
        { name: 'duty', webhook_configs: [{ url: webhook, send_resolved: true }] },
        { name: 'nobody' },
      ],
    },
    { lineWidth: 0 },
  )
