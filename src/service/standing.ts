import type { StatusReport } from '../collector/status.ts'
import { exitCodes } from '../core/fault.ts'

type Standing = Pick<StatusReport, 'down' | 'outages' | 'unknown' | 'segmentations'> & {
  readonly notLooked?: readonly unknown[]
}

/** How things stand, as an exit code: down outranks unknown. */
export const exitCodeOfStanding = (standing: Standing): number => {
  const { down, outages, unknown, segmentations, notLooked = [] } = standing
  if (down.count + outages.count + segmentations.violated.count > 0) return exitCodes.targetFailed
  return unknown.count + segmentations.unknown.count + notLooked.length > 0
    ? exitCodes.couldNotLook
    : exitCodes.ok
}
