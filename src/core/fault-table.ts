import { type Deadline, isTimeout } from './deadline.ts'
import {
  type AgentCause,
  type Down,
  type TargetCause,
  type Unknown,
  agentCauses,
  down,
  unknown,
} from './outcome.ts'

/** The one table from error codes (errno, getaddrinfo, OpenSSL) to causes. */
const causeByCode: Readonly<Record<string, TargetCause | AgentCause>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'refused',
  EPIPE: 'refused',
  ECONNABORTED: 'refused',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'resource',
  ENOTFOUND: 'unresolved',
  ENODATA: 'unresolved',
  EAI_AGAIN: 'resolver',
  ESERVFAIL: 'resolver',
  EAI_ADDRFAMILY: 'unresolved',
  EAI_NODATA: 'unresolved',
  EAI_FAIL: 'resolver',
  EAI_MEMORY: 'resource',
  EAI_SYSTEM: 'resource',
  EACCES: 'permission',
  EPERM: 'permission',
  EMFILE: 'resource',
  ENFILE: 'resource',
  ENOBUFS: 'resource',
  ENOMEM: 'resource',
  EADDRNOTAVAIL: 'resource',
  EAFNOSUPPORT: 'resource',
  // A link-local address without its zone: nothing that we could send to.
  EINVAL: 'resource',
  EPROTO: 'tls',
  EBADMSG: 'protocol',
}

const isAgentCause = (cause: TargetCause | AgentCause): cause is AgentCause =>
  (agentCauses as readonly string[]).includes(cause)

const codeOf = (error: Error): string | undefined =>
  'code' in error && typeof error.code === 'string' ? error.code : undefined

const isTlsCode = (code: string): boolean =>
  ['ERR_SSL_', 'ERR_OSSL_', 'ERR_TLS_', 'CERT_'].some((prefix) => code.startsWith(prefix))

const isError = (value: unknown): value is Error => value instanceof Error

/**
 * Happy-eyeballs attempts reject with every attempt's error (RFC 8305): the one that reached a host
 * says more than one for which there was no route.
 */
const tellingError = (error: Error): Error => {
  if (!(error instanceof AggregateError)) return error
  const attempts = (error.errors as unknown[]).filter(isError)
  const reached = attempts.find((attempt) => ['refused', 'timeout'].includes(causeOf(attempt) ?? ''))
  return reached ?? attempts.at(-1) ?? error
}

/**
 * Linux gives an IPv6 socket EACCES where something on the way says "administratively prohibited" (ICMPv6 type 1 code 1),
 * an IPv4 one EHOSTUNREACH. It is ours where this machine prohibits: Node then names the local end, or it is `send`.
 */
const isProhibitedOnTheWay = (error: Error): boolean =>
  'syscall' in error &&
  (error.syscall === 'recvmsg' || (error.syscall === 'connect' && !error.message.includes(' - Local (')))

const causeOf = (error: Error): TargetCause | AgentCause | undefined => {
  if (isTimeout(error)) return 'timeout'
  const code = codeOf(error)
  if (code !== undefined) {
    if (code === 'EACCES' && isProhibitedOnTheWay(error)) return 'unreachable'
    if (code in causeByCode) return causeByCode[code]
    if (isTlsCode(code)) return 'tls'
    if (code.startsWith('HPE_') || code.startsWith('ERR_HTTP_')) return 'protocol'
  }
  return isError(error.cause) ? causeOf(error.cause) : undefined
}

/** OpenSSL's own messages carry thread ids and source lines: its reason says as much. */
const lineOf = (error: Error): string =>
  isTlsCode(codeOf(error) ?? '') && 'reason' in error && typeof error.reason === 'string'
    ? `TLS: ${error.reason}`
    : error.message

/**
 * Classifies a rejection of a probe run.
 * `cancelled` is the caller's own signal; a deadline that passed is a `TimeoutError`.
 * Returns undefined for an error that the table does not know: our bug, to be rethrown.
 */
export const faultOf = <Facts>(error: unknown, cancelled: AbortSignal): Down<Facts> | Unknown | undefined => {
  if (cancelled.aborted) return unknown('cancelled', 'the run was cancelled')
  if (!isError(error)) return undefined
  const telling = tellingError(error)
  const cause = causeOf(telling)
  if (cause === undefined) return undefined
  return isAgentCause(cause) ? unknown(cause, lineOf(telling)) : down(cause, lineOf(telling))
}

/**
 * What ended a run under `deadline`: once that has passed, the time, whatever error it made of a wait;
 * but where the resolver's answer was waited for, its silence, which says nothing of the target.
 */
export const endedBy = (error: unknown, deadline: Deadline): unknown =>
  deadline.hasPassed() && !(isError(error) && causeOf(error) === 'resolver') ? deadline.signal.reason : error
