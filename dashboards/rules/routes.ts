import { stringify } from 'yaml'

/**
 * What one cause makes fire beside its own alert: the cause is notified, these are not. YiwangTargetsUnknown is held
 * back by none: its rule counts only what no other alert explains.
 */
const inhibitions = [
  {
    // Behind a county's dead line or node.
    source_matchers: ['alertname=~"YiwangNodeDown|YiwangLineDown"'],
    target_matchers: ['alertname=~"YiwangTargetUnreachable|YiwangRedundancyLost"'],
    equal: ['county'],
  },
  {
    // Behind the city: whatever county.
    source_matchers: ['alertname="YiwangNodeDown"', 'level=~"province|city"'],
    target_matchers: ['alertname=~"YiwangTargetUnreachable|YiwangRedundancyLost|YiwangAgentSilent"'],
  },
  {
    // Whatever else is wrong with what is down.
    source_matchers: ['alertname=~"YiwangNodeDown|YiwangSystemDown|YiwangDeviceDown"'],
    target_matchers: ['alertname=~"YiwangPacketLoss|YiwangInterface.*|YiwangClockOff"'],
    equal: ['target'],
  },
] as const

/**
 * Configuration of Alertmanager, as YAML. One notification for each alert and county; `webhook` is who is told.
 */
export const routesFile = (webhook: string): string => {
  const receiver = {
    url: webhook,
    send_resolved: true,
    // Beside this file.
    http_config: { authorization: { credentials_file: 'webhook-token' } },
  }
  return stringify(
    {
      route: {
        receiver: 'duty',
        group_by: ['alertname', 'county'],
        group_wait: '30s',
        group_interval: '5m',
        repeat_interval: '4h',
        routes: [{ receiver: 'nobody', matchers: ['severity="info"'] }],
      },
      inhibit_rules: inhibitions,
      receivers: [{ name: 'duty', webhook_configs: [receiver] }, { name: 'nobody' }],
    },
    { lineWidth: 0 },
  )
}
