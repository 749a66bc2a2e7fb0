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
  EACCES: 'permission',
  EPERM: 'permission',
  EMFILE: 'resource',
  ENFILE: 'resource',
  ENOBUFS: 'resource',
  ENOMEM: 'resource',
  EADDRNOTAVAIL: 'resource',
  EAFNOSUPPORT: 'resource',
  EPROTO: 'tls',
}

const isAgentCause = (cause: TargetCause | AgentCause): cause is AgentCause =>
  (agentCauses as readonly string[]).includes(cause)

const codeOf = (error: Error): string | undefined =>
  'code' in error && typeof error.code === 'string' ? error.code : undefined

const isTlsCode = (code: string): boolean =>
  code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code.startsWith('CERT_')

const causeOf = (error: Error): TargetCause | AgentCause | undefined => {
  if (error.name === 'TimeoutError') return 'timeout'
  const code = codeOf(error)
  if (code !== undefined) {
    if (code in causeByCode) return causeByCode[code]
    if (isTlsCode(code)) return 'tls'
    if (code.startsWith('HPE_') || code.startsWith('ERR_HTTP_')) return 'protocol'
  }
  // Happy-eyeballs attempts reject with every attempt's error: the last says what the host did.
  const nested = error instanceof AggregateError ? (error.errors as unknown[]).at(-1) : error.cause
  return nested instanceof Error ? causeOf(nested) : undefined
}

/**
 * Classifies a rejection of a probe run.
 * `cancelled` is the caller's own signal; a deadline that passed is a `TimeoutError`.
 * Returns undefined for an error that the table does not know: our bug, to be rethrown.
 */
export const faultOf = <Facts>(error: unknown, cancelled: AbortSignal): Down<Facts> | Unknown | undefined => {
  if (cancelled.aborted) return unknown('cancelled', 'the run was cancelled')
  if (!(error instanceof Error)) return undefined
  const cause = causeOf(error)
  if (cause === undefined) return undefined
  return isAgentCause(cause) ? unknown(cause, error.message) : down(cause, error.message)
}
