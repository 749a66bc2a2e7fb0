import { execFile } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import readline from 'node:readline'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { createNetwork, type Network, requiresRoot } from './netns.ts'
import { requires } from './services.ts'

const links = [
  { upper: 'city', lower: 'county' },
  { upper: 'county', lower: 'township' },
  { upper: 'county', lower: 'village' },
]

const answers = async (network: Network, from: string, to: string): Promise<boolean> => {
  try {
    await network.run(from, 'ping', '-c', '1', '-W', '1', network.address(to))
    return true
  } catch {
    return false
  }
}

describe.skipIf(requiresRoot().skip || requires('ping').skip)('network namespaces', () => {
  test('places reach each other over real links, until one is cut', async () => {
    await using network = await createNetwork(links)
    for (const [from, to] of [
      ['city', 'township'],
      ['township', 'city'],
      ['village', 'township'],
    ] as const)
      expect(await answers(network, from, to)).toBe(true)

    await network.cut('county')
    expect(await answers(network, 'city', 'county')).toBe(false)
    expect(await answers(network, 'city', 'township')).toBe(false)
    expect(await answers(network, 'county', 'township')).toBe(true)

    await network.repair('county')
    await expect.poll(() => answers(network, 'city', 'township')).toBe(true)
    expect(await answers(network, 'township', 'city')).toBe(true)
  })

  test('a process inside a place cannot be reached from outside, and ends with the network', async () => {
    const network = await createNetwork(links)
    const script = `require('node:net').createServer().listen(9022, () => console.log('listening'))`
    const server = network.spawn('township', [process.execPath, '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(readline.createInterface({ input: server.stdout! }), 'line')
    const connect = `require('node:net').connect(9022, process.argv[1]).on('connect', () => process.exit(0))`
    await network.run('city', process.execPath, '-e', connect, network.address('township'))
    const outside = net.connect(9022, '127.0.0.1')
    await expect(once(outside, 'connect')).rejects.toThrow('ECONNREFUSED')
    const exited = once(server, 'exit')
    await network[Symbol.asyncDispose]()
    expect(await exited).toEqual([null, 'SIGKILL'])
  })

  test('nothing is left behind', async () => {
    const { stdout } = await promisify(execFile)('ip', ['netns', 'list'])
    expect(stdout).not.toContain(`yiwang-${process.pid}-`)
  })
})
