import { type HelloOptions, clientHello } from './client-hello.ts'
import type { Examiner } from './examiner.ts'
import type { Reply } from './exchange.ts'
import { alertName } from './messages.ts'
import { commonSuites, maxOffered, suitesOf } from './suites.ts'
import { generationOf, protocolVersions, type VersionName } from './versions.ts'

/** Which version a server takes, and with which suites. */
export interface VersionSurvey {
  readonly version: VersionName
  /** Undefined where the server gave no telling answer. */
  readonly accepted?: boolean
  /** Suites that it took, by number, in the order in which it took them. */
  readonly suites: readonly number[]
  /** Its alert, where it refused with one. */
  readonly alert?: string
  /** TLS 1.3: the group that it wants a key of, where it took none of ours (HelloRetryRequest). */
  readonly wantedGroup?: number
}

/** The suite that the server took of those offered, in the version asked for. */
export const takenSuite = (reply: Reply, version: number, suites: readonly number[]): number | undefined => {
  if (reply.kind !== 'answered') return undefined
  const { hello } = reply.flight
  return hello?.version === version && suites.includes(hello.suite) ? hello.suite : undefined
}

/** Asks for one of `suites`; tells which was taken. */
export type AskFor = (suites: readonly number[]) => Promise<number | undefined>

const chunksOf = (suites: readonly number[]): readonly (readonly number[])[] =>
  Array.from({ length: Math.ceil(suites.length / maxOffered) }, (_, at) =>
    suites.slice(at * maxOffered, (at + 1) * maxOffered),
  )

/** Every suite of a list that is taken: offered together, what was taken left out the next time, until none is. */
export const eliminate = async (suites: readonly number[], askFor: AskFor): Promise<readonly number[]> => {
  const taken: number[] = []
  for (const chunk of chunksOf(suites)) {
    let left = chunk
    for (
      let next = await askFor(left);
      next !== undefined;
      next = left.length > 0 ? await askFor(left) : undefined
    ) {
      const found = next
      taken.push(found)
      left = left.filter((suite) => suite !== found)
    }
  }
  return taken
}

/** One suite of a list that is taken, where there is one. */
const any = async (suites: readonly number[], askFor: AskFor): Promise<readonly number[]> => {
  for (const chunk of chunksOf(suites)) {
    const taken = await askFor(chunk)
    if (taken !== undefined) return [taken]
  }
  return []
}

const acceptance = (reply: Reply, taken: number | undefined): Partial<VersionSurvey> => {
  if (taken !== undefined) return { accepted: true }
  if (reply.kind === 'closed' || reply.kind === 'foreign') return { accepted: false }
  if (reply.kind !== 'answered') return {}
  const { alert, hello } = reply.flight
  return { accepted: false, ...(alert && hello === undefined && { alert: alertName(alert) }) }
}

/** The version may be there, only none of the common suites: RFC 8446 §6.2. */
const isAboutSuites = (alert: string | undefined): boolean =>
  alert === 'handshake_failure' || alert === 'insufficient_security'

/**
 * Suites by class: of the good classes one is enough to know, of the others each is asked for.
 * TLS 1.3 has good ones only, but for those that do not encrypt (RFC 9150).
 */
const surveySuites = async (version: VersionName, askFor: AskFor): Promise<readonly number[]> => {
  const generation = generationOf(version)
  const weak = await eliminate(suitesOf(generation, 'weak'), askFor)
  if (generation === '1.3') return weak
  return [
    ...weak,
    ...(await eliminate(suitesOf(generation, 'static'), askFor)),
    ...(await any(suitesOf(generation, 'aead'), askFor)),
    ...(await any(suitesOf(generation, 'cbc'), askFor)),
  ]
}

/** Whether the server takes a version: one connection, and the group that it wants in TLS 1.3. */
export const surveyVersion = async (
  examiner: Examiner,
  version: VersionName,
  serverName: string | undefined,
): Promise<VersionSurvey> => {
  const suites = commonSuites(generationOf(version))
  const reply = await examiner.ask(clientHello(version, { suites, serverName }), 'hello')
  const taken = takenSuite(reply, protocolVersions[version], suites)
  const hello = reply.kind === 'answered' ? reply.flight.hello : undefined
  return {
    version,
    suites: taken === undefined ? [] : [taken],
    ...acceptance(reply, taken),
    ...(hello?.isRetry && hello.keyShare && { wantedGroup: hello.keyShare.group }),
  }
}

/** The same with the suites that it takes: where the version is refused for another reason than them, nothing more is asked. */
export const surveyCiphers = async (
  examiner: Examiner,
  known: VersionSurvey,
  options: Omit<HelloOptions, 'suites'>,
): Promise<VersionSurvey> => {
  if (known.accepted !== true && !isAboutSuites(known.alert)) return known
  const { version } = known
  const askFor: AskFor = async (suites) =>
    takenSuite(
      await examiner.ask(clientHello(version, { ...options, suites }), 'hello'),
      protocolVersions[version],
      suites,
    )
  const suites = [...new Set([...known.suites, ...(await surveySuites(version, askFor))])]
  if (suites.length === 0) return known
  const { wantedGroup } = known
  return { version, accepted: true, suites, ...(wantedGroup !== undefined && { wantedGroup }) }
}
