import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launcher } from '../support/cli.ts'
import { type Network, createNetwork, requiresRoot } from '../support/netns.ts'

describe.skipIf(requiresRoot().skip)('a firewall on the way that prohibits', () => {
  let network: Network
  beforeAll(async () => {
    network = await createNetwork([{ upper: 'city', lower: 'county' }])
    const county = network.address('county')
    await network.run('county', 'sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1')
    await network.run('city', 'ip', 'address', 'add', 'fd98:1::1/64', 'dev', 'port0', 'nodad')
    await network.run('county', 'ip', 'address', 'add', 'fd98:1::2/64', 'dev', 'uplink', 'nodad')
    await network.run('city', 'ip', 'route', 'add', '10.98.3.0/24', 'via', county)
    await network.run('city', 'ip', 'route', 'add', 'fd98:3::/64', 'via', 'fd98:1::2')
    await network.run('county', 'ip', 'route', 'add', 'prohibit', '10.98.3.0/24')
    await network.run('county', 'ip', 'route', 'add', 'prohibit', 'fd98:3::/64')
    await network.run('city', 'ip', 'route', 'add', 'prohibit', 'fd98:4::/64')
  })
  afterAll(() => network[Symbol.asyncDispose]())

  const look = async (...args: readonly string[]): Promise<unknown> => {
    const line = [launcher, 'probe', ...args, '--json'].join(' ')
    return JSON.parse(await network.run('city', 'sh', '-c', `${line} || true`))
  }

  test.each([
    ['tcp', '10.98.3.1', '--port', '80'],
    ['tcp', 'fd98:3::1', '--port', '80'],
    ['http', 'fd98:3::1', '--scheme', 'http'],
    ['ntp', 'fd98:3::1'],
    ['ports', 'fd98:3::1', '--ports', '80,443', '--authorised-by', 'fd98:3::/64'],
  ])('%s %s: unreachable', async (...args) => {
    expect(await look(...args)).toMatchObject({ status: 'down', cause: 'unreachable' })
  })

  test('what this machine prohibits itself is no fact about the target', async () => {
    expect(await look('tcp', 'fd98:4::1', '--port', '80')).toMatchObject({
      status: 'unknown',
      cause: 'permission',
    })
  })
})
