import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { StatusReport } from '../../src/collector/status.ts'
import { temporaryFolder } from '../support/cli.ts'
import { createNetwork, type Network } from '../support/netns.ts'
import { type SpoolBooks, spoolBooks } from './books.ts'
import { type Child, type ChildOptions, finishYiwang, runYiwang, startYiwang } from './child.ts'
import { listFindings } from './finding-list.ts'
import { writeSecured } from './secured.ts'

/**
 * City, county and three townships in network namespaces, with a collector and an agent in the city and an
 * agent in the county. The third township has a VPN to the city beside its line to the county.
 */
export interface County extends AsyncDisposable {
  readonly network: Network
  readonly collector: Child
  readonly agents: Readonly<Record<Place, Child>>
  readonly historyFile: string
  /** What `yiwang status --json` says in the city. */
  readonly status: () => Promise<StatusReport>
  /** `rule target` of what `yiwang finding list` says in the city, in their order. */
  readonly findings: () => Promise<readonly string[]>
  /** What `curl` reads at /metrics in the city. */
  readonly metrics: () => Promise<string>
  /** The county agent's spool as it is now. */
  readonly spool: () => Promise<SpoolBooks>
  readonly vpn: (state: 'up' | 'down') => Promise<void>
}

type Place = 'city' | 'county'

export const countyId = 'n-410221'
export const townshipIds = ['n-410221001', 'n-410221101', 'n-410221102'] as const
export const uplinkOf = (node: string): string => `${node}/${node}-up1`
export const vpnOf = (node: string): string => `${node}/vpn`

const townships = ['first', 'second', 'third'] as const
const links = [
  { upper: 'city', lower: 'county' },
  ...townships.map((lower) => ({ upper: 'county', lower })),
  // Where a device of the city's node stands.
  { upper: 'city', lower: 'office' },
]
export const deviceId = 'd-office'
const vpnAddresses = { city: '10.98.250.1', third: '10.98.250.2' } as const

/** Addresses of the nodes themselves, as a router has them: on no line. */
const own: Readonly<Record<string, string>> = {
  city: '10.99.0.1',
  county: '10.99.0.2',
  first: '10.99.0.11',
  second: '10.99.0.12',
  third: '10.99.0.13',
}
const ownOf = (place: string): string => `${own[place] ?? ''}/32`

const route = async (network: Network, at: string, ...words: readonly string[]): Promise<void> => {
  await network.run(at, 'ip', 'route', 'add', ...words)
}

/** A second way to the third township, which the city takes when the line to the county has no carrier. */
const layVpn = async (network: Network): Promise<void> => {
  // A namespace can be named by the id of a process in it.
  const { pid } = network.spawn('third', ['sleep', '600'], { stdio: 'ignore' })
  const peer = ['peer', 'name', 'vpn', 'netns', String(pid)]
  await network.run('city', 'ip', 'link', 'add', 'vpn', 'type', 'veth', ...peer)
  for (const place of ['city', 'third'] as const) {
    await network.run(place, 'ip', 'address', 'add', `${vpnAddresses[place]}/30`, 'dev', 'vpn')
    await network.run(place, 'ip', 'link', 'set', 'vpn', 'up')
  }
  await network.run('city', 'sh', '-c', 'echo 1 >/proc/sys/net/ipv4/conf/all/ignore_routes_with_linkdown')
  await route(network, 'city', ownOf('third'), 'via', vpnAddresses.third, 'metric', '20')
}

const layNetwork = async (stack: AsyncDisposableStack): Promise<Network> => {
  const network = stack.use(await createNetwork(links))
  for (const place of Object.keys(own))
    await network.run(place, 'ip', 'address', 'add', ownOf(place), 'dev', 'lo')
  for (const place of ['county', ...townships])
    await route(network, 'city', ownOf(place), 'via', network.address('county'), 'metric', '10')
  for (const place of townships) await route(network, 'county', ownOf(place), 'via', network.address(place))
  await layVpn(network)
  return network
}

const inventoryCsv = (network: Network): string => {
  const header = 'id,addresses,uplinks.1.address,uplinks.2.id,uplinks.2.kind,uplinks.2.to,uplinks.2.address'
  const vpn = `vpn,vpn,n-410200,${vpnAddresses.third}`
  const rows = [
    ['n-410200', own['city'], '', ',,,'],
    [countyId, own['county'], network.address('county'), ',,,'],
    ...townships.map((place, at) => [
      townshipIds[at],
      own[place],
      network.address(place),
      place === 'third' ? vpn : ',,,',
    ]),
  ]
  return [header, ...rows.map((row) => row.join(','))].join('\n')
}

const still = async <Result>(child: Child, work: () => Promise<Result>): Promise<Result> => {
  child.send('SIGSTOP')
  try {
    return await work()
  } finally {
    child.send('SIGCONT')
  }
}

/** Makes all of it, by the built CLI alone. */
export const startCounty = async (): Promise<County> => {
  await using stack = new AsyncDisposableStack()
  const { path: folder } = stack.use(await temporaryFolder())
  const network = await layNetwork(stack)
  const { dataOf, collectorFlags, curl } = await writeSecured(folder, network.address('city'), 4)
  const at = (place: string, input = ''): ChildOptions => ({
    input,
    spawn: (command, options) => network.spawn(place, command, options),
  })
  const nodes = path.join(folder, 'nodes.csv')
  await writeFile(nodes, inventoryCsv(network))
  await runYiwang(['init', '--region', '410200', ...dataOf('collector')])
  await runYiwang(['import', nodes, ...dataOf('collector')])
  const office = ['name=汇聚交换机', 'role=switch', 'node=n-410200', `address=${network.address('office')}`]
  await runYiwang(['device', 'add', deviceId, ...office, ...dataOf('collector')])
  const invite = (id: Place, region: readonly string[]): Promise<string> =>
    runYiwang(['agent', 'invite', id, ...region, ...dataOf('collector')])
  const invitations = {
    city: await invite('city', []),
    county: await invite('county', ['--region', '410221']),
  }
  const collector = stack.use(startYiwang(['collector', 'run', ...dataOf('collector')], at('city')))
  await collector.said(/^collector listens on/u)
  const startAgent = async (place: Place): Promise<Child> => {
    await runYiwang(
      ['agent', 'enroll', ...collectorFlags, '--id', place, ...dataOf(place)],
      at(place, invitations[place]),
    )
    return stack.use(startYiwang(['agent', 'run', ...dataOf(place)], at(place)))
  }
  const agents = { city: await startAgent('city'), county: await startAgent('county') }
  const owned = stack.move()
  return {
    network,
    collector,
    agents,
    historyFile: path.join(folder, 'collector', 'collector', 'history.sqlite'),
    status: async () => {
      const said = await finishYiwang(['status', '--json', ...dataOf('collector')], at('city'))
      return JSON.parse(said.stdout) as StatusReport
    },
    findings: () => listFindings(dataOf('collector'), at('city')),
    metrics: () => network.run('city', 'curl', ...curl),
    spool: () => still(agents.county, () => spoolBooks(path.join(folder, 'county', 'agent'))),
    vpn: async (state) => {
      await network.run('third', 'ip', 'link', 'set', 'vpn', state)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
