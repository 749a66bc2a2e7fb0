/** Milliseconds since the epoch. Every judgement takes its clock as an argument. */
export type Clock = () => number

/** The calendar day in a time zone: `2026-11-26`. */
export const dayIn = (timeZone: string, now: number): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(now)
