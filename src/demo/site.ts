import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { stringify } from 'yaml'
import { inviteAgent } from '../../inventory/agents.ts'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { Inventory, Operation } from '../../inventory/store.ts'
import { EnvironmentFault } from '../core/fault.ts'
import { loadConfig } from '../config/index.ts'
import type { Ready, Reply } from '../simulator/control.ts'
import { type Child, startChild } from './child.ts'
import { claimOperations } from './claims.ts'
import { pastMoves, pastSettings, plantPast } from './past.ts'
import { type Relay, startRelay } from './relay.ts'
import { notedIn, type Order } from './planted.ts'
import { plantedIn } from './rounds.ts'

/** Everything the demo runs. */
export interface Site {
  readonly ready: Ready
  readonly collector: URL
  readonly dataFolder: string
  readonly configFile: string
  readonly relay: Relay
  /** Cuts or repairs a node's lines in the simulated city; the ids of services that went or came. */
  readonly line: (action: 'cut' | 'repair', node: string) => Promise<readonly string[]>
  /** Says what is out of order on purpose, as of now. */
  readonly plantedFile: string
  /** From now on exactly the faults of these named systems are there. */
  readonly plant: (named: readonly string[]) => Promise<readonly string[]>
}

export interface SiteOptions {
  readonly folder: string
  /** Agent whose reports go through the relay. */
  readonly farAgent: { readonly id: string; readonly region: string }
  readonly nearAgent: { readonly id: string }
  readonly simulatorPort: number
  /** Nothing is out of order, and nobody is in a hurry. */
  readonly isQuiet?: boolean
  /** Told of a process that ended though nobody stopped it: which, and its last words. */
  readonly onLost: (fault: unknown) => void
}

/** Quick enough to watch; the defaults are calmer. */
const cadence = { intervalSeconds: 5, timeoutSeconds: 2 }
/** What verdicts depend on. Silence contradicts at once, and two days of the past will do: nobody waits for weeks. */
export const judgingSettings = {
  probing: {
    icmp: { intervalSeconds: 5, count: 3, packetTimeoutSeconds: 1 },
    ...{ tcp: cadence, http: cadence, tls: cadence, dns: cadence, snmp: cadence },
  },
  collector: { heartbeatSeconds: 2, silentAfterSeconds: 6 },
  migration: pastSettings,
  verify: { outageSeconds: 1 },
} as const

const configuration = ({ folder, isQuiet = false }: SiteOptions) => {
  const settings = isQuiet ? { migration: pastSettings, collector: {} } : judgingSettings
  return {
    ...settings,
    secretsFile: path.join(folder, 'secrets.yaml'),
    // A demonstration has no business with the machine that it runs on.
    agent: { hostChecks: { enabled: false } },
    collector: { ...settings.collector, listen: '127.0.0.1:0' },
  }
}

const replyOf = (line: string): Reply => JSON.parse(line) as Reply

const ordersTo =
  (simulator: Child): Order =>
  async (request) => {
    simulator.send(JSON.stringify(request))
    const reply = replyOf(await simulator.nextLine())
    if ('services' in reply) return reply.services
    throw new EnvironmentFault(
      'SOCKET_DENIED',
      'problem' in reply ? reply.problem : 'the simulator said nothing',
    )
  }

/** With what is out of order from the start. */
const startSimulator = async (
  stack: AsyncDisposableStack,
  { folder, simulatorPort, isQuiet = false, onLost }: SiteOptions,
): Promise<{ order: Order; ready: Ready; plantedFile: string }> => {
  const quiet = isQuiet ? ['--quiet'] : []
  const child = startChild({
    name: 'simulator',
    args: ['simulate', '--plan', 'kaifeng-2018', '--port', String(simulatorPort), ...quiet],
    logFile: path.join(folder, 'simulator.log'),
  })
  stack.use(child)
  child.lost.catch(onLost)
  const reply = replyOf(await child.nextLine())
  if (!('ready' in reply)) throw new EnvironmentFault('SOCKET_DENIED', 'the simulator did not start')
  const { ready } = reply
  const plantedFile = path.join(folder, 'planted.txt')
  const order = notedIn(plantedFile, ready, ordersTo(child))
  await order({ plant: isQuiet ? [] : [...plantedIn(ready.faults)[0]] })
  return { order, ready, plantedFile }
}

