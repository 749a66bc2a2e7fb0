import { timeIn as clockIn } from '../core/day.ts'
import { UsageFault } from '../core/fault.ts'

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A flag that names an instant, or how long ago it was. Throws `UsageFault`. */
export const readTime = (flag: string, text: string, now: number): number => {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/u.exec(text) ?? []
  // Without an offset it would be a time of the machine's own zone.
  const instant = /T.*(?:Z|[+-]\d{2}:\d{2})$/u.test(text) ? Date.parse(text) : NaN
  const at = count === undefined ? instant : now - Number(count) * (unitMs[unit] ?? 0)
  if (Number.isFinite(at)) return at
  throw new UsageFault([
    {
      where: flag,
      message: `expected a time as 2026-11-26T08:00+08:00, or as 30m, 12h, 7d ago, got ${text}`,
    },
  ])
}

/** Writes instants as clocks of a zone show them. */
export const timeIn =
  (timezone: string) =>
  (at: number): string =>
    clockIn(timezone, at)
