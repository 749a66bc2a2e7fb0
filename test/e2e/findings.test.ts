import { spawn } from 'node:child_process'
import net from 'node:net'
import { expect, test } from 'vitest'
import { listening, type Peer } from '../support/peers.ts'
import { runYiwang, type Spawn, until } from './child.ts'
import { listFindings } from './finding-list.ts'
import { makeSite } from './site.ts'

/** Rules that judge looks together, or agents: real processes and sockets, whole, broken, and mended. */

const configuration = {
  probing: { tcp: { intervalSeconds: 1, timeoutSeconds: 1 } },
  collector: { heartbeatSeconds: 1, silentAfterSeconds: 4 },
}

const open = (port = 0): Promise<Peer> => listening(net.createServer(), '127.0.0.1', port)
const tcp = ({ port }: Peer): readonly string[] => [
  'probes.1.kind=tcp',
  `probes.1.options=${JSON.stringify({ address: '127.0.0.1', port })}`,
]

/** A machine whose clock is ahead, as far as the process can tell. */
const ahead: Spawn = ([command, ...args], options) => {
  const module = 'const now = Date.now; Date.now = () => now() + 30_000'
  const env = { ...process.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(module)}` }
  return spawn(command, args, { ...options, env })
}

test('halls, services and agents: found where they fail, over when they are mended', async () => {
  await using stack = new AsyncDisposableStack()
  const [hall, one, other] = [await open(), await open(), stack.use(await open())]
  const endpoints = [`tcp://127.0.0.1:${one.port};tcp://127.0.0.1:${other.port}`]
  const site = stack.use(await makeSite({ configuration, endpoints }))
  const place = ['region=410221', 'level=county']
  await runYiwang(['node', 'add', 'n-hall', 'name=大厅', 'kind=hall', ...place, ...tcp(hall), ...site.data])
  stack.use(await site.startCollector())
  await site.enrol('a')
  const agent = stack.use(site.startAgent('a'))

  const findings = () => listFindings(site.data)
  const are =
    (...expected: readonly string[]) =>
    (found: readonly string[]): boolean =>
      expected.join() === found.join()

  await until(findings, are())
  const ports = [hall, one].map(({ port }) => port)
  for (const server of [hall, one]) await server[Symbol.asyncDispose]()
  await until(findings, are('hall.down n-hall', 'target.degraded s-0'))
  for (const port of ports) stack.use(await open(port))
  await until(findings, are())

  agent.send('SIGKILL')
  await agent.ended
  await until(findings, are('agent.silent a'))
  const skewed = stack.use(site.startAgent('a', { spawn: ahead }))
  await until(findings, are('agent.clock a'))
  skewed.send('SIGTERM')
  await skewed.ended
  stack.use(site.startAgent('a'))
  await until(findings, are(), 60)
  expect(skewed.log.join('\n')).not.toContain('error')
}, 200_000)
