import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { closedPort, isOpen } from '../../support/peers.ts'
import { type Child, cpuSeconds, residentMegabytes, run } from '../process.ts'
import { snmpModules } from './snmp-modules.ts'

/** What a probe exporter did in one round. */
export interface Round {
  readonly probes: number
  readonly failed: number
  readonly perSecond: number
  /** CPU seconds of the prober for 1,000 probes; what asks it, and what it asks, are not in it. */
  readonly cpuPerThousand: number
  readonly residentMegabytes: number
}

export interface Request {
  /** Path and query for the exporter. */
  readonly path: string
  /** In the answer where the probe succeeded. */
  readonly want: string
  readonly atOnce: number
  readonly seconds: number
  /** Different addresses in place of `%TARGET%`. */
  readonly targets?: number
}

export interface Exporter extends AsyncDisposable {
  readonly probe: (request: Request) => Promise<Round>
}

/** Programs that say nothing when they are ready. */
export const untilListening = async (port: number, child: Child): Promise<void> => {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await isOpen(port)) return
    await sleep(25)
  }
  throw new Error(`nothing listens at port ${port}: ${child.complaints.join(' ')}`)
}

const execute = promisify(execFile)
const script = path.join(import.meta.dirname, 'probe.lua')

interface Asked {
  readonly asked: number
  readonly seconds: number
  readonly failed: number
}

/** One thread of wrk over connections that stay: the cheapest way to have an exporter work. */
const wrk = async (url: string, request: Request): Promise<Asked> => {
  const args = ['-t1', `-c${request.atOnce}`, `-d${request.seconds}s`, '--timeout', '10s', '-s', script, url]
  const env = {
    ...process.env,
    ASK_PATH: request.path,
    ASK_WANT: request.want,
    ASK_TARGETS: String(request.targets ?? 0),
  }
  const { stdout } = await execute('wrk', args, { env })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Asked
}

const exporterOf = (child: Child, port: number): Exporter => ({
  probe: async (request) => {
    const before = cpuSeconds(child.pid)
    const { asked, seconds, failed } = await wrk(`http://127.0.0.1:${port}/`, request)
    return {
      probes: asked,
      failed,
      perSecond: asked / seconds,
      cpuPerThousand: ((cpuSeconds(child.pid) - before) / asked) * 1000,
      residentMegabytes: residentMegabytes(child.pid).now,
    }
  },
  [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
})

const startExporter = async (program: string, folder: string, configuration: string): Promise<Exporter> => {
  const file = path.join(folder, `${program}.yml`)
  await writeFile(file, configuration)
  const port = await closedPort()
  const args = [`--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error']
  const child = run(program, args)
  await untilListening(port, child)
  return exporterOf(child, port)
}

const blackboxModules = `modules:
  icmp: {prober: icmp, timeout: 2s, icmp: {preferred_ip_protocol: ip4}}
  tcp: {prober: tcp, timeout: 2s, tcp: {preferred_ip_protocol: ip4}}
  http: {prober: http, timeout: 2s, http: {preferred_ip_protocol: ip4}}
  tls: {prober: tcp, timeout: 2s, tcp: {tls: true, preferred_ip_protocol: ip4, tls_config: {insecure_skip_verify: true}}}
`

/** blackbox_exporter with a module `icmp`, `tcp`, `http` and `tls`. */
export const startBlackbox = (folder: string): Promise<Exporter> =>
  startExporter('prometheus-blackbox-exporter', folder, blackboxModules)

/** snmp_exporter with the modules of `snmp-modules.ts`. */
export const startSnmpExporter = (folder: string): Promise<Exporter> =>
  startExporter('prometheus-snmp-exporter', folder, snmpModules)
