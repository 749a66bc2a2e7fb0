import type { Operation } from '../../inventory/store.ts'
import { EnvironmentFault, UsageFault } from '../core/fault.ts'
import type { TargetId } from '../core/target.ts'
import { createCarrier } from './carrier.ts'
import { type City, type Ports, cutOff, inventoryOf, servicesOf } from './city.ts'
import { type Credentials, generateCredentials } from './credentials.ts'
import { cityAuthority, issueIdentities } from './identities.ts'
import type { Listener } from './servers/listener.ts'
import { type Means, openService } from './servers/open.ts'
import { type Service, preferredPort } from './service.ts'

/** A service that could not have the port it wanted. */
export interface Moved {
  readonly service: TargetId
  readonly wanted: number
  readonly port: number
}

/** A city that answers. Disposing it closes every socket. */
export interface Simulator extends AsyncDisposable {
  readonly ports: Ports
  /** The whole inventory with the ports that were had, for an empty store. */
  readonly inventory: readonly Operation[]
  readonly credentials: Credentials
  /** PEM of the authority that issued the good certificates. */
  readonly authority: string
  readonly moved: readonly Moved[]
  /** Cuts the node's lines: its services and all behind them close. Gives those that closed. `UsageFault` for no such node. */
  cut(node: TargetId): Promise<readonly TargetId[]>
  /** Mends them. Gives the services that opened again; their ports are the same. */
  repair(node: TargetId): Promise<readonly TargetId[]>
}

export interface SimulatorOptions {
  /** Ports count from here; 0 takes any free ones. */
  readonly basePort?: number
  /** Milliseconds, never going back: what the counters of devices follow. Default: the machine's. */
  readonly clock?: () => number
}

const defaultBasePort = 9000

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined

/** An address that this machine does not have is a system whose loopback is 127.0.0.1 alone. */
const asFault = (error: unknown, { address }: Service, port: number): unknown => {
  if (codeOf(error) === 'EADDRINUSE')
    return new EnvironmentFault('PORT_IN_USE', `port ${port} of ${address} is taken`, { cause: error })
  if (codeOf(error) === 'EADDRNOTAVAIL')
    return new EnvironmentFault(
      'SOCKET_DENIED',
      `expected ${address} to be a loopback address of this machine`,
      {
        cause: error,
        suggestion: 'run the simulator on Linux, where all of 127.0.0.0/8 is',
      },
    )
  return error
}

const open = async (service: Service, port: number, means: Means): Promise<Listener> => {
  try {
    return await openService(service, port, means)
  } catch (error) {
    throw asFault(error, service, port)
  }
}

const isTaken = (error: unknown): boolean => error instanceof EnvironmentFault && error.code === 'PORT_IN_USE'

const openSomewhere = async (service: Service, port: number, means: Means): Promise<Listener> => {
  try {
    return await open(service, port, means)
  } catch (error) {
    if (isTaken(error)) return open(service, 0, means)
    throw error
  }
}

/** Waits for all, also where one fails, so that nothing is still on its way afterwards. */
const allDone = async (work: readonly Promise<void>[]): Promise<void> => {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

type Listeners = Map<TargetId, Listener>

const closeAll = async (listeners: Listeners): Promise<void> => {
  const closing = [...listeners.values()]
  listeners.clear()
  await Promise.all(closing.map((listener) => listener[Symbol.asyncDispose]()))
}

/** Opens them all or none. */
const openAll = async (services: readonly Service[], basePort: number, means: Means): Promise<Listeners> => {
  const listeners: Listeners = new Map()
  const openOne = async (service: Service): Promise<void> => {
    const port = preferredPort(service.behaviour.kind, basePort)
    listeners.set(service.id, await openSomewhere(service, port, means))
  }
  try {
    await allDone(services.map(openOne))
    return listeners
  } catch (error) {
    await closeAll(listeners)
    throw error
  }
}

const movedOf = (services: readonly Service[], ports: Ports, basePort: number): readonly Moved[] =>
  services.flatMap(({ id, behaviour }) => {
    const wanted = preferredPort(behaviour.kind, basePort)
    const port = ports.get(id)
    return wanted === 0 || port === undefined || port === wanted ? [] : [{ service: id, wanted, port }]
  })

/** Runs jobs one after the other, so that a cut and a repair never meet half way. */
const oneByOne = (): (<Result>(job: () => Promise<Result>) => Promise<Result>) => {
  let last: Promise<unknown> = Promise.resolve()
  return (job) => {
    const next = last.then(job, job)
    last = next
    return next
  }
}

interface Running {
  readonly city: City
  readonly services: readonly Service[]
  readonly ports: Ports
  readonly listeners: Listeners
  readonly means: Means
}

/** Closes what `cuts` cut off, opens what they do not. Gives the services that changed. */
const settle = async (
  { city, services, ports, listeners, means }: Running,
  cuts: ReadonlySet<TargetId>,
): Promise<readonly TargetId[]> => {
  const lost = cutOff(city, cuts)
  means.carrier.setLost(lost)
  const changed = services.filter(({ id, node }) => lost.has(node) === listeners.has(id))
  const turn = async (service: Service): Promise<void> => {
    const listener = listeners.get(service.id)
    if (listener === undefined)
      return void listeners.set(service.id, await open(service, ports.get(service.id) ?? 0, means))
    listeners.delete(service.id)
    await listener[Symbol.asyncDispose]()
  }
  await allDone(changed.map(turn))
  return changed.map(({ id }) => id)
}

const control = (running: Running): Pick<Simulator, 'cut' | 'repair' | typeof Symbol.asyncDispose> => {
  const nodes = new Set(running.city.nodes.map(({ record }) => record.id))
  const cuts = new Set<TargetId>()
  const inTurn = oneByOne()
  const change = (node: TargetId, alter: () => void): Promise<readonly TargetId[]> =>
    inTurn(() => {
      if (!nodes.has(node)) throw new UsageFault(`expected a node of the simulated city, got ${node}`)
      alter()
      return settle(running, cuts)
    })
  return {
    cut: (node) => change(node, () => cuts.add(node)),
    repair: (node) => change(node, () => cuts.delete(node)),
    [Symbol.asyncDispose]: () => inTurn(() => closeAll(running.listeners)),
  }
}

/**
 * Serves the city on loopback. A port that is taken is replaced by a free one (`moved` says which).
 * Rejects with `EnvironmentFault` where the machine's loopback is not all of 127.0.0.0/8.
 */
export const startSimulator = async (
  city: City,
  { basePort = defaultBasePort, clock = () => performance.now() }: SimulatorOptions = {},
): Promise<Simulator> => {
  const services = servicesOf(city)
  const now = Date.now()
  const authority = cityAuthority(now)
  const credentials = generateCredentials()
  const identities = issueIdentities(services, authority, now)
  const means: Means = { identities, credentials, carrier: createCarrier(clock) }
  const listeners = await openAll(services, basePort, means)
  const ports = new Map([...listeners].map(([id, { port }]) => [id, port]))
  return {
    ports,
    inventory: inventoryOf(city, ports),
    credentials,
    authority: authority.cert,
    moved: movedOf(services, ports, basePort),
    ...control({ city, services, ports, listeners, means }),
  }
}
