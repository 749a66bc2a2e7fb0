import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { stringify } from 'yaml'
import { inviteAgent } from '../../inventory/agents.ts'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { Operation } from '../../inventory/store.ts'
import { EnvironmentFault } from '../core/fault.ts'
import type { Ready, Reply } from '../simulator/control.ts'
import { type Child, startChild } from './child.ts'
import { type Relay, startRelay } from './relay.ts'

/** Everything the demo runs. */
export interface Site {
  readonly ready: Ready
  readonly collector: URL
  readonly dataFolder: string
  readonly configFile: string
  readonly relay: Relay
  /** Cuts or repairs a node's lines in the simulated city; the ids of services that went or came. */
  readonly line: (action: 'cut' | 'repair', node: string) => Promise<readonly string[]>
}

export interface SiteOptions {
  readonly folder: string
  /** Agent whose reports go through the relay. */
  readonly farAgent: { readonly id: string; readonly region: string }
  readonly nearAgent: { readonly id: string }
  readonly simulatorPort: number
}

/** Quick enough to watch; the defaults are calmer. */
const cadence = { intervalSeconds: 5, timeoutSeconds: 2 }
const configuration = (folder: string, port: number) => ({
  secretsFile: path.join(folder, 'secrets.yaml'),
  probing: {
    icmp: { intervalSeconds: 5, count: 3, packetTimeoutSeconds: 1 },
    ...{ tcp: cadence, http: cadence, tls: cadence, dns: cadence, snmp: cadence },
  },
  // A demonstration has no business with the machine that it runs on.
  agent: { hostChecks: { enabled: false } },
  collector: { listen: `127.0.0.1:${String(port)}`, heartbeatSeconds: 2, silentAfterSeconds: 6 },
})

const replyOf = (line: string): Reply => JSON.parse(line) as Reply

const startSimulator = async (folder: string, port: number): Promise<{ child: Child; ready: Ready }> => {
  const child = startChild({
    args: ['simulate', '--port', String(port)],
    logFile: path.join(folder, 'simulator.log'),
  })
  const reply = replyOf(await child.nextLine())
  if (!('ready' in reply)) throw new EnvironmentFault('SOCKET_DENIED', 'the simulator did not start')
  return { child, ready: reply.ready }
}

const writeInventory = async (dataFolder: string, operations: readonly Operation[]): Promise<void> => {
  await using store = await openInventory(path.join(dataFolder, 'inventory'), {
    clock: Date.now,
    create: true,
  })
  await store.change({ actor: 'demo', reason: '模拟城市', operations: () => operations })
}

const urlIn = (line: string): URL => {
  const url = /https?:\/\/\S+/u.exec(line)?.[0]
  if (url === undefined) throw new EnvironmentFault('COLLECTOR_UNREACHABLE', `the collector said: ${line}`)
  return new URL(url)
}

const lineControl =
  (simulator: Child): Site['line'] =>
  async (action, node) => {
    simulator.send(JSON.stringify({ [action]: node }))
    const reply = replyOf(await simulator.nextLine())
    if ('services' in reply) return reply.services
    throw new EnvironmentFault(
      'SOCKET_DENIED',
      'problem' in reply ? reply.problem : 'the simulator said nothing',
    )
  }

const hoursMs = 3_600_000

/** Simulator, collector and two agents as processes, the far agent behind a relay; `stack` stops them all. */
export const startSite = async (stack: AsyncDisposableStack, options: SiteOptions): Promise<Site> => {
  const { folder, farAgent, nearAgent } = options
  const { child: simulator, ready } = await startSimulator(folder, options.simulatorPort)
  stack.use(simulator)
  const dataFolder = path.join(folder, 'city')
  const configFile = path.join(folder, 'yiwang.yaml')
  const authority = path.join(folder, 'authority.pem')
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  await writeFile(authority, ready.authority)
  await writeFile(path.join(folder, 'secrets.yaml'), stringify(ready.credentials), { mode: 0o600 })
  await writeFile(configFile, stringify(configuration(folder, 0)))

  const invite = (id: string, regions: readonly string[]) =>
    inviteAgent({ id, regions, vantage: 'public', expiresAt: Date.now() + hoursMs })
  const invitations = new Map([
    [nearAgent.id, invite(nearAgent.id, [])],
    [farAgent.id, invite(farAgent.id, [farAgent.region])],
  ])
  await writeInventory(dataFolder, [
    ...ready.operations,
    ...invitations.values().map(({ operation }) => operation),
  ])

  const start = (name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Child =>
    startChild({
      args: [...args, '--config', configFile],
      logFile: path.join(folder, `${name}.log`),
      env: { ...env, NODE_EXTRA_CA_CERTS: authority },
    })
  const collectorProcess = stack.use(start('collector', ['collector', 'run', '--data', dataFolder]))
  const collector = urlIn(await collectorProcess.nextLine())
  const relay = stack.use(await startRelay(Number(collector.port)))
  const addresses = new Map([
    [nearAgent.id, collector.href],
    [farAgent.id, `http://127.0.0.1:${String(relay.port)}/`],
  ])
  for (const [id, { secret }] of invitations) {
    const data = ['--data', path.join(folder, `agent-${id}`)]
    const enrolment = start(
      `enroll-${id}`,
      ['agent', 'enroll', '--collector', addresses.get(id) ?? '', '--id', id, ...data],
      { YIWANG_INVITATION: secret },
    )
    await enrolment.ended()
    stack.use(start(`agent-${id}`, ['agent', 'run', ...data]))
  }
  return { ready, collector, dataFolder, configFile, relay, line: lineControl(simulator) }
}
