import { once } from 'node:events'
import readline from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { z } from 'zod'
import { id } from '../../inventory/model.ts'
import type { Operation } from '../../inventory/store.ts'
import { EnvironmentFault, UsageFault } from '../core/fault.ts'
import { jsonOf } from '../core/json.ts'
import { type City, plantedOf, servicesOf, siteUrls } from './city.ts'
import type { Credentials } from './credentials.ts'
import type { Fault } from './named.ts'
import type { Planted } from './service.ts'
import { type Moved, type Simulator, type SimulatorOptions, startSimulator } from './serve.ts'

/** One line to the simulator: JSON. */
const request = z.union([
  z.strictObject({ cut: id }),
  z.strictObject({ repair: id }),
  /** Named systems whose faults are there from now on, and no other. */
  z.strictObject({ plant: z.array(id).max(1000) }),
])
export type Request = z.output<typeof request>

export interface PlantedOnCue extends Planted, Pick<Fault, 'of'> {}

/** The first line from the simulator, once everything answers. Carries secrets: it goes to the parent's pipe only. */
export interface Ready {
  readonly nodes: number
  readonly systems: number
  readonly devices: number
  /** What is out of order from the start. */
  readonly planted: readonly Planted[]
  /** Faults that can be planted, each of some named systems. */
  readonly faults: readonly PlantedOnCue[]
  /** Web sites that a person may open. */
  readonly addresses: readonly { readonly name: string; readonly url: string }[]
  readonly moved: readonly Moved[]
  /** Writes the demo's inventory to an empty store. */
  readonly operations: readonly Operation[]
  /** The agents' secrets, by credential name. */
  readonly credentials: Credentials
  /** PEM of the authority that issued the good certificates. */
  readonly authority: string
}

/** Every line from the simulator: `ready` first, then one answer a request, in their order. */
export type Reply =
  | { readonly ready: Ready }
  /** Services that closed or opened. */
  | { readonly done: Request; readonly services: readonly string[] }
  /** The request was not understood or could not be done; the simulator goes on. */
  | { readonly problem: string }

export interface ControlOptions extends SimulatorOptions {
  readonly input: Readable
  readonly output: Writable
  /** Ends the simulator, as the end of `input` does. */
  readonly signal: AbortSignal
}

const onCue = (city: City): readonly PlantedOnCue[] => {
  const names = new Map(servicesOf(city).map(({ id, name }) => [id, name]))
  return city.faults.map(({ of, service: id, what }) => ({ of, id, name: names.get(id) ?? id, what }))
}

const readyOf = (city: City, simulator: Simulator): Ready => ({
  nodes: city.nodes.length,
  systems: city.systems.length,
  devices: city.devices.length,
  planted: plantedOf(city),
  faults: onCue(city),
  addresses: siteUrls(city, simulator.ports),
  moved: simulator.moved,
  operations: simulator.inventory,
  credentials: simulator.credentials,
  authority: simulator.authority,
})

const obey = (simulator: Simulator, wanted: Request): Promise<readonly string[]> => {
  if ('plant' in wanted) return simulator.plant(wanted.plant)
  return 'cut' in wanted ? simulator.cut(wanted.cut) : simulator.repair(wanted.repair)
}

const answer = async (simulator: Simulator, line: string): Promise<Reply> => {
  const wanted = request.safeParse(jsonOf(line)).data
  if (wanted === undefined)
    return { problem: 'expected {"cut":"<node>"}, {"repair":"<node>"} or {"plant":["<named system>"]}' }
  try {
    return { done: wanted, services: await obey(simulator, wanted) }
  } catch (error) {
    if (error instanceof UsageFault || error instanceof EnvironmentFault) return { problem: error.message }
    throw error
  }
}

const send = async (reply: Reply, { output, signal }: ControlOptions): Promise<void> => {
  if (!output.write(`${JSON.stringify(reply)}\n`)) await once(output, 'drain', { signal })
}

const converse = async (city: City, simulator: Simulator, options: ControlOptions): Promise<void> => {
  const { input, signal } = options
  signal.throwIfAborted()
  await send({ ready: readyOf(city, simulator) }, options)
  for await (const line of readline.createInterface({ input, signal }))
    await send(await answer(simulator, line), options)
}

/**
 * Serves the city and does what the lines of `input` ask, one at a time, until it ends or the signal aborts;
 * then everything is closed. Rejects as `startSimulator` does.
 */
export const serveControl = async (city: City, options: ControlOptions): Promise<void> => {
  await using simulator = await startSimulator(city, options)
  try {
    await converse(city, simulator, options)
  } catch (error) {
    if (!options.signal.aborted) throw error
  }
}
