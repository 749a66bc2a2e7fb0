import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { type Problem, UsageFault } from '../../src/core/fault.ts'
import { confidence } from '../mlps/model.ts'

/** One year of working days (工作日历): Monday to Friday but for what is listed. */
const calendarYear = z
  .strictObject({
    year: z.int().min(1949).max(2999),
    /** Who says so. */
    sources: z.array(z.string().min(1).max(200)).min(1),
    confidence,
    /** Days off, weekends among them or not. */
    holidays: z.array(z.iso.date()).max(200),
    /** Days of weekends that are worked. */
    workdays: z.array(z.iso.date()).max(100),
  })
  .superRefine(({ year, holidays, workdays }, context) => {
    const off = new Set(holidays)
    for (const day of [...holidays, ...workdays])
      if (!day.startsWith(`${year}-`)) context.addIssue(`expected a day of ${year}, got ${day}`)
    for (const day of workdays)
      if (off.has(day)) context.addIssue(`expected a day off or a working day, got both of ${day}`)
  })
const calendarFile = z.strictObject({ years: z.array(calendarYear).max(200) })
export type CalendarYear = z.output<typeof calendarYear>

/** Years by their number. */
export type Calendar = ReadonlyMap<number, CalendarYear>

/** A calendar file's content. `placeOf` names a place in it. Throws `UsageFault` with every problem. */
export const readCalendar = (
  content: unknown,
  placeOf: (path: readonly PropertyKey[]) => string = (path) => path.join('.'),
): Calendar => {
  const parsed = calendarFile.safeParse(content)
  if (!parsed.success)
    throw new UsageFault(
      parsed.error.issues.map(({ path, message }): Problem => ({ where: placeOf(path), message })),
    )
  return new Map(parsed.data.years.map((each) => [each.year, each]))
}

let shipped: Calendar | undefined

/** The years that come with yiwang, and those of the user instead where both have one. */
export const calendarWith = (own: Calendar = new Map()): Calendar => {
  shipped ??= readCalendar(parse(readFileSync(new URL('calendar/china.yaml', import.meta.url), 'utf8')))
  return new Map([...shipped, ...own])
}