/** The city and its plan, what is claimed of the systems that the plan names, and the days before. */
const writeInventory = async (
  dataFolder: string,
  configFile: string,
  operations: readonly Operation[],
): Promise<void> => {
  const config = loadConfig({ env: process.env, configFile, dataFolder })
  const now = Date.now()
  await using store = await openInventory(path.join(dataFolder, 'inventory'), {
    clock: Date.now,
    create: true,
  })
  const write = (reason: string, wanted: (inventory: Inventory) => readonly Operation[]) =>
    store.change({ actor: 'demo', reason, operations: wanted })
  await write('模拟城市和工作方案', () => operations)
  await write('模拟填报', (inventory) => claimOperations(new Date(now).toISOString(), inventory))
  await write('模拟的迁移经过', (inventory) => pastMoves(inventory, config.timezone, now))
  await plantPast(config, await store.read(), { agent: 'past', now })
}

const urlIn = (line: string): URL => {
  const url = /https?:\/\/\S+/u.exec(line)?.[0]
  if (url === undefined) throw new EnvironmentFault('COLLECTOR_UNREACHABLE', `the collector said: ${line}`)
  return new URL(url)
}

const hoursMs = 3_600_000

interface Places {
  readonly dataFolder: string
  readonly configFile: string
  readonly authority: string
}

const writeFiles = async (options: SiteOptions, ready: Ready): Promise<Places> => {
  const { folder } = options
  const dataFolder = path.join(folder, 'city')
  const configFile = path.join(folder, 'yiwang.yaml')
  const authority = path.join(folder, 'authority.pem')
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  await writeFile(authority, ready.authority)
  await writeFile(path.join(folder, 'secrets.yaml'), stringify(ready.credentials), { mode: 0o600 })
  await writeFile(configFile, stringify(configuration(options)))
  return { dataFolder, configFile, authority }
}

/** Simulator, collector and two agents as processes, the far agent behind a relay; `stack` stops them all. */
export const startSite = async (stack: AsyncDisposableStack, options: SiteOptions): Promise<Site> => {
  const { folder, farAgent, nearAgent, onLost } = options
  const { order, ready, plantedFile } = await startSimulator(stack, options)
  const { dataFolder, configFile, authority } = await writeFiles(options, ready)
  const invite = (id: string, regions: readonly string[]) =>
    inviteAgent({ id, regions, vantage: 'public', expiresAt: Date.now() + hoursMs })
  const invitations = new Map([
    [nearAgent.id, invite(nearAgent.id, [])],
    [farAgent.id, invite(farAgent.id, [farAgent.region])],
  ])
  await writeInventory(dataFolder, configFile, [
    ...ready.operations,
    ...invitations.values().map(({ operation }) => operation),
  ])

  const start = (name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Child =>
    startChild({
      name,
      args: [...args, '--config', configFile],
      logFile: path.join(folder, `${name.replaceAll(' ', '-')}.log`),
      env: { ...env, NODE_EXTRA_CA_CERTS: authority },
    })
  const serve = (name: string, args: readonly string[]): Child => {
    const child = stack.use(start(name, args))
    child.lost.catch(onLost)
    return child
  }
  const collectorProcess = serve('collector', ['collector', 'run', '--data', dataFolder])
  const collector = urlIn(await collectorProcess.nextLine())
  const relay = stack.use(await startRelay(Number(collector.port)))
  const addresses = new Map([
    [nearAgent.id, collector.href],
    [farAgent.id, `http://127.0.0.1:${String(relay.port)}/`],
  ])
  for (const [id, { secret }] of invitations) {
    const data = ['--data', path.join(folder, `agent-${id}`)]
    const enrolment = start(
      `enrolment of agent ${id}`,
      ['agent', 'enroll', '--collector', addresses.get(id) ?? '', '--id', id, ...data],
      { YIWANG_INVITATION: secret },
    )
    await enrolment.ended()
    serve(`agent ${id}`, ['agent', 'run', ...data])
  }
  return {
    ...{ ready, collector, dataFolder, configFile, plantedFile, relay },
    line: (action, node) => order(action === 'cut' ? { cut: node } : { repair: node }),
    plant: (named) => order({ plant: [...named] }),
  }
}
