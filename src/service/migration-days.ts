import type { HoursOfJob } from '../collector/history/hour-table.ts'
import type { HoursByJob, HoursReader } from '../collector/history/hours.ts'
import { hourMs } from '../collector/history/rollup.ts'
import type { Work } from '../collector/slices.ts'
import { addDays, type Day, startOfDay } from '../core/day.ts'
import type { JobId } from '../core/probe.ts'
import { remembered } from '../core/remembered.ts'
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

/** The looks at one place of a system, and the days of them that are asked for. A system has one question of a kind at most. */
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

export interface DayRules {
  readonly zone: string
  readonly ratios: DayRatios
}

/** By system, in the order of the days that were asked for. */
export interface Answers {
  readonly probeDays: ReadonlyMap<string, readonly ProbeDay[]>
  readonly silentDays: ReadonlyMap<string, readonly SilentDay[]>
}

/** A question, the numbers of the jobs of its looks, and what was answered so far. */
interface Asked<Q extends Question, Answer> {
  readonly question: Q
  readonly jobs: readonly number[]
  readonly answers: Answer[]
}

const byDay = <Each extends Asked<Question, unknown>>(
  all: readonly Each[],
): ReadonlyMap<Day, readonly Each[]> => {
  const found = new Map<Day, Each[]>()
  for (const each of all)
    for (const day of each.question.days) {
      const others = found.get(day)
      if (others === undefined) found.set(day, [each])
      else others.push(each)
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
  readonly atControl: ReadonlyMap<string, readonly number[]>
}

const placeOf = (target: string, vantage: Vantage): string => `${target}@${vantage}`

const controlPlaceOf = ({ control: { control, vantage } }: SilenceQuestion): string | undefined =>
  control === undefined ? undefined : placeOf(control, vantage)

const numbersOf = (reader: HoursReader, { probed, silenced }: Questions): Numbers => {
  const looks = [...probed, ...silenced].flatMap((question) => question.looks.map(({ job }) => job))
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
    atControl: new Map([...atControl].map(([place, jobs]) => [place, jobs.map(({ id }) => id)])),
  }
}

const answeredAll = ({ from, up, down, unknown }: HoursOfJob, hour: number): boolean =>
  (up[from + hour] ?? 0) > 0 && down[from + hour] === 0 && unknown[from + hour] === 0

/** Which hours of a day had a control, asked of each area once. */
const controlling = (reader: HoursReader, { hours }: Span, { atControl }: Numbers, countsOf: HoursByJob) => {
  const answering = remembered((vantage: Vantage) => hours.map((hour) => reader.answering(vantage, hour)))
  return ({ target, vantage, control }: Control): ((hour: number) => boolean) => {
    if (control === undefined) {
      const others = answering(vantage)
      return (hour) => others[hour]?.some((other) => other !== target) === true
    }
    const own = (atControl.get(placeOf(control, vantage)) ?? []).flatMap((job) => countsOf(job) ?? [])
    return (hour) => own.some((each) => answeredAll(each, hour))
  }
}

const asking = <Q extends Question, Answer>(
  questions: readonly Q[],
  { ofLook, atControl }: Numbers,
  controlOf: (question: Q) => string | undefined,
): readonly Asked<Q, Answer>[] =>
  questions.map((question) => ({
    question,
    jobs: [
      ...question.looks.flatMap(({ job }) => ofLook.get(job) ?? []),
      ...(atControl.get(controlOf(question) ?? '') ?? []),
    ],
    answers: [],
  }))

const bySystem = <Answer>(all: readonly Asked<Question, Answer>[]): ReadonlyMap<string, readonly Answer[]> =>
  new Map(all.map(({ question, answers }) => [question.system, answers]))

const isAlike = (one: ProbeDay, other: ProbeDay): boolean =>
  one.counts &&
  other.counts &&
  one.scheduled === other.scheduled &&
  one.ran === other.ran &&
  one.up === other.up

const areBothSilent = (one: SilentDay, other: SilentDay): boolean =>
  one.standing === 'silent' && other.standing === 'silent' && one.uncontrolled === other.uncontrolled

/** Most days of most systems are alike, so that one is kept for those that follow each other. */
const keepingOne = <Each>(alike: (one: Each, other: Each) => boolean): ((each: Each) => Each) => {
  let last: Each | undefined
  return (each) => (last = last !== undefined && alike(each, last) ? last : each)
}

/** Systems that are judged in one go. */
const atATime = 50

function* inGroups<Each>(all: readonly Each[], judge: (each: Each) => void): Work<void> {
  for (let from = 0; from < all.length; from += atATime) {
    for (const each of all.slice(from, from + atATime)) judge(each)
    yield
  }
}

/**
 * Answers all questions in one pass over the history, a day at a time, so that its memory does not grow with the days.
 * It pauses between hours and groups of systems. Throws what SQLite throws.
 */
export function* answerDays(
  reader: HoursReader,
  questions: Questions,
  { zone, ratios }: DayRules,
): Work<Answers> {
  const numbers = numbersOf(reader, questions)
  const probed = asking<Question, ProbeDay>(questions.probed, numbers, () => undefined)
  const silenced = asking<SilenceQuestion, SilentDay>(questions.silenced, numbers, controlPlaceOf)
  const [probing, silencing] = [byDay(probed), byDay(silenced)]
  for (const day of [...new Set([...probing.keys(), ...silencing.keys()])].sort()) {
    const span = spanOf(day, zone)
    const [toProbe, toSilence] = [probing.get(day) ?? [], silencing.get(day) ?? []]
    const jobs = [...toProbe, ...toSilence].flatMap((asked) => asked.jobs)
    const countsOf = yield* reader.read(jobs, span.hours)
    const looks: DayOfLooks = { ...span, of: (job) => countsOf(numbers.ofLook.get(job) ?? -1) }
    const [keptProbed, keptSilent] = [keepingOne(isAlike), keepingOne(areBothSilent)]
    yield* inGroups(toProbe, ({ question, answers }) => {
      answers.push(keptProbed(probeDayOf(question.looks, looks, ratios)))
    })
    const controlOf = controlling(reader, span, numbers, countsOf)
    yield* inGroups(toSilence, ({ question, answers }) => {
      answers.push(keptSilent(silentDayOf(question.looks, looks, controlOf(question.control), ratios)))
    })
  }
  return { probeDays: bySystem(probed), silentDays: bySystem(silenced) }
}
