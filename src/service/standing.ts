import type { StatusReport } from '../collector/status.ts'
import { exitCodes } from '../core/fault.ts'

/** How things stand, as an exit code: down outranks unknown. */
export const exitCodeOfStanding = ({ down, outages, unknown }: StatusReport): number => {
  if (down.count > 0 || outages.count > 0) return exitCodes.targetFailed
  return unknown.count > 0 ? exitCodes.couldNotLook : exitCodes.ok
}
