import type { StatusReport } from '../../src/collector/status.ts'
import { temporaryFolder } from '../support/cli.ts'
import { createNetwork, type Network } from '../support/netns.ts'
import { type ChildOptions, finishYiwang, runYiwang, startYiwang } from './child.ts'
import { writeSecured } from './secured.ts'

/**
 * A database behind a router that lets the public area in and the internet area not, in network namespaces:
 * an agent in each area, and beside the outer one a host that is its control.
 */
export interface Zones extends AsyncDisposable {
  /** What `yiwang status --json` and `yiwang status` say, and how the command ended. */
  readonly status: () => Promise<StatusReport>
  readonly statusText: () => Promise<{ readonly code: number | null; readonly stdout: string }>
  readonly metrics: () => Promise<string>
  /** Opens the router for the internet area, or closes it. */
  readonly router: (state: 'open' | 'closed') => Promise<void>
  /** The control's cable. */
  readonly control: (state: 'cut' | 'whole') => Promise<void>
}

const links = [
  { upper: 'router', lower: 'inside' },
  { upper: 'router', lower: 'outside' },
  { upper: 'router', lower: 'database' },
  { upper: 'outside', lower: 'exit' },
]
const port = 3306
export const databaseId = 's-database'
export const controlId = 'n-exit'

const listen = `require('node:net').createServer((socket) => socket.end()).listen(${port}, () => console.log('open'))`

const serveDatabase = async (network: Network): Promise<void> => {
  const server = network.spawn('database', [process.execPath, '-e', listen], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await new Promise((resolve) => server.stdout?.once('data', resolve))
}

const rule = (network: Network, what: 'add' | 'del', to: string): Promise<string> =>
  network.run('router', 'ip', 'rule', what, 'iif', 'port1', 'to', to, 'priority', '10', 'blackhole')

const fillInventory = async (network: Network, data: readonly string[]): Promise<void> => {
  const add = (...args: readonly string[]): Promise<string> => runYiwang([...args, ...data])
  const addressed = (place: string): string => `addresses=${network.address(place)}`
  const exit = ['name=互联网出口', 'region=410200', 'level=city', 'kind=access', 'areas=互联网接入区']
  const probe = {
    kind: 'tcp',
    options: JSON.stringify({ address: network.address('database'), port, timeoutSeconds: 1 }),
    intervalSeconds: '1',
    unreachableFrom: '互联网接入区',
    control: controlId,
  }
  const asked = Object.entries(probe).map(([field, value]) => `probes.1.${field}=${value}`)
  await add('init', '--region', '410200')
  await add('node', 'set', 'n-410200', addressed('inside'))
  await add('node', 'add', controlId, ...exit, addressed('exit'))
  await add('system', 'add', databaseId, 'name=人口库', 'region=410200', 'kind=database', ...asked)
}

/** Makes all of it, by the built CLI alone. */
export const startZones = async (): Promise<Zones> => {
  await using stack = new AsyncDisposableStack()
  const { path: folder } = stack.use(await temporaryFolder())
  const network = stack.use(await createNetwork(links))
  const database = network.address('database')
  const { dataOf, collectorFlags, curl } = await writeSecured(folder, network.address('router'), 10)
  await serveDatabase(network)
  await rule(network, 'add', database)
  const at = (place: string, input = ''): ChildOptions => ({
    input,
    spawn: (command, options) => network.spawn(place, command, options),
  })
  const data = dataOf('collector')
  await fillInventory(network, data)
  const invitations = {
    inside: await runYiwang(['agent', 'invite', 'inside', ...data]),
    outside: await runYiwang(['agent', 'invite', 'outside', '--vantage', 'internet', ...data]),
  }
  const collector = stack.use(startYiwang(['collector', 'run', ...data], at('router')))
  await collector.said(/^collector listens on/u)
  for (const place of ['inside', 'outside'] as const) {
    const enrol = ['agent', 'enroll', ...collectorFlags, '--id', place, ...dataOf(place)]
    await runYiwang(enrol, at(place, invitations[place]))
    stack.use(startYiwang(['agent', 'run', ...dataOf(place)], at(place)))
  }
  const owned = stack.move()
  return {
    status: async () => {
      const said = await finishYiwang(['status', '--json', ...data], at('router'))
      return JSON.parse(said.stdout) as StatusReport
    },
    statusText: () => finishYiwang(['status', ...data], at('router')),
    metrics: () => network.run('router', 'curl', ...curl),
    router: async (state) => {
      await rule(network, state === 'open' ? 'del' : 'add', database)
    },
    control: (state) => (state === 'cut' ? network.cut('exit') : network.repair('exit')),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
