import { regionPrefix } from '../../inventory/select.ts'
import type { Inventory } from '../../inventory/store.ts'
import { dayIn } from '../core/day.ts'
import type { TargetId } from '../core/target.ts'

/** Of whom not to be told now, and of what not. */
export interface Quiet {
  readonly isUnderMaintenance: (target: TargetId, region: string | undefined) => boolean
  readonly isExcepted: (rule: string, target: TargetId) => boolean
  readonly windows: number
  readonly exceptions: number
}

/** The record that a target belongs to: a line is its node's, the old place of a system the system's. */
export const recordOf = (target: TargetId): string => target.split('/')[0] ?? target

/** Maintenance windows and exceptions that hold at an instant, milliseconds since the epoch. */
export const quietAt = (
  { maintenance, exception }: Inventory,
  { now, timezone }: { readonly now: number; readonly timezone: string },
): Quiet => {
  const windows = [...maintenance.values()].filter(
    ({ startsAt, endsAt }) => Date.parse(startsAt) <= now && now < Date.parse(endsAt),
  )
  const targets = new Set(windows.flatMap((window) => window.targets))
  const regions = windows.flatMap((window) => window.regions.map((code) => regionPrefix(code) ?? code))
  const day = exception.size > 0 ? dayIn(timezone, now) : ''
  const excepted = new Set(
    [...exception.values()]
      .filter(({ approvedOn, expiresOn }) => approvedOn <= day && day <= expiresOn)
      .map(({ rule, target }) => `${rule}@${target}`),
  )
  return {
    isUnderMaintenance: (target, region) =>
      targets.has(recordOf(target)) ||
      (region !== undefined && regions.some((prefix) => region.startsWith(prefix))),
    isExcepted: (rule, target) => excepted.has(`${rule}@${recordOf(target)}`),
    windows: windows.length,
    exceptions: excepted.size,
  }
}
