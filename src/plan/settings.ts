import type { Settings } from '../config/settings.ts'
import type { PlanSettings } from './wish.ts'

const defaultTimeoutSeconds = 5
/** Between two requests to a target, as the kind has it by default. */
const icmpGapSeconds = 0.2

/** Kinds that the configuration does not know are looked at this often. */
const otherIntervalSeconds = 60

const icmpSettings = ({ intervalSeconds, count, packetTimeoutSeconds }: Settings['probing']['icmp']) => {
  const longest = (count - 1) * icmpGapSeconds + packetTimeoutSeconds
  const timeoutSeconds = Math.max(defaultTimeoutSeconds, Math.ceil(longest))
  return { intervalSeconds, options: { count, packetTimeoutSeconds, timeoutSeconds } }
}

/** What the configuration says of every job of a kind. */
export const planSettings = ({ icmp, tcp, http, tls, dns, snmp }: Settings['probing']): PlanSettings => {
  const paced = Object.entries({ tcp, http, tls, dns, snmp }).map(
    ([kind, { intervalSeconds, timeoutSeconds }]) =>
      [kind, { intervalSeconds, options: { timeoutSeconds } }] as const,
  )
  return {
    intervalSeconds: otherIntervalSeconds,
    kinds: { icmp: icmpSettings(icmp), ...Object.fromEntries(paced) },
  }
}
