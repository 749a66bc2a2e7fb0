/** What an agent counts of itself since it started. Only the agent writes; whoever runs it may read at any time. */
export interface Counters {
  /** Rounds of a job that passed while the process slept or was blocked: not made up for. */
  missedRounds: number
  /** Rounds that were due while the job's last one still ran. */
  overlappedRounds: number
  /** Looks without an answer for most of which the agent itself could not run: nothing is said of their targets. */
  heldUpLooks: number
  /** Runs that ended in an error of ours. */
  internalErrors: number
  /** Observations given up because memory or spool were full: the oldest go first. */
  droppedObservations: number
  /** Observations that the collector would not take even alone. */
  rejectedObservations: number
  deliveredObservations: number
  /** Attempts to deliver that failed. */
  failedDeliveries: number
}

export const newCounters = (): Counters => ({
  missedRounds: 0,
  overlappedRounds: 0,
  heldUpLooks: 0,
  internalErrors: 0,
  droppedObservations: 0,
  rejectedObservations: 0,
  deliveredObservations: 0,
  failedDeliveries: 0,
})
