import type { Metric, Reading } from '../../src/core/metric.ts'
import type { InterfaceFacts } from './interfaces.ts'
import type { SystemFacts } from './system.ts'

interface MetricFacts extends SystemFacts {
  readonly interfaces?: readonly InterfaceFacts[]
}

type Read = (facts: InterfaceFacts) => number | boolean | undefined

const readings =
  (read: Read) =>
  ({ interfaces = [] }: Partial<MetricFacts>): readonly Reading[] =>
    interfaces.flatMap((row) => {
      const value = read(row)
      const labels = { interface: row.name, index: String(row.index) }
      return value === undefined ? [] : [{ value: Number(value), labels }]
    })

const gauge = (name: string, help: string, read: Read): Metric<MetricFacts> => ({
  name: `yiwang_snmp_interface_${name}`,
  help,
  type: 'gauge',
  labels: ['interface', 'index'],
  read: readings(read),
})

const counter = (name: string, help: string, read: Read): Metric<MetricFacts> => ({
  ...gauge(name, help, read),
  type: 'counter',
})

const bytes = (metric: Metric<MetricFacts>): Metric<MetricFacts> => ({ ...metric, unit: 'bytes' })

const bytesPerSecond = ({ speedBitsPerSecond }: InterfaceFacts): number | undefined =>
  speedBitsPerSecond === undefined ? undefined : speedBitsPerSecond / 8

export const metrics: readonly Metric<MetricFacts>[] = [
  {
    name: 'yiwang_snmp_uptime_seconds',
    help: 'Time since the SNMP agent started (sysUpTime, goes round every 497 days)',
    type: 'gauge',
    unit: 'seconds',
    read: ({ sysUpTimeSeconds }) => sysUpTimeSeconds,
  },
  bytes(counter('receive_bytes_total', 'Octets received by the interface', (row) => row.inOctets)),
  bytes(counter('transmit_bytes_total', 'Octets sent by the interface', (row) => row.outOctets)),
  counter('receive_errors_total', 'Packets received with errors', (row) => row.inErrors),
  counter('transmit_errors_total', 'Packets not sent for errors', (row) => row.outErrors),
  counter('receive_discards_total', 'Sound packets received and discarded', (row) => row.inDiscards),
  counter('transmit_discards_total', 'Sound packets discarded before sending', (row) => row.outDiscards),
  gauge('oper_up', '1 where the interface works (ifOperStatus up)', (row) => row.operUp),
  gauge('admin_up', '1 where the interface is switched on (ifAdminStatus up)', (row) => row.adminUp),
  bytes(gauge('speed_bytes', 'Nominal speed of the interface in bytes per second', bytesPerSecond)),
]
