import { describe, expect, test } from 'vitest'
import { settings } from '../../src/config/settings.ts'
import { compilePlan } from '../../src/plan/compile.ts'
import { planSettings } from '../../src/plan/settings.ts'
import { device, inventoryOf, node, system } from './fixtures.ts'

/** One of everything that the plan derives by itself. */
const inventory = inventoryOf({
  node: [node()],
  device: [device({ snmp: { credential: 'core' } })],
  system: [
    system({
      endpoints: [
        'https://gov.example.cn:8443/portal?a=b',
        'http://192.0.2.5',
        'tcp://[2001:db8::2]:5432',
        'dns://192.0.2.53/gov.example.cn?type=NS',
        'icmp://192.0.2.7',
      ],
    }),
  ],
})

const compile = (probing: object) => compilePlan(inventory, planSettings(settings.parse({ probing }).probing))

describe('the real probes', () => {
  test('take what the plan derives', () => {
    const jobs = Object.fromEntries(compile({}).jobs.map((job) => [job.id, job]))
    expect(Object.keys(jobs)).toEqual([
      'd-1/icmp@public',
      'd-1/snmp-trap@public',
      'd-1/snmp@public',
      'n-1/icmp@public',
      's-1/dns@public',
      's-1/http/192.0.2.5@public',
      's-1/http@public',
      's-1/icmp@public',
      's-1/tcp@public',
      's-1/tls@public',
    ])
    expect(jobs['s-1/http@public']?.spec).toMatchObject({ scheme: 'https', port: 8443, path: '/portal?a=b' })
    expect(jobs['s-1/tls@public']?.spec).toMatchObject({ address: 'gov.example.cn', port: 8443 })
    expect(jobs['s-1/dns@public']?.spec).toMatchObject({
      address: '192.0.2.53',
      name: 'gov.example.cn',
      type: 'NS',
    })
  })

  test('take what the configuration says of them', () => {
    const { jobs } = compile({
      icmp: { intervalSeconds: 300, count: 100, packetTimeoutSeconds: 2 },
      tls: { intervalSeconds: 3600, timeoutSeconds: 9 },
    })
    const of = (kind: string) => jobs.find((job) => job.kind === kind)
    expect(of('icmp')).toMatchObject({ intervalSeconds: 300, spec: { count: 100, packetTimeoutSeconds: 2 } })
    expect(of('tls')).toMatchObject({ intervalSeconds: 3600, spec: { timeoutSeconds: 9 } })
    expect(of('http')).toMatchObject({ intervalSeconds: 60, spec: { timeoutSeconds: 5 } })
  })
})
