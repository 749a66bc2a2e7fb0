import snmp from 'net-snmp'

/** The agent answered, but not as SNMP wants it; it refused; or it fell silent. The message never carries a secret. */
export class SnmpFault extends Error {
  override readonly name = 'SnmpFault'
  readonly targetCause: 'protocol' | 'timeout'
  /** RFC 3416 error-status, where the agent gave one. */
  readonly status: number | undefined

  constructor(
    message: string,
    { targetCause = 'protocol', status }: { targetCause?: 'protocol' | 'timeout'; status?: number } = {},
  ) {
    super(message)
    this.targetCause = targetCause
    this.status = status
  }
}

/** RFC 3416 §3, error-status. */
export const errorStatus = { tooBig: 1, noSuchName: 2 } as const

/** RFC 3414 §5: the counters that a Report names, by the library's words for them. */
const refusals: Readonly<Record<string, string>> = {
  'Unsupported Security Level': 'the agent refused the security level (usmStatsUnsupportedSecLevels)',
  'Not In Time Window': 'the agent refused our time (usmStatsNotInTimeWindows)',
  'Unknown User Name': 'the agent refused the user (usmStatsUnknownUserNames)',
  'Unknown Engine ID': 'the agent refused its own engine id (usmStatsUnknownEngineIDs)',
  'Wrong Digest (incorrect password, community or key)':
    'the agent refused the authentication password or protocol (usmStatsWrongDigests)',
  'Decryption Error': 'the agent refused the privacy password or protocol (usmStatsDecryptionErrors)',
}

const isSystemError = (error: Error): boolean => 'syscall' in error

/**
 * What the library's error means. Its own texts hold communities and digests, so none is passed on;
 * system errors (refused, unreachable) are passed on for the fault table.
 */
export const faultOfLibrary = (error: Error): Error => {
  if (isSystemError(error)) return error
  if (error instanceof snmp.RequestTimedOutError)
    return new SnmpFault('no answer', { targetCause: 'timeout' })
  if (error instanceof snmp.RequestFailedError) {
    const name = snmp.ErrorStatus[error.status] ?? error.status
    return new SnmpFault(`the agent answered with error status ${String(name)}`, { status: error.status })
  }
  if (error instanceof snmp.ResponseInvalidError) {
    const name = snmp.ResponseInvalidCode[error.code] ?? 'unknown'
    return new SnmpFault(refusals[error.message] ?? `the answer is invalid (${String(name)})`)
  }
  return new SnmpFault(`the answer could not be used (${error.name})`)
}
