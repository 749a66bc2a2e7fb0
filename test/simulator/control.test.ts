import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import path from 'node:path'
import readline from 'node:readline'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { designCity } from '../../src/simulator/city.ts'
import { type Ready, type Reply, serveControl } from '../../src/simulator/control.ts'
import { isOpen } from '../support/peers.ts'
import { kaifeng } from './seed.ts'

interface Process extends AsyncDisposable {
  readonly child: ChildProcess
  readonly ready: Ready
  readonly ask: (line: string) => Promise<Reply>
}

const startProcess = async (basePort: number): Promise<Process> => {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'run.ts'), String(basePort)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const reply = async (): Promise<Reply> => JSON.parse(String((await lines.next()).value)) as Reply
  const first = await reply()
  if (!('ready' in first)) throw new Error('expected the simulator to be ready first')
  return {
    child,
    ready: first.ready,
    ask: (line) => {
      child.stdin.write(`${line}\n`)
      return reply()
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

const isSiteOpen = ({ addresses }: Ready): Promise<boolean> => {
  const { hostname, port } = new URL(addresses[0]!.url)
  return isOpen(Number(port), hostname)
}

test('says what it serves, cuts, repairs, and survives nonsense', async () => {
  await using simulator = await startProcess(0)
  const { ready, ask } = simulator
  expect(ready).toMatchObject({ systems: 30, devices: 12, moved: [] })
  expect(ready.nodes).toBeGreaterThan(120)
  expect(Object.keys(ready.credentials).toSorted()).toEqual(['demo-v2c', 'demo-v3-sha1', 'demo-v3-sha256'])
  expect(ready.authority).toMatch(/^-----BEGIN CERTIFICATE-----/u)
  expect(ready.addresses.every(({ url }) => url.startsWith('http'))).toBe(true)

  const cut = await ask('{"cut":"n-410221"}')
  expect(cut).toMatchObject({ done: { cut: 'n-410221' } })
  const { services } = cut as Extract<Reply, { done: unknown }>
  expect(services).toContain('s-demo-hall-410221')
  for (const line of ['', 'noise', '{"cut":7}', '{"cut":"n-410221","repair":"n-410221"}', '[1]'])
    expect(await ask(line)).toMatchObject({ problem: expect.stringContaining('expected') as unknown })
  expect(await ask('{"repair":"n-nowhere"}')).toEqual({
    problem: 'expected a node of the simulated city, got n-nowhere',
  })
  expect(await ask('{"repair":"n-410221"}')).toEqual({ done: { repair: 'n-410221' }, services })
})

test.each(['SIGTERM', 'end of input'])('%s closes everything', async (end) => {
  await using simulator = await startProcess(0)
  expect(await isSiteOpen(simulator.ready)).toBe(true)
  const exited = once(simulator.child, 'exit')
  if (end === 'SIGTERM') simulator.child.kill('SIGTERM')
  else simulator.child.stdin!.end()
  expect(await exited).toEqual([0, null])
  expect(await isSiteOpen(simulator.ready)).toBe(false)
})

/** Services that are closed hold no port: two simulators leave the same one shut. */
const closedServices = 2

test('a second simulator takes other ports and says so', async () => {
  const busy = net.createServer().listen(0, '127.0.0.1')
  await once(busy, 'listening')
  // A base of its own, so that suites side by side do not meet.
  const basePort = (busy.address() as net.AddressInfo).port - 600
  busy.close()
  await using first = await startProcess(basePort)
  await using second = await startProcess(basePort)
  const count = first.ready.nodes + first.ready.systems + first.ready.devices
  const kept = count - first.ready.moved.length
  expect(kept).toBeGreaterThan(0)
  expect(second.ready.moved.length).toBeGreaterThanOrEqual(kept - closedServices)
  expect(await isSiteOpen(first.ready)).toBe(true)
  expect(await isSiteOpen(second.ready)).toBe(true)
})
test.each(['before it is ready', 'while nobody reads it'])('an abort %s ends it', async (when) => {
  const stop = new AbortController()
  const output = new PassThrough()
  if (when === 'before it is ready') stop.abort()
  else output.once('readable', () => stop.abort())
  await serveControl(designCity(kaifeng), {
    input: new PassThrough(),
    output,
    signal: stop.signal,
    basePort: 0,
  })
  expect(stop.signal.aborted).toBe(true)
})
