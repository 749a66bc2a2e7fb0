import type { Reading } from './conversation.ts'
import { faultOfStatus } from './fault.ts'
import { type Pdu, type Varbind, pduTags } from './message/pdu.ts'

/** What a PDU says to the request of this id. */
export const readResponse = (pdu: Pdu, id: number): Reading<readonly Varbind[]> => {
  if (pdu.type !== pduTags.response) return { objection: 'expected a response PDU, got another' }
  if (pdu.id !== id) return { objection: 'expected the answer to this request, got one to another' }
  if (pdu.errorStatus !== 0) return { fault: faultOfStatus(pdu.errorStatus) }
  return { answer: pdu.varbinds }
}
