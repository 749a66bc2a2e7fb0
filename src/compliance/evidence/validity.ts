const hour = 3600
const day = 24 * hour

/**
 * How long what was seen counts, in seconds, unless three of its intervals are longer. Ours, no standard's: what
 * changes with a keystroke is to be looked at again within hours, what takes a change of the software within days.
 */
export const validSeconds: Readonly<Record<string, number>> = {
  icmp: hour,
  tcp: hour,
  tls: hour,
  http: hour,
  dns: day,
  snmp: hour,
  'snmp-trap': 7 * day,
  syslog: day,
  ntp: hour,
  ssh: day,
  ports: 6 * hour,
  path: day,
  host: hour,
  page: 6 * hour,
  links: 3 * day,
  'http-audit': 3 * day,
  'tls-audit': 3 * day,
  'ipv6-ready': 3 * day,
  segmentation: hour,
  'host-check': 30 * day,
  record: day,
}

const unlisted = hour

/** The last instant at which it counts, milliseconds since the epoch. */
export const validUntil = (kind: string, observedAt: number, intervalSeconds = 0): number =>
  observedAt + Math.max(validSeconds[kind] ?? unlisted, 3 * intervalSeconds) * 1000
