import type { HoursOfJob } from '../collector/history/hour-table.ts'
import type { HoursByJob, HoursReader } from '../collector/history/hours.ts'
import { hourMs } from '../collector/history/rollup.ts'
import type { Work } from '../collector/slices.ts'
import { addDays, type Day, startOfDay } from '../core/day.ts'
import type { JobId } from '../core/probe.ts'
import type { TargetId, Vantage } from '../core/target.ts'
import {
  type DayOfLooks,
  type DayRatios,
  type Look,
  type ProbeDay,
  probeDayOf,
  type SilentDay,
  silentDayOf,
} from '../migration/days.ts'

/** Days of systems that move, read from the history day by day: of all systems at once. */

/** The looks at one place of a system, and the days of them that are asked for. */
export interface Question {
  readonly system: string
  readonly looks: readonly Look[]
  readonly days: readonly Day[]
}

/** What must have answered while the old place was silent. */
export interface Control {
  /** The old place itself, which is none. */
  readonly target: TargetId
  readonly vantage: Vantage
  /** Absent: anything else that is looked at from there. */
  readonly control?: string | undefined
}

export interface SilenceQuestion extends Question {
  readonly control: Control
}

export interface Questions {
  readonly probed: readonly Question[]
  readonly silenced: readonly SilenceQuestion[]
}

/** By system, in the order of the days that were asked for. */
export interface Answers {
  readonly probeDays: ReadonlyMap<string, readonly ProbeDay[]>
  readonly silentDays: ReadonlyMap<string, readonly SilentDay[]>
}

const byDay = <Q extends Question>(questions: readonly Q[]): ReadonlyMap<Day, readonly Q[]> => {
  const found = new Map<Day, Q[]>()
  for (const question of questions)
    for (const day of question.days) {
      const others = found.get(day)
      if (others === undefined) found.set(day, [question])
      else others.push(question)
    }
  return found
}

interface Span {
  readonly day: Day
  readonly lengthMs: number
  /** Starts of the hours that begin in it. */
  readonly hours: readonly number[]
}

const spanOf = (day: Day, zone: string): Span => {
  const [start, end] = [startOfDay(zone, day), startOfDay(zone, addDays(day, 1))]
  const first = Math.ceil(start / hourMs) * hourMs
  const hours = Array.from(
    { length: Math.ceil((end - first) / hourMs) },
    (_, index) => first + index * hourMs,
  )
  return { day, lengthMs: end - start, hours }
}

interface Numbers {
  readonly ofLook: ReadonlyMap<JobId, number>
  /** Of the looks of a question, of which there are many days. */
  readonly ofQuestion: ReadonlyMap<Question, readonly number[]>
  readonly atControl: ReadonlyMap<string, readonly number[]>
}

const placeOf = (target: string, vantage: Vantage): string => `${target}@${vantage}`

const numbersOf = (reader: HoursReader, { probed, silenced }: Questions): Numbers => {
  const questions = [...probed, ...silenced]
  const looks = questions.flatMap((question) => question.looks.map(({ job }) => job))
  const controls = new Set(silenced.flatMap(({ control }) => control.control ?? []))
  const atControl = Map.groupBy(reader.jobsAt([...controls]), ({ target, vantage }) =>
    placeOf(target, vantage),
  )
  const named = new Map(reader.jobsNamed(looks).map(({ name, id }) => [name, id]))
  // Under the very strings that are asked for: others would be compared letter by letter, each day anew.
  const ofLook = new Map<JobId, number>()
  for (const job of looks) {
    const id = named.get(job)
    if (id !== undefined) ofLook.set(job, id)
  }
  return {
    ofLook,
    ofQuestion: new Map(
      questions.map((question) => [question, question.looks.flatMap(({ job }) => ofLook.get(job) ?? [])]),
    ),
    atControl: new Map([...atControl].map(([place, jobs]) => [place, jobs.map(({ id }) => id)])),
  }
}

const answeredAll = ({ from, up, down, unknown }: HoursOfJob, hour: number): boolean =>
  (up[from + hour] ?? 0) > 0 && down[from + hour] === 0 && unknown[from + hour] === 0

/** Which hours of a day had a control, asked of each area once. */
const controlling = (reader: HoursReader, { hours }: Span, { atControl }: Numbers, countsOf: HoursByJob) => {
  const known = new Map<Vantage, readonly (readonly TargetId[])[]>()
  const answering = (vantage: Vantage): readonly (readonly TargetId[])[] => {
    const before = known.get(vantage)
    if (before !== undefined) return before
    const found = hours.map((hour) => reader.answering(vantage, hour))
    known.set(vantage, found)
    return found
  }
  return ({ target, vantage, control }: Control): ((hour: number) => boolean) => {
    if (control === undefined) {
      const others = answering(vantage)
      return (hour) => others[hour]?.some((other) => other !== target) === true
    }
    const own = (atControl.get(placeOf(control, vantage)) ?? []).flatMap((job) => countsOf(job) ?? [])
    return (hour) => own.some((each) => answeredAll(each, hour))
  }
}

interface OfDay {
  readonly probed: readonly Question[]
  readonly silenced: readonly SilenceQuestion[]
}

const jobsIn = ({ probed, silenced }: OfDay, { ofQuestion, atControl }: Numbers): readonly number[] => [
  ...[...probed, ...silenced].flatMap((question) => ofQuestion.get(question) ?? []),
  ...silenced.flatMap(({ control: { control, vantage } }) =>
    control === undefined ? [] : (atControl.get(placeOf(control, vantage)) ?? []),
  ),
]

const add = <Item>(lists: Map<string, Item[]>, key: string, item: Item): void => {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}

/** Systems that are judged in one go. */
const atATime = 50

/**
 * Answers all questions in one pass over the history, a day at a time, so that its memory does not grow with the days.
 * It pauses between hours and groups of systems. Throws what SQLite throws.
 */
export function* answerDays(
  reader: HoursReader,
  questions: Questions,
  { zone, ratios }: { readonly zone: string; readonly ratios: DayRatios },
): Work<Answers> {
  const [probing, silencing] = [byDay(questions.probed), byDay(questions.silenced)]
  const numbers = numbersOf(reader, questions)
  const [probeDays, silentDays] = [new Map<string, ProbeDay[]>(), new Map<string, SilentDay[]>()]
  for (const day of [...new Set([...probing.keys(), ...silencing.keys()])].sort()) {
    const span = spanOf(day, zone)
    const asked = { probed: probing.get(day) ?? [], silenced: silencing.get(day) ?? [] }
    const countsOf = yield* reader.read(jobsIn(asked, numbers), span.hours)
    const looks: DayOfLooks = { ...span, of: (job) => countsOf(numbers.ofLook.get(job) ?? -1) }
    for (const [at, { system, looks: own }] of asked.probed.entries()) {
      if (at % atATime === 0) yield
      add(probeDays, system, probeDayOf(own, looks, ratios))
    }
    const controlOf = controlling(reader, span, numbers, countsOf)
    for (const [at, { system, looks: own, control }] of asked.silenced.entries()) {
      if (at % atATime === 0) yield
      add(silentDays, system, silentDayOf(own, looks, controlOf(control), ratios))
    }
  }
  return { probeDays, silentDays }
}
