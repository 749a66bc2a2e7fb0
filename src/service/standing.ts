import type { StatusReport } from '../collector/status.ts'
import { exitCodes } from '../core/fault.ts'

type Standing = Pick<StatusReport, 'down' | 'outages' | 'unknown' | 'segmentations' | 'problems'> & {
  readonly notLooked?: readonly unknown[]
}

/** How things stand, as an exit code: down outranks unknown, and what the collector itself cannot do. */
export const exitCodeOfStanding = (standing: Standing): number => {
  const { down, outages, unknown, segmentations, problems, notLooked = [] } = standing
  if (down.count + outages.count + segmentations.violated.count > 0) return exitCodes.targetFailed
  return unknown.count + segmentations.unknown.count + notLooked.length + problems.length > 0
    ? exitCodes.couldNotLook
    : exitCodes.ok
}
