import type { ClientHello } from './client-hello.ts'
import { type Decryptor, handshakeDecryptor } from './decrypt.ts'
import {
  type Alert,
  type ServerHello,
  decodeAlert,
  decodeCertificateStatus,
  decodeCertificates,
  decodeCertificates13,
  decodeServerHello,
  messageTypes,
} from './messages.ts'
import { type HandshakeMessage, recordTypes, takeMessage, takeRecord, type TlsRecord } from './record.ts'

/** What a server said to one hello, as far as it was read. */
export interface Flight {
  readonly hello?: ServerHello
  readonly alert?: Alert
  /** DER, in the order in which they were sent. */
  readonly certificates?: readonly Buffer[]
  readonly ocspResponse?: Buffer
  /** It said something that is neither TLS nor TLCP. */
  readonly isForeign?: true
}

/** How far to read: to the ServerHello, or through the certificates and what is stapled to them. */
export type Until = 'hello' | 'certificates'

/** Where the reading of an answer stands. */
export interface Reading {
  readonly flight: Flight
  readonly isOver: boolean
  /** Bytes of records, and of handshake messages, that are not complete yet. */
  readonly records: Buffer
  readonly handshake: Buffer
  readonly decrypt?: Decryptor
}

/** Nothing was read yet. */
export const unread: Reading = {
  flight: {},
  isOver: false,
  records: Buffer.alloc(0),
  handshake: Buffer.alloc(0),
}

const saying = (reading: Reading, said: Flight, isOver: boolean): Reading => ({
  ...reading,
  flight: { ...reading.flight, ...said },
  isOver,
})

const foreign = (reading: Reading): Reading => saying(reading, { isForeign: true }, true)

const tls13 = 0x0304

const decryptorFor = (
  hello: ServerHello,
  asked: ClientHello,
  message: HandshakeMessage,
): Decryptor | undefined => {
  const own = asked.keyShares.find(({ group }) => group === hello.keyShare?.group)
  const shared = hello.keyShare && own?.agree(hello.keyShare.publicKey)
  return shared && handshakeDecryptor(hello.suite, shared, [asked.message, message.bytes])
}

const onServerHello = (
  reading: Reading,
  message: HandshakeMessage,
  asked: ClientHello,
  until: Until,
): Reading => {
  const hello = decodeServerHello(message.body)
  if (hello === undefined || reading.flight.hello !== undefined) return foreign(reading)
  const said = saying(reading, { hello }, until === 'hello' || hello.isRetry)
  if (said.isOver || hello.version !== tls13) return said
  const decrypt = decryptorFor(hello, asked, message)
  return decrypt === undefined ? { ...said, isOver: true } : { ...said, decrypt }
}

const onCertificate = (reading: Reading, { body }: HandshakeMessage): Reading => {
  const sent =
    reading.flight.hello?.version === tls13
      ? decodeCertificates13(body)
      : { certificates: decodeCertificates(body) }
  const { certificates } = sent ?? {}
  return certificates === undefined ? foreign(reading) : saying(reading, { ...sent, certificates }, false)
}

const onStatus = (reading: Reading, { body }: HandshakeMessage): Reading => {
  const ocspResponse = decodeCertificateStatus(body)
  return ocspResponse === undefined ? reading : saying(reading, { ocspResponse }, false)
}

/** Messages that come after the certificates and what is stapled to them, whichever comes. */
const afterCertificates: readonly number[] = [
  messageTypes.serverKeyExchange,
  messageTypes.serverHelloDone,
  messageTypes.certificateVerify,
]

const onMessage = (
  reading: Reading,
  message: HandshakeMessage,
  asked: ClientHello,
  until: Until,
): Reading => {
  if (message.type === messageTypes.serverHello) return onServerHello(reading, message, asked, until)
  // RFC 5246 §7.4.1.1: a server may ask for a renegotiation at any time; nothing else comes before its hello.
  if (reading.flight.hello === undefined) return message.type === 0 ? reading : foreign(reading)
  if (message.type === messageTypes.certificate) return onCertificate(reading, message)
  if (message.type === messageTypes.certificateStatus) return onStatus(reading, message)
  return { ...reading, isOver: afterCertificates.includes(message.type) }
}

const onHandshake = (reading: Reading, payload: Buffer, asked: ClientHello, until: Until): Reading => {
  let next: Reading = { ...reading, handshake: Buffer.concat([reading.handshake, payload]) }
  while (!next.isOver) {
    const taken = takeMessage(next.handshake)
    if (taken === 'more') return next
    if (taken === 'foreign') return foreign(next)
    next = onMessage({ ...next, handshake: taken.rest }, taken.piece, asked, until)
  }
  return next
}

const warning = 1
const closeNotify = 0

const onAlert = (reading: Reading, payload: Buffer): Reading => {
  const alert = decodeAlert(payload)
  if (alert === undefined) return foreign(reading)
  // A warning, such as that of an unknown name, does not end the handshake.
  const goesOn = alert.level === warning && alert.description !== closeNotify
  return saying(reading, { alert }, !goesOn)
}

const opened = (reading: Reading, record: TlsRecord): Pick<TlsRecord, 'type' | 'payload'> | undefined =>
  record.type === recordTypes.applicationData ? reading.decrypt?.(record) : record

const onRecord = (reading: Reading, record: TlsRecord, asked: ClientHello, until: Until): Reading => {
  const content = opened(reading, record)
  if (content === undefined) return foreign(reading)
  switch (content.type) {
    case recordTypes.handshake:
      return onHandshake(reading, content.payload, asked, until)
    case recordTypes.alert:
      return onAlert(reading, content.payload)
    case recordTypes.changeCipherSpec:
      return reading
    default:
      return foreign(reading)
  }
}

/** Reads on: the state after `chunk`, which is whatever the network gave next. Never throws. */
export const readOn = (reading: Reading, chunk: Buffer, asked: ClientHello, until: Until): Reading => {
  let next: Reading = { ...reading, records: Buffer.concat([reading.records, chunk]) }
  while (!next.isOver) {
    const taken = takeRecord(next.records)
    if (taken === 'more') return next
    if (taken === 'foreign') return foreign(next)
    next = onRecord({ ...next, records: taken.rest }, taken.piece, asked, until)
  }
  return next
}
