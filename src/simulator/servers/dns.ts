import dnsPacket, { type Decoded, type Packet } from 'dns-packet'
import type { BehaviourOf } from '../service.ts'
import { type Listener, type Place, bindUdp, udpListener } from './listener.ts'

type Zone = BehaviourOf<'dns'>['zone']

/** Response codes of RFC 1035 §4.1.1. */
const noError = 0
const nameError = 3

const ttlSeconds = 60

const answerTo = (query: Decoded, zone: Zone): Packet => {
  const [question] = query.questions
  const address = question && zone[question.name.toLowerCase()]
  const isAnswered = question?.type === 'A' && address !== undefined
  const rcode = address === undefined ? nameError : noError
  return {
    id: query.id,
    type: 'response',
    flags: dnsPacket.AUTHORITATIVE_ANSWER | (query.flags & dnsPacket.RECURSION_DESIRED) | rcode,
    questions: query.questions,
    answers: isAnswered ? [{ name: question.name, type: 'A', ttl: ttlSeconds, data: address }] : [],
  }
}

const replyTo = (datagram: Buffer, zone: Zone): Buffer | undefined => {
  try {
    const query = dnsPacket.decode(datagram)
    return query.type === 'query' ? dnsPacket.encode(answerTo(query, zone)) : undefined
  } catch {
    // What is no DNS gets no answer.
    return undefined
  }
}

/** Authoritative over UDP for the addresses (A) of one zone; any other name does not exist. */
export const dnsServer = async (zone: Zone, place: Place): Promise<Listener> => {
  const socket = await bindUdp(place)
  socket.on('message', (datagram, sender) => {
    const reply = replyTo(datagram, zone)
    if (reply !== undefined) socket.send(reply, sender.port, sender.address)
  })
  return udpListener(socket)
}

/** Takes queries and never answers. */
export const silentDnsServer = async (place: Place): Promise<Listener> => udpListener(await bindUdp(place))
