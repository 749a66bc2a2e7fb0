import type { Settings } from '../config/index.ts'
import type { KindSettings, PlanSettings } from './wish.ts'

const cadence = ({
  intervalSeconds,
  timeoutSeconds,
}: {
  readonly intervalSeconds: number
  readonly timeoutSeconds: number
}): KindSettings => ({ intervalSeconds, options: { timeoutSeconds } })

/** How often and how patiently to look, as the configuration says it. */
export const planSettings = ({ icmp, tcp, http, tls, dns, snmp }: Settings['probing']): PlanSettings => ({
  intervalSeconds: tcp.intervalSeconds,
  kinds: {
    icmp: {
      intervalSeconds: icmp.intervalSeconds,
      options: { count: icmp.count, packetTimeoutSeconds: icmp.packetTimeoutSeconds },
    },
    tcp: cadence(tcp),
    http: cadence(http),
    tls: cadence(tls),
    dns: cadence(dns),
    snmp: cadence(snmp),
  },
})
