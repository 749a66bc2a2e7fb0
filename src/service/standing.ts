import type { StatusReport } from '../collector/status.ts'
import { exitCodes } from '../core/fault.ts'

type Standing = Pick<StatusReport, 'down' | 'outages' | 'unknown'> & {
  readonly notLooked?: readonly unknown[]
}

/** How things stand, as an exit code: down outranks unknown. */
export const exitCodeOfStanding = ({ down, outages, unknown, notLooked = [] }: Standing): number => {
  if (down.count > 0 || outages.count > 0) return exitCodes.targetFailed
  return unknown.count > 0 || notLooked.length > 0 ? exitCodes.couldNotLook : exitCodes.ok
}
