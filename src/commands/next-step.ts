import type { EnvironmentCode, EnvironmentFault } from '../core/fault.ts'

/** Where a fault itself has no better one; docs/operations.md says more of each code. */
const usualNextStep: Readonly<Record<EnvironmentCode, string>> = {
  STORE_BROKEN: 'restore a backup: yiwang restore FILE --force',
  STORE_LOCKED: 'wait until the other process is done',
  STORE_NEWER: 'run the yiwang that wrote it, or a newer one',
  STORE_MISSING: 'yiwang init, or name the right folder with --data',
  DISK_FULL: 'free some space and do it again',
  PORT_IN_USE: 'stop the other process, or choose another port',
  FILE_UNREADABLE: 'check that the path is right and that this user may use it',
  COLLECTOR_UNREACHABLE: 'check the address, the line, and that the collector runs',
  COLLECTOR_REFUSED: 'the collector’s own words are above; its log has more',
  PROTOCOL_MISMATCH: 'upgrade the older of agent and collector',
  GRAFANA_UNREACHABLE: 'check the address, the line, and that Grafana runs',
  GRAFANA_REFUSED: 'Grafana’s own words are above; its log has more',
  SOCKET_DENIED: 'yiwang doctor says what this process may open',
}

export const nextStepOf = ({ code, suggestion }: EnvironmentFault): string =>
  suggestion ?? usualNextStep[code]
