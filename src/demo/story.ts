import path from 'node:path'
import { openInventory } from '../../inventory/lowdb/index.ts'
import { accountOf } from '../collector/history/account.ts'
import type { StatusReport } from '../collector/status.ts'
import { loadConfig } from '../config/index.ts'
import { EnvironmentFault } from '../core/fault.ts'
import { sweep } from '../service/sweep.ts'
import { standingText, statusText } from '../terminal/status.ts'
import { demoClaims } from './claims.ts'
import { awaitVerdicts, plantedIn, roundsTable, type Verdicts } from './rounds.ts'
import { judgingSettings, type Site, type SiteOptions, startSite } from './site.ts'
import { weekText } from './trace.ts'
import { awaitStatus, firstLook, type Watch } from './watch.ts'
import { makeWeek } from './week.ts'

export interface DemoOptions extends Pick<SiteOptions, 'onLost'> {
  readonly folder: string
  readonly say: (text: string) => void
  readonly signal: AbortSignal
  readonly simulatorPort: number
}

export const agents = {
  farAgent: { id: 'lankao', region: '410225' },
  nearAgent: { id: 'city' },
} as const
const { farAgent } = agents
/** 杞县: its line is cut in the simulated city. */
const cutNode = 'n-410221'

const agentOf = (report: StatusReport, id: string) => report.agents.find(({ agent }) => agent === id)

const isCut = (report: StatusReport): boolean =>
  report.outages.items.some(({ target, behind }) => target === cutNode && behind.count > 0) &&
  agentOf(report, farAgent.id)?.silent === true

/** As many nodes are up as before, and the far agent has delivered what it spooled. */
const isMended =
  (upBefore: number) =>
  (report: StatusReport): boolean => {
    const far = agentOf(report, farAgent.id)
    return report.coverage.all.up >= upBefore && far?.silent === false && far.spoolDepth === 0
  }

const sweepOnce = async ({ config, signal }: Watch, say: DemoOptions['say']): Promise<void> => {
  const startedAt = performance.now()
  await using store = await openInventory(path.join(config.dataFolder, 'inventory'), { clock: Date.now })
  const log = (): void => undefined
  const result = await sweep(config, await store.read(), {
    selection: {},
    signal,
    log,
    onLook: () => undefined,
  })
  const seconds = (performance.now() - startedAt) / 1000
  say(standingText(result))
  say(`\n   ${String(result.jobs)} looks in ${seconds.toFixed(1)} s, by ICMP, TCP, HTTP, TLS, DNS and SNMP.`)
}

const cutLines = ({ coverage, outages }: StatusReport): readonly string[] => {
  const outage = outages.items.find(({ target }) => target === cutNode)
  return [
    `   one outage: ${outage?.name ?? cutNode};\n   behind it ${String(outage?.behind.count ?? 0)} targets unreachable (upstream), not down`,
    `   nodes: ${String(coverage.all.up)} up, ${String(coverage.all.down)} down, ${String(coverage.all.unreachable)} unreachable, ${String(coverage.all.unknown)} unknown`,
    `   agent ${farAgent.id} is silent: one alert for the agent; it goes on probing and spools to disk`,
  ]
}

const tellAccount = ({ site }: Watch, say: DemoOptions['say']): void => {
  const { acknowledged, missing, stored } = accountOf(
    path.join(site.dataFolder, 'collector', 'history.sqlite'),
    farAgent.id,
  )
  say(
    `   agent ${farAgent.id} made ${String(acknowledged + missing)} observations: ${String(stored)} are in the collector, ${String(missing)} missing, ${String(Math.max(0, stored - acknowledged))} twice`,
  )
  if (missing > 0 || stored !== acknowledged)
    throw new EnvironmentFault('STORE_BROKEN', 'the books of agent and collector differ')
}

const countText = (verdicts: Verdicts): string => {
  const having = (wanted: string): number =>
    verdicts
      .values()
      .filter((verdict) => verdict === wanted)
      .toArray().length
  return `相符 ${having('consistent')}, 矛盾 ${having('contradicted')}, 无法验证 ${having('unverifiable')}`
}

