import { loadConfig } from '../config/index.ts'
import { statusText } from '../terminal/status.ts'
import { type Site, startSite } from './site.ts'
import { agents, type DemoOptions } from './story.ts'
import { awaitStatus, firstLook } from './watch.ts'

/** Each job has its first look within a minute, and the next a minute later. */
const patienceSeconds = 300

/**
 * The simulated city (模拟) with nothing out of order, looked at for real as often as is usual. Resolves after the first
 * look; everything still runs.
 */
export const beQuiet = async (stack: AsyncDisposableStack, options: DemoOptions): Promise<Site> => {
  const { say, signal } = options
  say('A quiet city on loopback (模拟), a collector and two agents, each a process of its own …')
  const site = await startSite(stack, { ...options, ...agents, isQuiet: true })
  const config = loadConfig({ env: process.env, configFile: site.configFile, dataFolder: site.dataFolder })
  const { nodes, systems, devices } = site.ready
  say(
    `   ${String(nodes)} nodes, ${String(systems)} systems, ${String(devices)} devices answer; a first look within two minutes …\n`,
  )
  say(statusText(await awaitStatus({ site, config, signal }, { ...firstLook, patienceSeconds })))
  return site
}
