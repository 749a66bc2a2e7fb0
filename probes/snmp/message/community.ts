import { createWriter, putHeader, putInteger, putOctets, tags, written } from './ber.ts'
import { type Request, putRequest } from './pdu.ts'

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
