import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type InvitationRequest, inviteAgent, keyHash } from '../../inventory/agents.ts'
import { type Collection, collectionNames, collections, type InputOf } from '../../inventory/model.ts'
import type { ChangeRequest, Inventory, InventoryStore } from '../../inventory/store.ts'
import { type CollectorOptions, createCollector } from '../../src/collector/collector.ts'
import { openHistory } from '../../src/collector/history.ts'
import type { ResultStore, Sighting } from '../../src/collector/history/port.ts'
import { type RunningCollector, type ServerOptions, startCollector } from '../../src/collector/server.ts'
import type { Observation } from '../../src/core/observation.ts'
import type { Target } from '../../src/core/target.ts'
import { sealPlan } from '../../src/plan/digest.ts'
import type { FullPlan, Job } from '../../src/plan/plan.ts'
import { nodeTarget, uplinkTarget, systemTarget, deviceTarget } from '../../src/plan/targets.ts'
import type { Batch } from '../../src/transport/wire.ts'

export type Records = { readonly [C in Collection]?: readonly InputOf<C>[] }

const parsed = (collection: Collection, records: Records): ReadonlyMap<string, unknown> =>
  new Map(
    records[collection]?.map((record) => {
      const value = collections[collection].parse(record)
      return [value.id, value]
    }),
  )

export const inventoryOf = (records: Records, revision = 1): Inventory =>
  ({
    revision,
    ...Object.fromEntries(collectionNames.map((name) => [name, parsed(name, records)])),
  }) as unknown as Inventory

