import { usmStats } from '../fault.ts'
import { encodeReport } from '../message/authority.ts'
import type { EngineClock, UserMessage } from '../message/incoming.ts'
import type { UserKeys } from '../message/keys.ts'
import { decodeScoped, flags } from '../message/usm.ts'

/** Longer than any trap that a device sends in one Ethernet frame; what we say that we take. */
export const longestNotification = 8192

/** Who we are to devices that send informs: with those, the receiver’s clock and keys count (RFC 3414 §1.5.1). */
export interface OwnEngine {
  readonly engineId: Buffer
  /** Higher at each start than ever before, so that nothing of an earlier run is taken again. */
  readonly boots: number
}

/** RFC 3411: ours by no maker (enterprise 0), chosen at random (format 5, octets). */
export const engineIdOf = (random: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([0x80, 0, 0, 0, 5]), random])

export interface RunningEngine {
  readonly clock: () => EngineClock
  /** The Report with this counter of RFC 3414 §5, where the message asks for one. Counts it in any case. */
  readonly report: (message: UserMessage, counter: number, keys?: UserKeys) => Buffer | undefined
}

const isReportable = ({ flags: given }: UserMessage): boolean => (given & flags.reportable) !== 0

const requestIdIn = ({ isEncrypted, data }: UserMessage): number =>
  isEncrypted ? 0 : Math.max(0, decodeScoped(data)?.id ?? 0)

/** Counter32 goes round. */
const next = (count: number): number => (count + 1) % 2 ** 32

export const startEngine = ({ engineId, boots }: OwnEngine): RunningEngine => {
  const startedAt = performance.now()
  const counts = new Map<number, number>()
  const clock = (): EngineClock => ({
    engineId,
    boots,
    time: Math.floor((performance.now() - startedAt) / 1000),
  })
  return {
    clock,
    report: (message, counter, keys) => {
      const count = next(counts.get(counter) ?? 0)
      counts.set(counter, count)
      if (!isReportable(message)) return undefined
      return encodeReport({
        id: message.id,
        requestId: requestIdIn(message),
        user: message.user,
        counter: `${usmStats}${counter}.0`,
        count,
        clock: clock(),
        maxBytes: longestNotification,
        ...(keys && { keys }),
      })
    },
  }
}
