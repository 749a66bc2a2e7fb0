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
  { name, at, verified }: Week,
  replay: Replay,
  silences: Silences,
): readonly Difference[] => {
  const found = new Map(verified.map((each) => [each.claim.id, each]))
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

/** Claims that the product judges and nobody planted, or that were taken back. */
export const strangers = (replay: Replay): readonly string[] => {
  const planted = new Map(replay.script.claims.map(({ record }) => [record.id, record]))
  return replay.weeks.flatMap(({ name, at, verified }) =>
    verified
      .filter(
        ({ claim }) => !planted.has(claim.id) || (replay.script.withdrawn.get(claim.id) ?? Infinity) <= at,
      )
      .map(({ claim }) => `${name} ${claim.id}`),
  )
}

/** By claim, the first week of each verdict. */
export const firstWeeks = ({ weeks }: Replay): ReadonlyMap<string, ReadonlyMap<string, string>> => {
  const first = new Map<string, Map<string, string>>()
  for (const { name, verified } of weeks)
    for (const { claim, verdict } of verified) {
      const own = first.get(claim.id) ?? new Map<string, string>()
      if (!own.has(verdict)) own.set(verdict, name)
      first.set(claim.id, own)
    }
  return first
}
