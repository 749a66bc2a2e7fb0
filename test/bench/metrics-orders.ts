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

const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/**
 * The longest turn of the event loop by the CPU time of its thread, which other processes cannot lengthen. It is asked
 * at each turn, so that the loop never rests: what it costs is no measure then.
 */
const turning = () => {
  let [longest, last, isOn] = [0, 0, false]
  const turn = (): void => {
    const now = cpuMs()
    longest = Math.max(longest, now - last)
    last = now
    if (isOn) setImmediate(turn)
  }
  return {
    turn: (): void => {
      ;[longest, last, isOn] = [0, cpuMs(), true]
      setImmediate(turn)
    },
    longest: (): number => {
      isOn = false
      return longest
    },
  }
}

type Work = (...numbers: readonly number[]) => unknown

/** Does what each line of the input says, and prints what came of it; ends with the input. */
export const answerOrders = async (own: Readonly<Record<string, Work>>): Promise<void> => {
  const orders: Readonly<Record<string, Work>> = { ...watching(), ...turning(), ...own }
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [name = '', ...numbers] = line.split(' ')
    console.log(JSON.stringify((await orders[name]?.(...numbers.map(Number))) ?? null))
  }
}
