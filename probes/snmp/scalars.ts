import { SnmpFault, errorStatus } from './fault.ts'
import type { Varbind } from './message/pdu.ts'
import type { SnmpSession } from './session.ts'

type Oids = Readonly<Record<string, string>>

/**
 * Objects that stand once, by their OID. Agents that answer v2c by the rules of v1 refuse a whole request for one
 * unknown object: they are asked for the usual ones alone then. Rejects where the agent does not answer, or refuses.
 */
export const getScalars = async (
  session: SnmpSession,
  usual: Oids,
  further: Oids,
): Promise<ReadonlyMap<string, Varbind>> => {
  const get = async (...oids: readonly string[]) =>
    new Map((await session.get(oids)).map((varbind) => [varbind.oid, varbind]))
  try {
    return await get(...Object.values(usual), ...Object.values(further))
  } catch (error) {
    if (!(error instanceof SnmpFault) || error.status !== errorStatus.noSuchName) throw error
    return get(...Object.values(usual))
  }
}