/** The inventory's port over plain maps: changes are serialised, validated and whole, and nothing is durable. */
export const memoryStore = (first: Inventory): InventoryStore & { readonly changes: ChangeRequest[] } => {
  let inventory = first
  const changes: ChangeRequest[] = []
  const refuse = (): never => {
    throw new Error('not part of these tests')
  }
  return {
    changes,
    read: () => Promise.resolve(inventory),
    change: async (request) => {
      await Promise.resolve()
      const operations = request.operations(inventory)
      if (operations.length === 0) return { revision: inventory.revision, added: 0, replaced: 0, removed: 0 }
      const maps = Object.fromEntries(
        collectionNames.map((name) => [name, new Map<string, unknown>(inventory[name])]),
      )
      for (const operation of operations)
        if (operation.op === 'put') {
          const record = collections[operation.collection].parse(operation.record)
          maps[operation.collection]?.set(record.id, record)
        } else maps[operation.collection]?.delete(operation.id)
      inventory = { ...inventory, ...maps, revision: inventory.revision + 1 }
      changes.push(request)
      return { revision: inventory.revision, added: operations.length, replaced: 0, removed: 0 }
    },
    audit: refuse,
    auditHead: refuse,
    auditVerify: refuse,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

export const node = (id: string, more: Partial<InputOf<'node'>> = {}): InputOf<'node'> => ({
  id,
  name: `节点 ${id}`,
  region: '410212',
  level: 'township',
  kind: 'department',
  ...more,
})

export const line = (to: string, id = 'u1'): InputOf<'node'>['uplinks'] => [{ id, kind: 'line', to }]

export const job = (target: string, more: Partial<Job> = {}): Job => {
  const { kind = 'icmp', vantage = 'public' } = more
  return {
    id: `${target}/${kind}@${vantage}`,
    target,
    kind,
    spec: { address: '127.0.0.1' },
    intervalSeconds: 30,
    vantage,
    expect: 'reachable',
    ...more,
  }
}

const targetsOf = (inventory: Inventory): readonly Target[] => [
  ...inventory.node
    .values()
    .flatMap((each) => [nodeTarget(each), ...each.uplinks.map((uplink) => uplinkTarget(each, uplink))]),
  ...inventory.system.values().map((system) => systemTarget(system, inventory)),
  ...inventory.device.values().flatMap((device) => {
    const host = inventory.node.get(device.node)
    return host ? [deviceTarget(device, host)] : []
  }),
]

/** A plan of these jobs; targets are all records of the inventory, and uplinks that have a job. */
export const planOf = (inventory: Inventory, jobs: readonly Job[]): FullPlan => {
  const probed = new Set(jobs.map(({ target }) => target))
  const targets = targetsOf(inventory).filter(({ id, labels }) => labels.class !== 'uplink' || probed.has(id))
  return { ...sealPlan(inventory.revision, jobs), targets: new Map(targets.map((each) => [each.id, each])) }
}

/** One ICMP job for each node. */
export const pingAll = (inventory: Inventory): FullPlan =>
  planOf(
    inventory,
    [...inventory.node.keys()].map((id) => job(id)),
  )

export const observation = (of: Job, more: Partial<Observation> = {}): Observation => ({
  job: of.id,
  target: of.target,
  kind: of.kind,
  vantage: of.vantage,
  planRevision: 1,
  status: 'up',
  observedAt: 0,
  seconds: 0.01,
  facts: {},
  ...more,
})

export const down = { status: 'down', cause: 'timeout', detail: 'no answer within 5 s' } as const

export const sightingsOf = (
  sightings: readonly (readonly [agent: string, observation: Observation])[],
): ReadonlyMap<string, readonly Sighting[]> =>
  Map.groupBy(
    sightings.map(([agent, seen]) => ({ agent, observation: seen, since: seen.observedAt })),
    ({ observation: { job: id } }) => id,
  )

export const batchOf = (observations: readonly Observation[], more: Partial<Batch> = {}): Batch => ({
  stream: randomUUID(),
  firstSequence: 1,
  sentAt: Date.now(),
  spooled: 0,
  observations: observations as Batch['observations'],
  ...more,
})

/** A private folder, removed at the end. */
export const temporaryFolder = (): Disposable & { readonly path: string } => {
  const folder = mkdtempSync(path.join(tmpdir(), 'yiwang-test-'))
  return {
    path: folder,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export const temporaryHistory = (): ResultStore & { readonly file: string } => {
  const folder = temporaryFolder()
  const file = path.join(folder.path, 'history.sqlite')
  const history = openHistory(file)
  return {
    ...history,
    file,
    [Symbol.asyncDispose]: async () => {
      await history[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

export const agentKey = 'test-key-that-is-long-enough'
export const activeAgent = (id: string, more: Partial<InputOf<'agent'>> = {}): InputOf<'agent'> => ({
  id,
  state: 'active',
  keyHash: keyHash(agentKey),
  ...more,
})

/** An invitation as the command writes it. */
export const invited = (request: Partial<InvitationRequest> = {}) => {
  const full: InvitationRequest = {
    ...{ id: 'a', vantage: 'public', regions: [], expiresAt: Date.now() + 60_000 },
    ...request,
  }
  const { secret, operation } = inviteAgent(full)
  return { secret, record: (operation as { readonly record: InputOf<'agent'> }).record }
}

export const collectorOptions = (
  records: Records,
  history: ResultStore,
  more: Partial<CollectorOptions> = {},
): CollectorOptions => ({
  inventory: memoryStore(inventoryOf(records)),
  history,
  compile: pingAll,
  version: '0.0.0-test',
  silentAfterSeconds: 60,
  retention: { rawDays: 3, hourlyDays: 400 },
  clock: Date.now,
  log: () => undefined,
  ...more,
})

export const openCollector = (records: Records, history: ResultStore, more: Partial<CollectorOptions> = {}) =>
  createCollector(collectorOptions(records, history, more))

export interface Served extends AsyncDisposable {
  readonly running: RunningCollector
  readonly history: ResultStore
  readonly store: InventoryStore
  /** A request as an agent `a` with its key makes it; `headers` add to it or, undefined, take away. */
  ask(path: string, init?: AskInit): Promise<Response>
}
export interface AskInit {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string | undefined>>
}

const headersOf = (agent: string, headers: AskInit['headers'] = {}): Record<string, string> => {
  const all: Readonly<Record<string, string | undefined>> = {
    'yiwang-protocol': '1',
    authorization: `Bearer ${agent}.${agentKey}`,
    ...headers,
  }
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  )
}

/** A collector on a free port of the loopback, with an agent `a` that is enrolled unless the records say otherwise. */
export const serve = async (records: Records, more: Partial<ServerOptions> = {}): Promise<Served> => {
  const history = temporaryHistory()
  const options = collectorOptions({ agent: [activeAgent('a')], ...records }, history, more)
  const running = await startCollector({
    ...options,
    listen: { host: '127.0.0.1', port: 0 },
    batchLimitBytes: 8 * 1024 * 1024,
    ...more,
  })
  return {
    running,
    history,
    store: options.inventory,
    ask: (route, { method, body, headers } = {}) =>
      fetch(new URL(route, running.url), {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: headersOf('a', headers),
        ...(body !== undefined && {
          body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body),
        }),
      }),
    [Symbol.asyncDispose]: async () => {
      await running.close()
      await history[Symbol.asyncDispose]()
    },
  }
}
