import type { Incident } from '../events.ts'

/** Rules of security monitoring that see what an alert of `dashboards/rules` sees, by the alert's name. */
export const rulesOfAlert: Readonly<Record<string, readonly string[]>> = {
  YiwangNodeDown: ['node.down', 'hall.down', 'target.degraded'],
  YiwangLineDown: ['uplink.down'],
  YiwangSystemDown: ['system.down', 'target.degraded'],
  YiwangDeviceDown: ['device.down', 'target.degraded'],
  YiwangRedundancyLost: ['node.redundancy-lost'],
  YiwangAgentSilent: ['agent.silent'],
  YiwangAgentClockSkewed: ['agent.clock'],
  YiwangPacketLoss: ['quality.loss'],
  YiwangInterfaceSaturated: ['interface.saturation'],
  YiwangInterfaceErrors: ['interface.errors'],
  YiwangCertificateExpired: ['tls.expired'],
  YiwangCertificateExpiresSoon: ['tls.expiring'],
  YiwangCertificateUntrusted: ['tls.self-signed', 'tls.wrong-name', 'tls.incomplete-chain'],
  YiwangSegmentationViolated: ['boundary.crossed', 'boundary.internal-from-internet'],
  YiwangPageChanged: ['web.page-changed'],
  YiwangUnexpectedPort: ['ports.unexpected'],
  YiwangClockOff: ['ntp.offset'],
}

/** What an alert speaks of, as incidents name it. */
export interface Subject {
  readonly rules: readonly string[]
  /** Target or agent. */
  readonly target: string
  /** Milliseconds since the epoch. */
  readonly startsAt: number
}

interface Alert {
  readonly labels: Readonly<Record<string, string>>
  readonly startsAt: string
}

/** Undefined: no rule sees what this alert sees. */
export const subjectOf = ({ labels, startsAt }: Alert): Subject | undefined => {
  const rules = rulesOfAlert[labels['alertname'] ?? '']
  const target = labels['target'] ?? labels['agent']
  return rules === undefined || target === undefined
    ? undefined
    : { rules, target, startsAt: Date.parse(startsAt) }
}

/** The incident by which people are told, or were told, of the same trouble. What is only watched tells nobody. */
export const tellingOf = (
  { rules, target, startsAt }: Subject,
  incidents: readonly Incident[],
): Incident | undefined =>
  incidents.find(({ state, severity, acknowledgedAt, targets, findings, recoveredAt }) => {
    const isTold = state !== 'watching' && (severity !== 'medium' || acknowledgedAt !== undefined)
    const isOn = (id: string): boolean =>
      rules.some((rule) => id === `${rule}@agent:${target}`) ||
      (targets.includes(target) && rules.some((rule) => id.startsWith(`${rule}@`)))
    return isTold && startsAt <= (recoveredAt ?? Infinity) && findings.some(isOn)
  })
