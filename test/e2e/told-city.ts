import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { StatusReport } from '../../src/collector/status.ts'
import type { Ready, Reply } from '../../src/simulator/control.ts'
import { robots, stub } from '../security/notify/stubs.ts'
import { launcher, temporaryFolder } from '../support/cli.ts'
import { type Child, startChild, until } from './child.ts'

/** A message as the messenger got it. */
export interface Told {
  readonly at: number
  readonly id: string
  readonly title: string
  readonly isGood: boolean
}

/** The simulated city, a collector with its agent, and a messenger that remembers what it was told. */
export interface ToldCity extends AsyncDisposable {
  /** `--config` and `--data` of the collector. */
  readonly flags: readonly string[]
  readonly collector: Child
  readonly url: string
  readonly told: readonly Told[]
  /** Cuts or repairs a node's lines. */
  readonly line: (action: 'cut' | 'repair', node: string) => Promise<void>
  /** Resolves when everything was seen, what is planted has been told, and nothing more came for so long. */
  readonly calm: (quietSeconds: number) => Promise<void>
}

export interface ToldOptions {
  readonly intervalSeconds: number
  /** Further sections of `notify`, and their secrets. */
  readonly notify?: object
  readonly secrets?: object
}

const secret = 'SEC-told-1f'

const configuration = ({ intervalSeconds, notify }: ToldOptions, secretsFile: string): object => {
  const cadence = { intervalSeconds, timeoutSeconds: 1 }
  return {
    secretsFile,
    probing: {
      icmp: { intervalSeconds, count: 1, packetTimeoutSeconds: 1 },
      ...{ tcp: cadence, http: cadence, tls: cadence, dns: cadence, snmp: cadence },
    },
    agent: { hostChecks: { enabled: false } },
    collector: { listen: '127.0.0.1:0', heartbeatSeconds: 1, silentAfterSeconds: 30 },
    notify: { channels: { duty: { kind: 'webhook', credential: 'duty', perMinute: 600 } }, ...notify },
  }
}

const startSimulator = (stack: AsyncDisposableStack): Child =>
  stack.use(startChild([launcher, 'simulate', '--port', '0'], { isListening: true }))

/** Replies of the simulator, each once. */
const repliesOf = (simulator: Child) => {
  let heard = 0
  return async (): Promise<Reply> => {
    const lines = await until(
      () => simulator.output,
      ({ length }) => length > heard,
    )
    const line = lines[heard] ?? ''
    heard += 1
    return JSON.parse(line) as Reply
  }
}

const noticesIn = (body: string): readonly Told[] =>
  (JSON.parse(body) as { notices: readonly Omit<Told, 'at'>[] }).notices.map(({ id, title, isGood }) => ({
    ...{ id, title, isGood },
    at: Date.now(),
  }))

const writeInventory = async (dataFolder: string, { operations }: Ready): Promise<void> => {
  await using store = await openInventory(path.join(dataFolder, 'inventory'), {
    clock: Date.now,
    create: true,
  })
  await store.change({ actor: 'test', reason: '模拟', operations: () => operations })
}

/** Starts all of it by the built CLI. */
export const startToldCity = async (options: ToldOptions): Promise<ToldCity> => {
  await using stack = new AsyncDisposableStack()
  const { path: folder } = stack.use(await temporaryFolder())
  const at = (name: string): string => path.join(folder, name)
  const told: Told[] = []
  const reply = robots.webhook(secret)
  const messenger = stack.use(
    await stub((got) => {
      const answer = reply(got)
      if (answer?.status === undefined) told.push(...noticesIn(got.body))
      return answer
    }),
  )
  const simulator = startSimulator(stack)
  const next = repliesOf(simulator)
  const first = await next()
  if (!('ready' in first)) throw new Error(`expected a city, got ${JSON.stringify(first)}`)
  const dataFolder = at('city')
  await writeInventory(dataFolder, first.ready)
  await writeFile(at('authority.pem'), first.ready.authority)
  const secrets = {
    ...first.ready.credentials,
    duty: { kind: 'endpoint', url: messenger.url, secret },
    ...options.secrets,
  }
  await writeFile(at('secrets.yaml'), JSON.stringify(secrets), { mode: 0o600 })
  await writeFile(at('yiwang.yaml'), JSON.stringify(configuration(options, at('secrets.yaml'))))
  const flags = ['--config', at('yiwang.yaml'), '--data', dataFolder]
  const collector = stack.use(
    startChild([launcher, 'run', ...flags], {
      spawn: ([command, ...args], more) =>
        spawn(command, args, { ...more, env: { ...process.env, NODE_EXTRA_CA_CERTS: at('authority.pem') } }),
    }),
  )
  const url = /http:\S+\d/u.exec(await collector.said(/collector listens on/u))?.[0] ?? ''
  const owned = stack.move()
  return {
    ...{ flags, collector, url, told },
    line: async (action, node) => {
      simulator.tell(JSON.stringify({ [action]: node }))
      const answer = await next()
      if (!('done' in answer)) throw new Error(JSON.stringify(answer))
    },
    calm: async (quietSeconds) => {
      await until(
        async () => (await (await fetch(`${url}/v1/status`)).json()) as StatusReport,
        ({ coverage, systems, devices }) =>
          [coverage.all, systems, devices].every(({ unknown }) => unknown === 0),
      )
      await until(
        () => told.at(-1)?.at ?? Date.now(),
        (last) => Date.now() - last > quietSeconds * 1000,
        120,
      )
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
