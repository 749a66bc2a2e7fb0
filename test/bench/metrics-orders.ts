import { monitorEventLoopDelay } from 'node:perf_hooks'
import readline from 'node:readline'
import { residentMegabytes } from './process.ts'

/** What a process used between two orders, and how long its event loop stood still at most. */
export interface Usage {
  readonly cpuSeconds: number
  readonly delayMaxMs: number
  readonly delay99Ms: number
  readonly residentMegabytes: number
  readonly peakMegabytes: number
}

const watching = () => {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  let cpu = process.cpuUsage()
  return {
    start: (): void => {
      delay.reset()
      delay.enable()
      cpu = process.cpuUsage()
    },
    stop: (): Usage => {
      const { user, system } = process.cpuUsage(cpu)
      delay.disable()
      const { now, peak } = residentMegabytes(process.pid)
      return {
        cpuSeconds: (user + system) / 1e6,
        delayMaxMs: delay.max / 1e6,
        delay99Ms: delay.percentile(99) / 1e6,
        residentMegabytes: now,
        peakMegabytes: peak,
      }
    },
  }
}

type Work = (...numbers: readonly number[]) => unknown

/** Does what each line of the input says, and prints what came of it; ends with the input. */
export const answerOrders = async (own: Readonly<Record<string, Work>>): Promise<void> => {
  const orders: Readonly<Record<string, Work>> = { ...watching(), ...own }
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [name = '', ...numbers] = line.split(' ')
    console.log(JSON.stringify((await orders[name]?.(...numbers.map(Number))) ?? null))
  }
}
