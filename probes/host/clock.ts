import { foreign, isKnownLayout } from '../net/foreign.ts'
import type { ClockFacts } from './facts.ts'
import { listProcesses } from './processes.ts'

/** `struct timex` of 64-bit Linux (adjtimex(2)). */
const layout = { modes: 0, maxError: 24, estimatedError: 32, bytes: 208 } as const
/** Where the kernel's reckoning of the error ends (`NTP_PHASE_LIMIT`): at its start, and hours after it was last told. */
const nobodyKnowsSeconds = 16

/**
 * Reads what adjtimex(2) has filled in; errors are in microseconds. Not by the flag `STA_UNSYNC`: who keeps the time, and
 * does not want the kernel to write it into the hardware clock, leaves that set (chronyd without `rtcsync`, timesyncd
 * beside a hardware clock in local time); systemd's `NTPSynchronized` does as here.
 */
export const readTimex = (view: DataView): Omit<ClockFacts, 'daemons'> => {
  const maxErrorSeconds = Number(view.getBigInt64(layout.maxError, true)) / 1e6
  return {
    synchronised: maxErrorSeconds < nobodyKnowsSeconds,
    maxErrorSeconds,
    estimatedErrorSeconds: Number(view.getBigInt64(layout.estimatedError, true)) / 1e6,
  }
}

type Adjtimex = (timex: Uint8Array) => number
let bound: Adjtimex | undefined
const adjtimex = (): Adjtimex => (bound ??= foreign().library.func('int adjtimex(void *)') as Adjtimex)

const askKernel = (): Omit<ClockFacts, 'daemons'> | undefined => {
  if (!isKnownLayout) return undefined
  const bytes = new Uint8Array(new ArrayBuffer(layout.bytes))
  // Modes of 0 change nothing, and need no privilege.
  return adjtimex()(bytes) < 0 ? undefined : readTimex(new DataView(bytes.buffer))
}

/** Names as the kernel cuts them, to 15 characters. */
const daemonNames = new Set(['chronyd', 'ntpd', 'openntpd', 'systemd-timesyn', 'ptp4l', 'phc2sys'])

/** What the kernel thinks of its clock, and which programs set it; undefined where the kernel cannot be asked. */
export const readClock = async (): Promise<ClockFacts | undefined> => {
  const clock = askKernel()
  if (clock === undefined) return undefined
  const names = (await listProcesses()).map(({ name }) => name).filter((name) => daemonNames.has(name))
  return { ...clock, daemons: [...new Set(names)].toSorted() }
}
