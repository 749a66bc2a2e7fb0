import {
  createWriter,
  cursorOver,
  enter,
  putHeader,
  putInteger,
  putOctets,
  readInteger,
  readOctets,
  tags,
  written,
} from './ber.ts'
import { type Request, pduTags, putRequest } from './pdu.ts'

/** SNMPv2c's number in a message (RFC 1901). */
const version = 1
const scratch = createWriter()

/** RFC 1901: version, community, PDU. */
export const encodeCommunityRequest = (community: string, request: Request): Buffer => {
  scratch.at = scratch.bytes.length
  putRequest(scratch, request)
  putOctets(scratch, Buffer.from(community))
  putInteger(scratch, version)
  putHeader(scratch, tags.sequence, scratch.bytes.length)
  return written(scratch)
}

/** The Response to a message with an InformRequest: the same but for the PDU’s type (RFC 3416 §4.2.7). */
export const communityAnswerTo = (inform: Buffer): Buffer => {
  const cursor = cursorOver(inform)
  enter(cursor, tags.sequence)
  readInteger(cursor)
  readOctets(cursor)
  const answer = Buffer.from(inform)
  answer[cursor.at] = pduTags.response
  return answer
}
