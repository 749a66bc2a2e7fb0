import { type Pdu, type Varbind, isException, pduTags } from '../message/pdu.ts'
import { countOf } from '../values.ts'

/** What an SNMPv2-Trap or InformRequest says (RFC 3416 §4.2.6). */
export interface Notification {
  readonly isInform: boolean
  /** snmpTrapOID. */
  readonly oid: string
  readonly uptimeSeconds: number | undefined
  /** Without the two above. */
  readonly varbinds: readonly Varbind[]
}

const sysUpTime = '1.3.6.1.2.1.1.3.0'
const snmpTrapOid = '1.3.6.1.6.3.1.1.4.1.0'

/** Undefined for another PDU, and for one that does not say what happened. */
export const readNotification = (pdu: Pdu): Notification | undefined => {
  const isInform = pdu.type === pduTags.inform
  if (!isInform && pdu.type !== pduTags.trap) return undefined
  const found = (oid: string): Varbind | undefined => pdu.varbinds.find((varbind) => varbind.oid === oid)
  const trap = found(snmpTrapOid)?.value
  if (typeof trap !== 'string') return undefined
  const ticks = countOf(found(sysUpTime))
  const isOwn = ({ oid }: Varbind): boolean => oid === sysUpTime || oid === snmpTrapOid
  return {
    isInform,
    oid: trap,
    uptimeSeconds: ticks === undefined ? undefined : ticks / 100,
    varbinds: pdu.varbinds.filter((varbind) => !isOwn(varbind) && !isException(varbind)),
  }
}
