import type { KeptHostEvidence } from '../../core/host-evidence.ts'
import { validUntil } from './validity.ts'

/** Which machine it is: by its name within a record, since a system may run on several; else by its machine id. */
export const machineKey = (
  target: string | undefined,
  { hostname, machine }: { readonly hostname: string; readonly machine?: string | undefined },
): string => (target === undefined ? (machine ?? hostname) : `${target} ${hostname}`)

export const machineOf = ({ target, evidence }: KeptHostEvidence): string => machineKey(target, evidence.host)

const collectedAt = ({ evidence }: KeptHostEvidence): number => Date.parse(evidence.collectedAt)

/** Whether it saw all that there is to see. Evidence that does not say so is believed to have. */
export const sawAll = ({ evidence }: KeptHostEvidence): boolean => evidence.asRoot !== false

export const stillCounts = (kept: KeptHostEvidence, now: number): boolean =>
  validUntil('host-check', collectedAt(kept)) >= now

const only = (kept: KeptHostEvidence, checks: ReadonlySet<string>): KeptHostEvidence => ({
  ...kept,
  evidence: {
    ...kept.evidence,
    results: kept.evidence.results.filter(({ id, verdict }) => checks.has(id) && verdict !== 'cannot-tell'),
  },
})

const decidingOn = (all: readonly KeptHostEvidence[], now: number): readonly KeptHostEvidence[] => {
  const [newest, ...older] = all.toSorted((one, other) => collectedAt(other) - collectedAt(one))
  if (newest === undefined) return []
  const whole = sawAll(newest) ? undefined : older.find((each) => sawAll(each) && stillCounts(each, now))
  if (whole === undefined) return [newest]
  const open = newest.evidence.results.filter(({ verdict }) => verdict === 'cannot-tell')
  return [only(whole, new Set(open.map(({ id }) => id))), newest]
}

/**
 * What decides of each machine: its newest evidence; and of what that could not see, since it was not collected as
 * root, the newest that was, as long as it counts. That one comes first, with those checks alone.
 */
export const decidingOf = (all: readonly KeptHostEvidence[], now: number): readonly KeptHostEvidence[] =>
  [...Map.groupBy(all, machineOf).values()].flatMap((each) => decidingOn(each, now))
