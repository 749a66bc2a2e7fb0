import type { Varbind } from '../message/pdu.ts'
import { getScalars } from '../scalars.ts'
import type { SnmpSession } from '../session.ts'
import { countOf, textOf } from '../values.ts'

/** What an agent says of the device that it speaks for. */
export interface Description {
  readonly sysName?: string | undefined
  readonly sysDescr?: string | undefined
  readonly sysLocation?: string | undefined
  readonly sysObjectId?: string | undefined
  /** sysServices (RFC 3418): a bit for each layer that it works at. */
  readonly services?: number | undefined
  /** ifNumber. */
  readonly interfaceCount?: number | undefined
  /** snmpEngineID in hexadecimal: the same at each address of a device. */
  readonly engineId?: string | undefined
}

const usual = {
  sysDescr: '1.3.6.1.2.1.1.1.0',
  sysObjectId: '1.3.6.1.2.1.1.2.0',
  sysName: '1.3.6.1.2.1.1.5.0',
} as const
const further = {
  sysLocation: '1.3.6.1.2.1.1.6.0',
  services: '1.3.6.1.2.1.1.7.0',
  interfaceCount: '1.3.6.1.2.1.2.1.0',
  engineId: '1.3.6.1.6.3.10.2.1.1.0',
} as const

/** RFC 3411: an engine id has five to thirty-two octets. */
const isEngineId = (value: Varbind['value']): value is Buffer =>
  Buffer.isBuffer(value) && value.length >= 5 && value.length <= 32

/** Asks an agent who it is; rejects where it does not answer, or refuses. */
export const describeAgent = async (session: SnmpSession): Promise<Description> => {
  const found = await getScalars(session, usual, further)
  const objectId = found.get(usual.sysObjectId)?.value
  const engineId = found.get(further.engineId)?.value
  return {
    sysName: textOf(found.get(usual.sysName)),
    sysDescr: textOf(found.get(usual.sysDescr)),
    sysLocation: textOf(found.get(further.sysLocation)),
    sysObjectId: typeof objectId === 'string' ? objectId : undefined,
    services: countOf(found.get(further.services)),
    interfaceCount: countOf(found.get(further.interfaceCount)),
    engineId: isEngineId(engineId) ? engineId.toString('hex') : undefined,
  }
}
