import type { Metric, Reading } from '../../src/core/metric.ts'
import type { FilesystemFacts, HostFacts, InterfaceFacts } from './facts.ts'

type Read = Metric<HostFacts>['read']

const gauge = (name: string, help: string, read: Read): Metric<HostFacts> => ({
  name: `yiwang_host_${name}`,
  help,
  type: 'gauge',
  read,
})

const inUnit = (unit: 'bytes' | 'seconds' | 'ratio', metric: Metric<HostFacts>): Metric<HostFacts> => ({
  ...metric,
  unit,
})

const truth = (value: boolean | undefined): number | undefined =>
  value === undefined ? undefined : Number(value)

const readings = <Row>(
  rows: readonly Row[] | undefined,
  labels: (row: Row) => Readonly<Record<string, string>>,
  read: (row: Row) => number | undefined,
): readonly Reading[] =>
  (rows ?? []).flatMap((row) => {
    const value = read(row)
    return value === undefined ? [] : [{ value, labels: labels(row) }]
  })

/** Mount points are the machine's own words, of at most 32 file systems and 128 characters. */
const filesystem = (
  name: string,
  help: string,
  read: (row: FilesystemFacts) => number | undefined,
): Metric<HostFacts> => ({
  ...gauge(`filesystem_${name}`, help, ({ filesystems }) =>
    readings(filesystems, ({ mountpoint }) => ({ mountpoint }), read),
  ),
  labels: ['mountpoint'],
})

/** Names of at most 64 interfaces, of 15 characters on Linux. */
const networkInterface = (
  name: string,
  help: string,
  read: (row: InterfaceFacts) => number | undefined,
): Metric<HostFacts> => ({
  ...gauge(`interface_${name}`, help, ({ interfaces }) =>
    readings(interfaces, (row) => ({ interface: row.name }), read),
  ),
  labels: ['interface'],
})

const counter = (metric: Metric<HostFacts>): Metric<HostFacts> => ({ ...metric, type: 'counter' })

export const metrics: readonly Metric<HostFacts>[] = [
  inUnit(
    'seconds',
    gauge('uptime_seconds', 'Time since the machine started', (facts) => facts.uptimeSeconds),
  ),
  gauge('load1', 'Processes that ran or waited to, mean of one minute', (facts) => facts.load1),
  gauge('load5', 'Processes that ran or waited to, mean of five minutes', (facts) => facts.load5),
  gauge('load15', 'Processes that ran or waited to, mean of fifteen minutes', (facts) => facts.load15),
  gauge('cpus', 'Processors of the machine', (facts) => facts.cpuCount),
  inUnit(
    'ratio',
    gauge('cpu_busy_ratio', 'Share of processor time that was not idle', (facts) => facts.cpuBusyRatio),
  ),
  inUnit(
    'bytes',
    gauge('memory_size_bytes', 'Memory of the machine', (facts) => facts.memory?.totalBytes),
  ),
  inUnit(
    'bytes',
    gauge(
      'memory_available_bytes',
      'Memory that programs can still get without swapping',
      (facts) => facts.memory?.availableBytes,
    ),
  ),
  inUnit(
    'bytes',
    gauge('swap_size_bytes', 'Swap space', (facts) => facts.memory?.swapTotalBytes),
  ),
  inUnit(
    'bytes',
    gauge('swap_free_bytes', 'Swap space that is free', (facts) => facts.memory?.swapFreeBytes),
  ),
  inUnit(
    'bytes',
    filesystem('size_bytes', 'Size of the file system', (row) => row.sizeBytes),
  ),
  inUnit(
    'bytes',
    filesystem('available_bytes', 'Space left to users other than root', (row) => row.availableBytes),
  ),
  filesystem('inodes', 'Inodes of the file system', (row) => row.inodes),
  filesystem('inodes_free', 'Inodes that are free', (row) => row.inodesFree),
  filesystem('read_only', '1 where the file system is mounted read-only', (row) => Number(row.readOnly)),
  networkInterface('up', '1 where the interface works', ({ state }) =>
    state === 'unknown' ? undefined : Number(state === 'up'),
  ),
  inUnit(
    'bytes',
    networkInterface(
      'speed_bytes',
      'Nominal speed of the interface in bytes per second',
      ({ speedBitsPerSecond }) => (speedBitsPerSecond === undefined ? undefined : speedBitsPerSecond / 8),
    ),
  ),
  inUnit(
    'bytes',
    counter(
      networkInterface('receive_bytes_total', 'Bytes received by the interface', (row) => row.receiveBytes),
    ),
  ),
  inUnit(
    'bytes',
    counter(
      networkInterface('transmit_bytes_total', 'Bytes sent by the interface', (row) => row.transmitBytes),
    ),
  ),
  counter(
    networkInterface('receive_errors_total', 'Packets received with errors', (row) => row.receiveErrors),
  ),
  counter(
    networkInterface('transmit_errors_total', 'Packets not sent for errors', (row) => row.transmitErrors),
  ),
  counter(
    networkInterface('receive_drops_total', 'Sound packets received and dropped', (row) => row.receiveDrops),
  ),
  counter(
    networkInterface(
      'transmit_drops_total',
      'Sound packets dropped before sending',
      (row) => row.transmitDrops,
    ),
  ),
  gauge('listening_sockets', 'Addresses and ports that somebody listens on', (facts) => facts.listeningCount),
  gauge('processes', 'Processes of the machine', (facts) => facts.processCount),
  gauge('users', 'Sessions of people who are logged in', (facts) => facts.users?.length),
  gauge('failed_services', 'Units of systemd that failed', (facts) => facts.failedServices?.length),
  gauge('reboot_required', '1 where updates wait for a restart', (facts) => truth(facts.rebootRequired)),
  gauge('clock_synchronised', '1 where the kernel holds its clock for synchronised', (facts) =>
    truth(facts.clock?.synchronised),
  ),
  inUnit(
    'seconds',
    gauge(
      'clock_max_error_seconds',
      'Largest error of the clock that the kernel reckons with',
      (facts) => facts.clock?.maxErrorSeconds,
    ),
  ),
  gauge(
    'unread_parts',
    'Parts of the machine that could not be read in the last run',
    (facts) => facts.unread?.length,
  ),
]
