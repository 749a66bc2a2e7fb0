import { createHash } from 'node:crypto'
import type { Pdu } from '../message/pdu.ts'

/**
 * What came lately, so that a message that comes again is told from a new one: a device repeats an inform until it
 * hears of it, and within the time window of RFC 3414 anybody can repeat a trap that was overheard.
 */
export interface Repeats {
  /** Whether what came first was kept; undefined for what is new. */
  readonly earlier: (said: Said) => Promise<boolean> | undefined
  /** What turns out not to be kept is forgotten, so that it may come again. */
  readonly remember: (said: Said, kept: Promise<boolean>) => void
}

/** What a device said: of a repeated inform envelope, msgID and salt are others. */
export interface Said {
  readonly device: string
  /** snmpEngineBoots of its message, 0 in v2c. */
  readonly boots: number
  readonly pdu: Pdu
}

/** A little longer than the time window: what is repeated later is late. */
const rememberedMs = 160_000
/** As many as the total rate lets through in that time. */
const mostRemembered = 32_768

const keyOf = ({ device, boots, pdu: { type, id, varbinds } }: Said): string => {
  const digest = createHash('sha1').update(JSON.stringify([device, boots, type, id]))
  for (const { oid, type: tag, value = '' } of varbinds) {
    const octets = Buffer.isBuffer(value) ? value : Buffer.from(String(value))
    digest.update(`${oid} ${tag} ${octets.length} `).update(octets)
  }
  return digest.digest('base64')
}

interface Remembered {
  readonly kept: Promise<boolean>
  readonly at: number
}

export const createRepeats = (): Repeats => {
  const known = new Map<string, Remembered>()
  const isStale = ({ at }: Remembered): boolean => performance.now() - at > rememberedMs
  const forget = (): void => {
    for (const [key, remembered] of known) {
      if (known.size <= mostRemembered && !isStale(remembered)) return
      known.delete(key)
    }
  }
  return {
    earlier: (said) => {
      const remembered = known.get(keyOf(said))
      return remembered === undefined || isStale(remembered) ? undefined : remembered.kept
    },
    remember: (said, kept) => {
      const key = keyOf(said)
      known.delete(key)
      const remembered = { kept, at: performance.now() }
      known.set(key, remembered)
      void kept.then((isKept) => {
        if (!isKept && known.get(key) === remembered) known.delete(key)
      })
      forget()
    },
  }
}
