import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { launcher, temporaryFolder } from '../support/cli.ts'
import { closedPort } from '../support/peers.ts'
import { type Child, type ChildOptions, runYiwang, startChild, startYiwang } from './child.ts'

export interface SiteOptions {
  /** Sections of the configuration; the collector listens on loopback all the same. */
  readonly configuration?: { readonly probing?: object; readonly collector?: object }
  /** Endpoints of as many systems. */
  readonly endpoints: readonly string[]
}

/** A collector and its agents on loopback, each with a data folder of its own. */
export interface Site extends AsyncDisposable {
  readonly url: string
  readonly historyFile: string
  readonly agentFolder: (agent: string) => string
  /** `--data` and `--config` of the collector's machine. */
  readonly data: readonly string[]
  /** Started, on the same port each time. */
  readonly launchCollector: (wrapper?: readonly string[]) => Child
  /** The same, once it listens. */
  readonly startCollector: (wrapper?: readonly string[]) => Promise<Child>
  /** Invites and enrols; the collector must run. */
  readonly enrol: (agent: string) => Promise<void>
  readonly startAgent: (agent: string, options?: ChildOptions) => Child
}

const systemsCsv = (endpoints: readonly string[]): string =>
  [
    'id,name,region,kind,endpoints',
    ...endpoints.map((endpoint, at) => `s-${at},系统${at},410221,application,${endpoint}`),
  ].join('\n')

/** Makes an inventory and a configuration by the built CLI; starts nothing. */
export const makeSite = async ({ configuration = {}, endpoints }: SiteOptions): Promise<Site> => {
  await using stack = new AsyncDisposableStack()
  const { path: folder } = stack.use(await temporaryFolder())
  const at = (...names: readonly string[]): string => path.join(folder, ...names)
  const listen = `127.0.0.1:${await closedPort()}`
  const collector = { ...configuration.collector, listen }
  const agent = { hostChecks: { enabled: false } }
  await writeFile(at('yiwang.yaml'), JSON.stringify({ ...configuration, agent, collector }))
  await writeFile(at('systems.csv'), systemsCsv(endpoints))
  const dataOf = (name: string): readonly string[] => ['--config', at('yiwang.yaml'), '--data', at(name)]
  const data = dataOf('city')
  await runYiwang(['init', '--region', '410221', ...data])
  await runYiwang(['import', at('systems.csv'), ...data])
  const url = `http://${listen}`
  const launchCollector: Site['launchCollector'] = (wrapper = []) => {
    const [command = launcher, ...args] = [...wrapper, launcher, 'collector', 'run', ...data]
    return startChild([command, ...args])
  }
  const owned = stack.move()
  return {
    url,
    data,
    historyFile: at('city', 'collector', 'history.sqlite'),
    agentFolder: (agent) => at(agent, 'agent'),
    launchCollector,
    startCollector: async (wrapper) => {
      const child = launchCollector(wrapper)
      await child.said(/^collector listens on/u)
      return child
    },
    enrol: async (agent) => {
      const invitation = await runYiwang(['agent', 'invite', agent, ...data])
      const where = ['--collector', url, '--id', agent, ...dataOf(agent)]
      await runYiwang(['agent', 'enroll', ...where], { input: invitation })
    },
    startAgent: (agent, options) => startYiwang(['agent', 'run', ...dataOf(agent)], options),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
