import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { StatusReport } from '../../src/collector/status.ts'
import { historyBooks, keyOf, spoolBooks } from './books.ts'
import { type Child, runYiwang, until } from './child.ts'
import { makeSite, type Site } from './site.ts'

/** Several times what an idle machine needs. */
const patienceMs = 300_000
const agents = ['one', 'two'] as const
const killsEach = 34
const targets = 24

/** A server that takes every connection, so that most targets are up. */
const listener = async (): Promise<AsyncDisposable & { readonly port: number }> => {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

interface Churn {
  readonly start: () => Child
  /** What it says when it has begun its work. */
  readonly begun: RegExp
  readonly onDeath: () => Promise<void> | void
  readonly heard: (child: Child) => void
}

/** Every other one dies at its work, the others while they start. */
const churn = async ({ start, begun, onDeath, heard }: Churn): Promise<void> => {
  for (let kill = 0; kill < killsEach; kill += 1) {
    await using child = start()
    if (kill % 2 === 0) await child.said(begun)
    await sleep(randomInt(kill % 2 === 0 ? 1500 : 800))
    child.send('SIGKILL')
    expect(await child.ended).toEqual([null, 'SIGKILL'])
    heard(child)
    await onDeath()
  }
}

/** What the collector has on disk holds together: each sequence that it acknowledged is there, once. */
const expectBalanced = ({ historyFile }: Site): void => {
  for (const agent of agents) {
    const { received, stored } = historyBooks(historyFile, agent)
    const acknowledged = received.reduce((sum, { first, last }) => sum + last - first + 1, 0)
    expect(stored).toHaveLength(acknowledged)
  }
}

/** What agents had on disk at some time: none of it may be lost. */
const createLedger = (site: Site) => {
  const entries = new Map(agents.map((agent) => [agent, new Map<number, string>()]))
  return {
    note: async (agent: (typeof agents)[number]): Promise<void> => {
      const { waiting } = await spoolBooks(site.agentFolder(agent))
      const own = entries.get(agent)!
      for (const row of waiting) {
        expect(own.get(row.sequence) ?? keyOf(row)).toBe(keyOf(row))
        own.set(row.sequence, keyOf(row))
      }
    },
    of: (agent: (typeof agents)[number]) => entries.get(agent)!,
  }
}

const statusOf = async ({ url }: Site): Promise<StatusReport> =>
  (await (await fetch(`${url}/v1/status`)).json()) as StatusReport

const isDrained = (report: StatusReport): boolean =>
  report.agents.length === agents.length && report.agents.every(({ spoolDepth }) => spoolDepth === 0)

const drain = async (site: Site): Promise<readonly Child[]> => {
  await using collector = await site.startCollector()
  await using stack = new AsyncDisposableStack()
  const running = agents.map((agent) => stack.use(site.startAgent(agent)))
  await until(() => statusOf(site), isDrained)
  for (const child of [...running, collector]) {
    child.send('SIGTERM')
    expect(await child.ended).toEqual([0, null])
  }
  return [...running, collector]
}

/** Each agent has its plan, and has delivered something. */
const enrolAll = async (site: Site): Promise<void> => {
  await using collector = await site.startCollector()
  for (const agent of agents) {
    await site.enrol(agent)
    await using child = site.startAgent(agent)
    await until(
      () => historyBooks(site.historyFile, agent).stored,
      ({ length }) => length > 0,
    )
    child.send('SIGKILL')
  }
  collector.send('SIGKILL')
}

const isTrouble = (line: string): boolean =>
  !line.startsWith('{') || (JSON.parse(line) as { level: string }).level === 'error'

test(
  `kill -9 of a collector and ${agents.length} agents, ${killsEach} times each: nothing lost, nothing twice`,
  async () => {
    await using server = await listener()
    const site = await makeSite({
      configuration: { probing: { tcp: { intervalSeconds: 1, timeoutSeconds: 1 } } },
      endpoints: [
        ...Array.from({ length: targets - 1 }, (_, at) => `tcp://127.0.0.${at + 1}:${server.port}`),
        'tcp://127.0.0.1:1',
      ],
    })
    await using stack = new AsyncDisposableStack()
    stack.use(site)
    await enrolAll(site)
    const ledger = createLedger(site)
    const said: string[] = []
    const heard = ({ log }: Child): void => void said.push(...log)

    await Promise.all([
      churn({
        start: () => site.launchCollector(),
        begun: /listens on/u,
        onDeath: () => expectBalanced(site),
        heard,
      }),
      ...agents.map((agent) =>
        churn({
          start: () => site.startAgent(agent),
          begun: /"plan"/u,
          onDeath: () => ledger.note(agent),
          heard,
        }),
      ),
    ])
    const survivors = await drain(site)

    let total = 0
    for (const agent of agents) {
      const { stream, newest, waiting } = await spoolBooks(site.agentFolder(agent))
      const { received, stored } = historyBooks(site.historyFile, agent)
      const keys = new Set(stored.map(keyOf))
      expect(waiting).toEqual([])
      expect(received).toEqual([{ stream, first: 1, last: newest }])
      expect(stored).toHaveLength(newest)
      expect(keys.size).toBe(newest)
      expect([...ledger.of(agent).values()].filter((key) => !keys.has(key))).toEqual([])
      expect(ledger.of(agent).size).toBeGreaterThan(0)
      total += newest
    }
    expect(total).toBeGreaterThan(agents.length * targets * 5)
    survivors.forEach(heard)
    expect(said.filter(isTrouble)).toEqual([])
    expect(await runYiwang(['audit', 'verify', ...site.data])).toMatch(/^intact/u)
  },
  patienceMs,
)
