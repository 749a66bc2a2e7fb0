import { expectedOf, type Silences } from './claims.ts'
import type { Replay, Week } from './replay.ts'
import { silencesOf } from './script.ts'

/** Verdicts of the product beside what is so. */

export interface Difference {
  readonly week: string
  readonly claim: string
  /** `region:410202002 covered`. */
  readonly what: string
  readonly expected: string
  readonly got: string
  readonly because: string
}

const differencesOf = (
  { name, at, judged }: Week,
  replay: Replay,
  silences: Silences,
): readonly Difference[] => {
  const found = new Map(judged.map((each) => [each.claim, each]))
  const standing = replay.script.claims.filter(
    ({ record }) => Date.parse(record.at) <= at && (replay.script.withdrawn.get(record.id) ?? Infinity) > at,
  )
  return standing.flatMap((planted) => {
    const { id, subjectKind, subject, kind } = planted.record
    const expected = expectedOf(planted, silences, at)
    const { verdict = 'nothing', because = '' } = found.get(id) ?? {}
    return verdict === expected
      ? []
      : [
          {
            week: name,
            claim: id,
            what: `${subjectKind}:${subject} ${kind}`,
            expected,
            got: verdict,
            because,
          },
        ]
  })
}

/** What the product says otherwise than it is, of all weeks; claims that it leaves out among them. */
export const differences = (replay: Replay): readonly Difference[] => {
  const silences = silencesOf(replay.script)
  return replay.weeks.flatMap((week) => differencesOf(week, replay, silences))
}

/** The same of verdicts that were taken a week later: agents whose line was cut have delivered what they saw. */
export const differencesLater = (replay: Replay): readonly Difference[] => {
  const silences = silencesOf({ off: replay.script.off, away: new Map() })
  return replay.weeks.flatMap(({ judgedLater: judged, ...week }) =>
    judged === undefined ? [] : differencesOf({ ...week, judged }, replay, silences),
  )
}

/** Claims that the product judges and nobody planted, or that were taken back. */
export const strangers = (replay: Replay): readonly string[] => {
  const planted = new Map(replay.script.claims.map(({ record }) => [record.id, record]))
  return replay.weeks.flatMap(({ name, at, judged }) =>
    judged
      .filter(({ claim }) => !planted.has(claim) || (replay.script.withdrawn.get(claim) ?? Infinity) <= at)
      .map(({ claim }) => `${name} ${claim}`),
  )
}

/** By claim, the first week of each verdict. */
export const firstWeeks = ({ weeks }: Replay): ReadonlyMap<string, ReadonlyMap<string, string>> => {
  const first = new Map<string, Map<string, string>>()
  for (const { name, judged } of weeks)
    for (const { claim, verdict } of judged) {
      const own = first.get(claim) ?? new Map<string, string>()
      if (!own.has(verdict)) own.set(verdict, name)
      first.set(claim, own)
    }
  return first
}
