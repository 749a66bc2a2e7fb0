import { z } from 'zod'
import { collections, type Collection } from '../../inventory/model.ts'
import type { Inventory } from '../../inventory/store.ts'
import { up } from '../../src/core/outcome.ts'
import { type Kind, type Probe, defineListener, defineProbe } from '../../src/core/probe.ts'

const common = { address: z.string().min(1), timeoutSeconds: z.number().positive().default(5) }

const kind = (name: string, fields: z.ZodRawShape): Probe =>
  defineProbe({
    kind: name,
    summary: name,
    spec: z.strictObject({ ...common, ...fields }),
    metrics: [],
    run: () => Promise.resolve(up({})),
  })

const port = z.int().min(1).max(65_535)

/** A registry of its own, so that these tests stand whatever options the real kinds grow. */
export const registry: ReadonlyMap<string, Kind> = new Map(
  [
    kind('icmp', { count: z.int().min(1).max(100).default(3), intervalSeconds: z.number().default(1) }),
    kind('tcp', { port }),
    kind('http', {
      scheme: z.enum(['http', 'https']).default('https'),
      port: port.optional(),
      path: z.string().startsWith('/').default('/'),
      headers: z.record(z.string(), z.string()).default({}),
    }),
    kind('tls', { port: port.default(443) }),
    kind('dns', { port: port.default(53), name: z.string(), type: z.enum(['A', 'AAAA', 'NS']).default('A') }),
    kind('snmp', { port: port.default(161), credential: z.string() }),
    defineListener({
      kind: 'snmp-trap',
      summary: 'snmp-trap',
      schema: z.strictObject({
        address: common.address,
        port: port.default(161),
        credential: z.string(),
        engineId: z.string().optional(),
      }),
      metrics: [],
    }),
  ].map((probe) => [probe.kind, probe]),
)

export type Records = { readonly [C in Collection]?: readonly Readonly<Record<string, unknown>>[] }

/** An inventory of these records, with the schema's defaults filled in. */
export const inventoryOf = (records: Records, revision = 1): Inventory => {
  const map = (collection: Collection) =>
    new Map(
      (records[collection] ?? []).map((record) => {
        const parsed = collections[collection].parse(record)
        return [parsed.id, parsed]
      }),
    )
  const maps = Object.keys(collections).map((name) => [name, map(name as Collection)])
  return { revision, ...Object.fromEntries(maps) } as Inventory
}

export const node = (overrides: Readonly<Record<string, unknown>> = {}) => ({
  id: 'n-1',
  name: '城关镇便民服务中心',
  region: '410221100',
  level: 'township',
  kind: 'hall',
  addresses: ['192.0.2.1'],
  ...overrides,
})

export const system = (overrides: Readonly<Record<string, unknown>> = {}) => ({
  id: 's-1',
  name: '政务服务网',
  region: '410200',
  kind: 'website',
  ...overrides,
})

export const device = (overrides: Readonly<Record<string, unknown>> = {}) => ({
  id: 'd-1',
  name: '核心路由器',
  role: 'router',
  node: 'n-1',
  address: '192.0.2.254',
  ...overrides,
})
