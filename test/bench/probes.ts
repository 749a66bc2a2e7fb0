import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { startSnmpd } from '../probes/snmp-peers.ts'
import { requires } from '../support/services.ts'
import { startDialogue } from './dialogue.ts'
import { load, median } from './process.ts'
import type { Order } from './prober.ts'
import {
  type Exporter,
  type Request,
  type Round,
  startBlackbox,
  startSnmpExporter,
} from './rivals/exporters.ts'
import { startNginx } from './rivals/nginx.ts'

/**
 * Our probes beside blackbox_exporter and snmp_exporter, in turn, on the same servers with as many at once. Theirs is
 * asked over HTTP by wrk, since an exporter has no other way; ours runs as in an agent. What counts is the prober's own
 * CPU; wrk and the servers share the machine with theirs, the servers with ours. Ratios are ours : theirs.
 */
const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const [rounds, seconds] = [Number(flags.rounds), Number(flags.seconds)]
if (requires('wrk', 'nginx', 'snmpd', 'prometheus-blackbox-exporter', 'prometheus-snmp-exporter').skip)
  process.exit(0)

const folder = await mkdtemp(path.join(os.tmpdir(), 'yiwang-bench-'))
await using cleanUp = new AsyncDisposableStack()
cleanUp.defer(() => rm(folder, { recursive: true }))
const nginx = cleanUp.use(await startNginx(folder))
const snmpd = cleanUp.use(await startSnmpd())
const blackbox = cleanUp.use(await startBlackbox(folder))
const snmpExporter = cleanUp.use(await startSnmpExporter(folder))
const prober = cleanUp.use(startDialogue<Order, Round>(path.join(import.meta.dirname, 'prober.ts')))

interface Comparison {
  readonly name: string
  readonly exporter: Exporter
  readonly request: Pick<Request, 'path' | 'want' | 'targets'>
  readonly order: Pick<Order, 'kind' | 'options' | 'targets' | 'through'>
  readonly atOnce: number
}

const address = '127.0.0.1'
const blackboxed = { exporter: blackbox, atOnce: 64 }
const blackboxPath = (module: string, target: string | number) => ({
  path: `/probe?module=${module}&target=${target}`,
  want: 'probe_success 1',
})
const devices = 30_000

const snmp = (name: string, module: string, credential: string): Comparison => ({
  name,
  exporter: snmpExporter,
  request: { path: `/snmp?module=${module}&target=${address}:${snmpd.port}`, want: 'ifOperStatus' },
  order: { kind: 'snmp', options: { address, port: snmpd.port, credential, timeoutSeconds: 5 } },
  atOnce: 16,
})

const comparisons: readonly Comparison[] = [
  {
    name: 'tcp: connect',
    ...blackboxed,
    request: blackboxPath('tcp', `${address}:${nginx.http}`),
    order: { kind: 'tcp', options: { address, port: nginx.http } },
  },
  {
    name: 'http: GET with phases',
    ...blackboxed,
    request: blackboxPath('http', `http://${address}:${nginx.http}/`),
    order: { kind: 'http', options: { address, port: nginx.http, scheme: 'http' } },
  },
  {
    name: 'tls: handshake and chain',
    ...blackboxed,
    request: blackboxPath('tls', `${address}:${nginx.https}`),
    order: { kind: 'tls', options: { address, port: nginx.https } },
  },
  snmp('snmp v2c: sysUpTime and if_mib', 'if_mib', 'community'),
  snmp('snmp v2c: the same columns', 'interfaces', 'community'),
  snmp('snmp v3 authPriv: sysUpTime and if_mib', 'if_mib_v3', 'user'),
  snmp('snmp v3 authPriv: the same columns', 'interfaces_v3', 'user'),
  {
    name: 'icmp: one packet',
    ...blackboxed,
    request: { ...blackboxPath('icmp', '%TARGET%'), targets: devices },
    order: { kind: 'icmp', options: { count: 1, packetsPerSecond: 1_000_000 }, targets: devices },
  },
  {
    name: 'icmp: one packet, on disk and through to /metrics',
    ...blackboxed,
    request: { ...blackboxPath('icmp', '%TARGET%'), targets: devices },
    order: {
      ...{ kind: 'icmp', options: { count: 1, packetsPerSecond: 1_000_000 } },
      ...{ targets: devices, through: true },
    },
  },
]

const rounded = (value: number): number => Number(value.toPrecision(3))

const middle = (all: readonly Round[], figure: 'perSecond' | 'cpuPerThousand'): number =>
  median(all.map((round) => round[figure]))

const failedOf = (all: readonly Round[]): number => all.reduce((sum, { failed }) => sum + failed, 0)

const compare = async ({ name, exporter, request, order, atOnce }: Comparison) => {
  const [ours, theirs]: [Round[], Round[]] = [[], []]
  await prober.ask({ ...order, atOnce, seconds: 1 })
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await prober.ask({ ...order, atOnce, seconds }))
    theirs.push(await exporter.probe({ ...request, atOnce, seconds }))
  }
  const [rate, cpu] = [middle(ours, 'perSecond'), middle(ours, 'cpuPerThousand')]
  const [theirRate, theirCpu] = [middle(theirs, 'perSecond'), middle(theirs, 'cpuPerThousand')]
  return {
    name,
    'per second': Math.round(rate),
    'rival per second': Math.round(theirRate),
    'rate ratio': rounded(rate / theirRate),
    'CPU s per 1,000': rounded(cpu),
    'rival CPU s per 1,000': rounded(theirCpu),
    'CPU ratio': rounded(cpu / theirCpu),
    MB: Math.round(ours.at(-1)!.residentMegabytes),
    'rival MB': Math.round(theirs.at(-1)!.residentMegabytes),
    failed: failedOf(ours),
    'rival failed': failedOf(theirs),
  }
}

const rows = []
for (const comparison of comparisons)
  if (flags.only === undefined || comparison.name.includes(flags.only)) rows.push(await compare(comparison))
if (flags.json) console.log(JSON.stringify(rows))
else {
  console.log(`load ${load()}, ${rounds} rounds of ${seconds} s each`)
  console.table(rows)
}
