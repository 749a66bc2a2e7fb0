import { z } from 'zod'
import { getScalars } from './scalars.ts'
import type { SnmpSession } from './session.ts'
import { countOf, textOf } from './values.ts'

export interface SystemFacts {
  readonly sysName?: string | undefined
  readonly sysDescr?: string | undefined
  /** RFC 3418 sysUpTime: since the agent started; goes round every 497 days. */
  readonly sysUpTimeSeconds?: number | undefined
  /** RFC 3411 snmpEngineBoots and snmpEngineTime: do not go round in a device's life. */
  readonly engineBoots?: number | undefined
  readonly engineTimeSeconds?: number | undefined
}

const mib2 = {
  sysDescr: '1.3.6.1.2.1.1.1.0',
  sysUpTime: '1.3.6.1.2.1.1.3.0',
  sysName: '1.3.6.1.2.1.1.5.0',
} as const
const engine = {
  engineBoots: '1.3.6.1.6.3.10.2.1.2.0',
  engineTime: '1.3.6.1.6.3.10.2.1.3.0',
} as const

/** Reads the system group; what the agent does not have, or does not show us, is left undefined. */
export const readSystem = async (session: SnmpSession): Promise<SystemFacts> => {
  const found = await getScalars(session, mib2, engine)
  const ticks = countOf(found.get(mib2.sysUpTime))
  return {
    sysName: textOf(found.get(mib2.sysName)),
    sysDescr: textOf(found.get(mib2.sysDescr)),
    sysUpTimeSeconds: ticks === undefined ? undefined : ticks / 100,
    engineBoots: countOf(found.get(engine.engineBoots)),
    engineTimeSeconds: countOf(found.get(engine.engineTime)),
  }
}

const earlierFacts = z.object({
  sysUpTimeSeconds: z.number().optional(),
  engineBoots: z.number().optional(),
  engineTimeSeconds: z.number().optional(),
})

/** Past this the counter of hundredths of a second (32 bits) may have gone round since. */
const nearlyRoundSeconds = 2 ** 32 / 100 - 86_400

const wentBack = (before: number | undefined, now: number | undefined): boolean | undefined =>
  before === undefined || now === undefined ? undefined : now < before

/**
 * Whether the agent has started anew since the run that `previous` is the facts of.
 * The engine's own clock decides where both runs have it, since sysUpTime also goes back by going round.
 */
export const hasRestarted = (previous: unknown, current: SystemFacts): boolean => {
  const before = earlierFacts.safeParse(previous).data
  if (before === undefined) return false
  const { engineBoots, engineTimeSeconds, sysUpTimeSeconds = 0 } = before
  const isEngineYounger = wentBack(engineTimeSeconds, current.engineTimeSeconds)
  if (isEngineYounger !== undefined) return isEngineYounger || engineBoots !== current.engineBoots
  if (sysUpTimeSeconds > nearlyRoundSeconds) return false
  return wentBack(sysUpTimeSeconds, current.sysUpTimeSeconds) ?? false
}
