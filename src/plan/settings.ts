import { probes } from '../../probes/index.ts'
import { cadenceOf, type Settings } from '../config/index.ts'
import type { KindSettings, PlanSettings } from './wish.ts'

/** How often and how patiently one kind looks, as the configuration says it. */
const kindSettings = (probing: Settings['probing'], kind: string): KindSettings => {
  if (kind === 'icmp') {
    const { intervalSeconds, count, packetTimeoutSeconds } = probing.icmp
    return { intervalSeconds, options: { count, packetTimeoutSeconds } }
  }
  const { intervalSeconds, timeoutSeconds } = cadenceOf(probing, kind) ?? {}
  return { intervalSeconds, ...(timeoutSeconds !== undefined && { options: { timeoutSeconds } }) }
}

export const planSettings = (probing: Settings['probing']): PlanSettings => ({
  intervalSeconds: 60,
  kinds: Object.fromEntries(probes.map(({ kind }) => [kind, kindSettings(probing, kind)])),
})
