import { clientHello } from './client-hello.ts'
import { type ChainFacts, chainFacts } from './chain.ts'
import type { Account, Examiner } from './examiner.ts'
import type { Flight } from './flight.ts'
import { groups } from './key-share.ts'
import { type SmFacts, type TlcpFacts, surveySm, surveyTlcp } from './national.ts'
import { commonSuites, suiteName, weaknessesOf } from './suites.ts'
import { type VersionSurvey, surveyCiphers, surveyVersion } from './survey.ts'
import { generationOf, versionNames } from './versions.ts'

/** What was found, before it is put into words. */
export interface Findings {
  readonly versions: readonly VersionSurvey[]
  readonly certificate: CertificateFindings
  readonly tlcp: TlcpFacts
  readonly sm: SmFacts
}

export interface CertificateFindings extends Partial<ChainFacts> {
  readonly ocspStapled?: boolean
}

export interface Names {
  /** To ask for by SNI; none where the address is a number and no name is given. */
  readonly serverName: string | undefined
  /** To compare with the certificate. */
  readonly expected: string
}

const isAnonymous = (suite: number): boolean => weaknessesOf(suiteName(suite)).includes('anonymous')

/** Suites that make a server show its certificate, first those that it is known to take. */
const certificateSuites = ({ version, suites }: VersionSurvey): readonly number[] =>
  [...new Set([...suites, ...commonSuites(generationOf(version))])].filter((suite) => !isAnonymous(suite))

const askCertificates = async (
  examiner: Examiner,
  survey: VersionSurvey,
  { serverName }: Names,
): Promise<Flight | undefined> => {
  const options = {
    suites: certificateSuites(survey),
    serverName,
    keyGroups: [survey.wantedGroup ?? groups.x25519, groups.secp256r1],
  }
  const reply = await examiner.ask(clientHello(survey.version, options), 'certificates')
  return reply.kind === 'answered' && reply.flight.certificates !== undefined ? reply.flight : undefined
}

const surveyCertificates = async (
  examiner: Examiner,
  versions: readonly VersionSurvey[],
  names: Names,
): Promise<CertificateFindings> => {
  // In TLS 1.3 the certificates travel encrypted, and are read only where no older version shows them.
  const accepted = versions.filter(({ accepted }) => accepted === true)
  const plain = accepted.find(({ version }) => version !== 'TLSv1.3') ?? accepted[0]
  const flight = plain && (await askCertificates(examiner, plain, names))
  const chain = flight?.certificates && chainFacts(flight.certificates, names.expected)
  return flight === undefined ? {} : { ...chain, ocspStapled: flight.ocspResponse !== undefined }
}

/** Nothing that a further hello would change: no connection, or a service that is not TLS. */
const isHopeless = ({ replies: { answered = 0, failed = 0, foreign = 0 } }: Account): boolean =>
  answered === 0 && failed + foreign > 0

const none: Findings = { versions: [], certificate: {}, tlcp: {}, sm: {} }

const surveyVersions = async (examiner: Examiner, names: Names): Promise<readonly VersionSurvey[]> => {
  const versions: VersionSurvey[] = []
  for (const version of versionNames) {
    if (isHopeless(examiner.account())) return versions
    versions.push(await surveyVersion(examiner, version, names.serverName))
  }
  return versions
}

/** The standard suites may all be refused where those of RFC 8998 are taken. */
const withSm = (survey: VersionSurvey, { tls13SmOffered }: SmFacts): VersionSurvey =>
  survey.version === 'TLSv1.3' && tls13SmOffered === true && survey.accepted !== true
    ? { version: survey.version, suites: survey.suites, accepted: true }
    : survey

/** Examines one server: versions first, what costs most connections last. */
export const audit = async (examiner: Examiner, names: Names): Promise<Findings> => {
  const versions = await surveyVersions(examiner, names)
  if (isHopeless(examiner.account())) return { ...none, versions }
  const certificate = await surveyCertificates(examiner, versions, names)
  const tlcp = await surveyTlcp(examiner, names.serverName)
  const sm = await surveySm(examiner, names.serverName)
  const surveyed: VersionSurvey[] = []
  for (const version of versions)
    surveyed.push(await surveyCiphers(examiner, withSm(version, sm), { serverName: names.serverName }))
  return { versions: surveyed, certificate, tlcp, sm }
}
