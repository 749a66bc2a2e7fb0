import type { Remediation } from '../../inventory/mlps/index.ts'
import { type Day, daysBetween } from '../core/day.ts'

/** Whether the deadline of a remediation has passed. */
export type Due = 'none' | 'ahead' | 'overdue'

/** How long ago the defect was found: up to so many days; `unknown` where nobody wrote down when. */
export const ages = ['30d', '90d', '180d', 'older', 'unknown'] as const
export type Age = (typeof ages)[number]

/** A remediation as it stands on a day. */
export interface Measure extends Pick<Remediation, 'id' | 'state' | 'unit' | 'deadline' | 'openedOn'> {
  /** Somebody has yet to mend it, or to check that it was mended. */
  readonly open: boolean
  /** Whole days since the defect was found; absent where it is not open, or nobody wrote down when. */
  readonly ageDays?: number
  /** Whole days since its deadline; 0 where it has none, is in time, or is not open. */
  readonly overdueDays: number
}

export const isOpen = ({ state }: Remediation): boolean => state !== 'verified' && state !== 'closed'

export const dueOn = ({ deadline }: Remediation, day: Day): Due => {
  if (deadline === undefined) return 'none'
  return deadline < day ? 'overdue' : 'ahead'
}

/** A day that is yet to come is no age. */
const daysSince = (from: Day, day: Day): number => Math.max(0, daysBetween(from, day))

export const overdueDays = ({ deadline }: Remediation, day: Day): number =>
  deadline === undefined ? 0 : daysSince(deadline, day)

export const ageOn = ({ openedOn }: Remediation, day: Day): Age => {
  if (openedOn === undefined) return 'unknown'
  const days = daysSince(openedOn, day)
  if (days <= 30) return '30d'
  if (days <= 90) return '90d'
  return days <= 180 ? '180d' : 'older'
}

export const measureOn = (remediation: Remediation, day: Day): Measure => {
  const { id, state, unit, deadline, openedOn } = remediation
  const open = isOpen(remediation)
  return {
    id,
    state,
    ...(unit !== undefined && { unit }),
    ...(deadline !== undefined && { deadline }),
    ...(openedOn !== undefined && { openedOn }),
    open,
    ...(open && openedOn !== undefined && { ageDays: daysSince(openedOn, day) }),
    overdueDays: open ? overdueDays(remediation, day) : 0,
  }
}
