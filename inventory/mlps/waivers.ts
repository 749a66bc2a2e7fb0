import type { Waiver } from './assessment.ts'

/** A waiver holds from the day of its approval to its last day; days are `YYYY-MM-DD`. */
export const holds = ({ approvedOn, expiresOn }: Waiver, day: string): boolean =>
  approvedOn <= day && day <= expiresOn
