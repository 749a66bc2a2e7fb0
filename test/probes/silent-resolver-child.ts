import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { probes } from '../../probes/index.ts'
import type { CommonSpec } from '../../src/core/probe.ts'
import { probeContext } from '../support/context.ts'

/** Run in a namespace whose resolver is 127.0.0.1: binds that, answers nothing, lets each kind look at a name. */

const required: Readonly<Record<string, object>> = {
  tcp: { port: 1 },
  dns: { name: 'www.example.test' },
  snmp: { credential: 'any' },
  ports: { ports: [1], authorisedBy: ['0.0.0.0/0'], portTimeoutSeconds: 0.1 },
}
const context = probeContext({ credential: () => ({ kind: 'snmp-community', community: 'any' }) })

const silent = createSocket('udp4').bind(53, '127.0.0.1')
await once(silent, 'listening')
const looks = probes
  .filter(({ kind }) => kind !== 'host')
  .map(async ({ kind, bind }) => {
    const spec: CommonSpec = { address: 'www.example.test', timeoutSeconds: 1.5, ...required[kind] }
    const { status, cause, detail } = await bind(spec)(context)
    return [kind, { status, cause, detail }] as const
  })
process.stdout.write(JSON.stringify(Object.fromEntries(await Promise.all(looks))), () => process.exit())
