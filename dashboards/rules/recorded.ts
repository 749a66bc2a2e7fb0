import { own } from '../../src/metrics/catalogue.ts'
import { probeMetric } from '../kit/names.ts'

/** A series that Prometheus computes from others at each evaluation. */
export interface RecordingRule {
  readonly record: string
  readonly expr: string
}

const state = 'target:yiwang_state'

/** Values of `target:yiwang_state`. */
export const states = { down: 0, up: 1, unreachable: 2, unknown: 3 } as const

const utilisation = (direction: 'receive' | 'transmit'): RecordingRule => ({
  record: `interface:yiwang_snmp_${direction}_utilisation:ratio_rate5m`,
  expr: `rate(${probeMetric(`snmp_interface_${direction}_bytes_total`)}[5m]) / (${probeMetric('snmp_interface_speed_bytes')} > 0)`,
})

export const recorded = {
  /** One number for each target that somebody looks at. */
  state: {
    record: state,
    expr: `(${own.targetUnreachable.name} == 1) * ${states.unreachable} or (${own.targetUnknown.name} == 1) * ${states.unknown} or ${own.targetUp.name}`,
  },
  countyNodes: { record: 'county:yiwang_nodes:count', expr: `count by (county) (${state}{class="node"})` },
  countyNodesUp: {
    record: 'county:yiwang_nodes_up:count',
    expr: `sum by (county) (${state}{class="node"} == bool ${states.up})`,
  },
  countyCoverage: {
    record: 'county:yiwang_nodes_up:ratio',
    expr: 'county:yiwang_nodes_up:count / county:yiwang_nodes:count',
  },
  certificateSeconds: {
    record: 'target:yiwang_tls_certificate_left:seconds',
    expr: `${probeMetric('tls_certificate_not_after_timestamp_seconds')} - time()`,
  },
  receiveUtilisation: utilisation('receive'),
  transmitUtilisation: utilisation('transmit'),
} as const satisfies Readonly<Record<string, RecordingRule>>
