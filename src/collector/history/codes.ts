import { type Status, statuses } from '../../core/outcome.ts'

/** Statuses as the file has them: never changed, only added to. */
export const statusCode: Readonly<Record<Status, number>> = { up: 0, down: 1, unknown: 2 }

/** The status that a stored code means. */
export const statusOfCode = (code: number): Status =>
  statuses.find((status) => statusCode[status] === code) ?? 'unknown'
