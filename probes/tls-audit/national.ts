import type { CertificateFacts } from '../net/certificate.ts'
import { certificateFacts, readable } from './chain.ts'
import { clientHello, sm2sigSm3, tlcpHello } from './client-hello.ts'
import type { Examiner } from './examiner.ts'
import type { Reply } from './exchange.ts'
import type { Flight } from './flight.ts'
import { groups } from './key-share.ts'
import { commonSuites, smSuites, suiteName, tlcpSuites } from './suites.ts'
import { type AskFor, eliminate, takenSuite } from './survey.ts'
import { protocolVersions, tlcpVersion } from './versions.ts'

/** What was seen of Chinese national cryptography: handshakes, not compliance. */

export interface TlcpFacts {
  /** A server hello of TLCP was seen; absent where the server gave no telling answer. */
  readonly tlcpOffered?: boolean
  readonly tlcpCiphers?: readonly string[]
  /** As sent: the signing certificate, the encryption certificate, then those of their issuers. */
  readonly tlcpCertificates?: readonly CertificateFacts[]
}

export interface SmFacts {
  /** TLS 1.3 with a suite of RFC 8998; absent where the server gave no telling answer. */
  readonly tls13SmOffered?: boolean
  readonly tls13SmCiphers?: readonly string[]
  /** Whether it takes the curve SM2 for the key exchange. */
  readonly tls13CurveSm2?: boolean
  /** Whether it has a certificate for a client that verifies SM2 signatures only. */
  readonly tls13Sm2Signature?: boolean
}

const refusals: readonly Reply['kind'][] = ['answered', 'closed', 'foreign']

const isRefusal = ({ kind }: Reply): boolean => refusals.includes(kind)

const tlcpFlight = (reply: Reply): Flight | undefined =>
  reply.kind === 'answered' && reply.flight.hello?.version === tlcpVersion ? reply.flight : undefined

const allTlcp = [...tlcpSuites.keys()]

const askTlcp = (examiner: Examiner, serverName: string | undefined): Promise<Reply> =>
  examiner.ask(tlcpHello({ suites: allTlcp, serverName }), 'certificates')

/** Asks for TLCP (GB/T 38636-2020); a server that does not answer to a name is asked without, as the standard has it. */
export const surveyTlcp = async (examiner: Examiner, serverName: string | undefined): Promise<TlcpFacts> => {
  const first = await askTlcp(examiner, serverName)
  const isNamed = serverName !== undefined && tlcpFlight(first) === undefined && isRefusal(first)
  const reply = isNamed ? await askTlcp(examiner, undefined) : first
  const flight = tlcpFlight(reply)
  if (flight?.hello === undefined) return isRefusal(reply) ? { tlcpOffered: false } : {}
  const { suite } = flight.hello
  const askFor: AskFor = async (suites) => {
    const hello = tlcpHello({ suites, serverName: isNamed ? undefined : serverName })
    return takenSuite(await examiner.ask(hello, 'hello'), tlcpVersion, suites)
  }
  const others = await eliminate(
    allTlcp.filter((other) => other !== suite),
    askFor,
  )
  return {
    tlcpOffered: true,
    tlcpCiphers: [suite, ...others].map(suiteName),
    tlcpCertificates: readable(flight.certificates ?? []).map(certificateFacts),
  }
}

const tls13 = protocolVersions['TLSv1.3']
/** A key share of ours for common groups; one of curveSM2 is asked for by a retry, which is answer enough. */
const smGroups = [groups.x25519, groups.secp256r1, groups.curveSM2]
const smSignatures = [sm2sigSm3, 0x0403, 0x0804, 0x0401]

const refusedOr = (reply: Reply, accepted: boolean): boolean | undefined =>
  accepted || isRefusal(reply) ? accepted : undefined

const askCurve = async (examiner: Examiner, serverName: string | undefined): Promise<boolean | undefined> => {
  const suites = commonSuites('1.3')
  const options = { suites, serverName, groups: [groups.curveSM2], keyGroups: [], signatures: smSignatures }
  const reply = await examiner.ask(clientHello('TLSv1.3', options), 'hello')
  const taken = takenSuite(reply, tls13, suites)
  return refusedOr(reply, taken !== undefined)
}

const askSignature = async (
  examiner: Examiner,
  serverName: string | undefined,
): Promise<boolean | undefined> => {
  const suites = commonSuites('1.3')
  const options = { suites, serverName, groups: smGroups, signatures: [sm2sigSm3] }
  const reply = await examiner.ask(clientHello('TLSv1.3', options), 'hello')
  // Asked for another group first: what it would sign with stays open.
  if (reply.kind === 'answered' && reply.flight.hello?.isRetry === true) return undefined
  return refusedOr(reply, takenSuite(reply, tls13, suites) !== undefined)
}

/** Asks for TLS 1.3 with SM4 and SM3 (RFC 8998), and where that is taken, for SM2 besides. */
export const surveySm = async (examiner: Examiner, serverName: string | undefined): Promise<SmFacts> => {
  const replies: Reply[] = []
  const askFor: AskFor = async (suites) => {
    const options = { suites, serverName, groups: smGroups, signatures: smSignatures }
    const reply = await examiner.ask(clientHello('TLSv1.3', options), 'hello')
    replies.push(reply)
    return takenSuite(reply, tls13, suites)
  }
  const taken = await eliminate(smSuites, askFor)
  if (taken.length === 0) return replies.every(isRefusal) ? { tls13SmOffered: false } : {}
  const tls13CurveSm2 = await askCurve(examiner, serverName)
  const tls13Sm2Signature = await askSignature(examiner, serverName)
  return {
    tls13SmOffered: true,
    tls13SmCiphers: taken.map(suiteName),
    ...(tls13CurveSm2 !== undefined && { tls13CurveSm2 }),
    ...(tls13Sm2Signature !== undefined && { tls13Sm2Signature }),
  }
}
