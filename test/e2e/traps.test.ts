import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { parseExposition } from '../metrics/parse.ts'
import { credentials } from '../probes/snmp-peers.ts'
import { tool, toolOptions } from '../probes/snmp-trap-peers.ts'
import { freeUdpPort } from '../support/peers.ts'
import { requires } from '../support/services.ts'
import { startYiwang, until } from './child.ts'
import { kaifeng } from './data-folder.ts'

const router = { community: '127.0.0.2', sha256: '127.0.0.3' } as const

test.skipIf(requires('snmptrap', 'snmpinform').skip)(
  'devices of the plan send traps, and the collector shows them',
  async () => {
    await using folder = await kaifeng()
    const port = await freeUdpPort()
    const listen = `127.0.0.1:${port}`
    const secrets = { community: credentials['community'], sha256: credentials['sha256'] }
    await writeFile(folder.file('secrets.yaml'), JSON.stringify(secrets), { mode: 0o600 })
    const configuration = { collector: { listen: '127.0.0.1:0' }, agent: { traps: { listen } } }
    await writeFile(folder.file('yiwang.yaml'), JSON.stringify(configuration))
    for (const [id, address] of Object.entries(router))
      await folder.ok(
        ...['device', 'add', id, `name=${id}`, 'role=router', 'node=n-410200'],
        ...[`address=${address}`, `snmp.credential=${id}`],
      )

    await using child = startYiwang(['run', '--data', folder.path])
    const said = await child.said(/collector listens on http/u)
    const url = /http:\/\/[\d.]+:\d+/u.exec(said)?.[0] ?? ''
    await child.said(/"message":"plan"/u)
    await tool('snmptrap', port, toolOptions.community, { from: router.community })
    await tool('snmpinform', port, toolOptions.sha256, { from: router.sha256 })

    const received = async (): Promise<readonly string[]> => {
      const families = parseExposition(await (await fetch(`${url}/metrics`)).text(), 'text')
      const samples = families.find(({ name }) => name === 'yiwang_snmp_trap_received_total')?.samples ?? []
      return samples.map(({ labels, value }) => `${labels['target']} ${labels['trap']} ${value}`).toSorted()
    }
    const both = ['community linkDown 1', 'sha256 linkDown 1']
    expect(await until(received, (shown) => shown.length === both.length)).toEqual(both)
    const log = [...child.output, ...child.log].join('\n')
    expect(log).not.toContain('read-only-word')
    expect(log).not.toContain('authentication-2')

    const second = await folder.run('run')
    expect(second.code).toBe(4)
    expect(second.stderr).toMatch(/^yiwang: agent\.traps\.listen: 127\.0\.0\.1:\d+ \(UDP\) is in use/mu)
  },
)