/** The system whose 矛盾 is followed down to single looks. */
const example = 'sys-3p-secmon'

const tellWeek = async ({ config }: Watch, say: DemoOptions['say']): Promise<void> => {
  const week = await makeWeek(config, judgingSettings)
  const claim = demoClaims.find(({ named }) => named === example)?.id ?? ''
  say(weekText(week, { claim, system: example, county: cutNode.replace('n-', '') }))
}

/** The plan's named systems as they are claimed, until one half of them and then the other is out of order. */
const tellOfNamed = async (watch: Watch, rounds: readonly Verdicts[], say: DemoOptions['say']) => {
  const { faults } = watch.site.ready
  await using store = await openInventory(path.join(watch.config.dataFolder, 'inventory'), {
    clock: Date.now,
  })
  const { mention } = await store.read()
  say(roundsTable(rounds, faults, (id) => mention.get(id)?.name ?? id))
  say('\n   cls-nonsecret is a class; claimed is that one of it, sys-frontend, has moved.')
}

/** The demo: a simulated city (模拟), looked at for real. Resolves when the story is told; everything still runs. */
export const tellStory = async (stack: AsyncDisposableStack, options: DemoOptions): Promise<Site> => {
  const { say, signal } = options
  say('1. A city on loopback (模拟), a collector and two agents, each a process of its own …')
  const site = await startSite(stack, { ...options, ...agents })
  const config = loadConfig({ env: process.env, configFile: site.configFile, dataFolder: site.dataFolder })
  const watch = { site, config, signal }
  const [first, second, third] = plantedIn(site.ready.faults)
  say(
    `   ${String(site.ready.nodes)} nodes, ${String(site.ready.systems)} systems, ${String(site.ready.devices)} devices answer; collector at ${site.collector.href}`,
  )
  say(
    `   Kaifeng’s plan of 2018 is loaded. ${String(demoClaims.length)} claims (模拟) say of the systems that it names\n   that all is done; what was planned for 2018 is overdue by now.`,
  )

  say('\n2. Everything looked at once, from this terminal: yiwang sweep\n')
  await sweepOnce(watch, say)

  say('\n3. What the agents report meanwhile: yiwang status\n')
  const before = await awaitStatus(watch, firstLook)
  say(statusText(before))
  const asClaimed = await awaitVerdicts(config, first, signal)
  say(`\n   yiwang verify, of the 38 named systems: ${countText(asClaimed)}`)

  say(`\n4. The line of 杞县 is cut, and the line of agent ${farAgent.id} to its collector too …`)
  await site.line('cut', cutNode)
  await site.plant(second)
  site.relay.cut()
  for (const line of cutLines(await awaitStatus(watch, { what: 'the outage', isSo: isCut }))) say(line)
  say('   meanwhile what is linked with others, or has members, is out of order (模拟) …')
  const halfFalse = await awaitVerdicts(config, second, signal)
  say(`   yiwang verify: ${countText(halfFalse)}`)

  say('\n5. Both lines are repaired …')
  await site.line('repair', cutNode)
  await site.plant(third)
  site.relay.repair()
  const isSo = isMended(before.coverage.all.up)
  const { coverage } = await awaitStatus(watch, { what: 'the recovery', isSo })
  say(`   nodes: ${String(coverage.all.up)} up, ${String(coverage.all.unreachable)} unreachable`)
  tellAccount(watch, say)
  say('   meanwhile that is mended, and what stands by itself is out of order (模拟) …')
  const otherHalf = await awaitVerdicts(config, third, signal)
  say(`   yiwang verify: ${countText(otherHalf)}`)

  say('\n6. Each system that the plan names, claimed truly and falsely: yiwang verify --named\n')
  await tellOfNamed(watch, [asClaimed, halfFalse, otherHalf], say)

  say('\n7. The week so far as a bulletin (周通报): yiwang report weekly\n')
  await tellWeek(watch, say)
  return site
}
