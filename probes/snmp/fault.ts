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

const errorNames = [
  'noError',
  'tooBig',
  'noSuchName',
  'badValue',
  'readOnly',
  'genErr',
  'noAccess',
  'wrongType',
  'wrongLength',
  'wrongEncoding',
  'wrongValue',
  'noCreation',
  'inconsistentValue',
  'resourceUnavailable',
  'commitFailed',
  'undoFailed',
  'authorizationError',
  'notWritable',
  'inconsistentName',
] as const

export const faultOfStatus = (status: number): SnmpFault =>
  new SnmpFault(`the agent answered with error status ${errorNames[status] ?? status}`, { status })

/** RFC 3414 §5. */
export const usmStats = '1.3.6.1.6.3.15.1.1.'

/** RFC 3414 §5: the counters that a Report names, by the last number of their OIDs. */
export const usmCounters = {
  unsupportedSecLevels: 1,
  notInTimeWindows: 2,
  unknownUserNames: 3,
  unknownEngineIds: 4,
  wrongDigests: 5,
  decryptionErrors: 6,
} as const

const refusals: Readonly<Record<number, string>> = {
  [usmCounters.unsupportedSecLevels]: 'the security level (usmStatsUnsupportedSecLevels)',
  [usmCounters.notInTimeWindows]: 'our time (usmStatsNotInTimeWindows)',
  [usmCounters.unknownUserNames]: 'the user (usmStatsUnknownUserNames)',
  [usmCounters.unknownEngineIds]: 'its own engine id (usmStatsUnknownEngineIDs)',
  [usmCounters.wrongDigests]: 'the authentication password or protocol (usmStatsWrongDigests)',
  [usmCounters.decryptionErrors]: 'the privacy password or protocol (usmStatsDecryptionErrors)',
}

/** What a Report with this counter says. */
export const faultOfReport = (counter: number | undefined): SnmpFault =>
  new SnmpFault(`the agent refused ${refusals[counter ?? 0] ?? 'the request by a Report of another kind'}`)
