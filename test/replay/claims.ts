import { createHash } from 'node:crypto'
import type { InputOf } from '../../inventory/model.ts'
import { covers, isoOf, type Span } from './calendar.ts'

/**
 * What units report, and what is so: the truth is for the test, which compares verdicts with it. Nothing of it is
 * handed to the product.
 */

export interface Truth {
  /** Spans in which the network or the records show that it is not so. */
  readonly false?: readonly Span[]
  /** Spans in which the records say otherwise by themselves, whoever looks. */
  readonly contraryToRecords?: readonly Span[]
  /** What a false one is to be found as; an assessment that is too old is 证据过期. */
  readonly foundAs?: 'contradicted' | 'stale'
  /** Spans in which nobody can tell: an outage that is short so far, or what lies behind a cut line. */
  readonly dark?: readonly Span[]
  /** Agents all of which must be heard; none: records alone tell. */
  readonly seenBy?: readonly string[]
  /** No look can tell. */
  readonly onPaper?: boolean
}

export interface PlantedClaim {
  readonly record: InputOf<'claim'>
  readonly truth: Truth
}

export type Silences = ReadonlyMap<string, readonly Span[]>

/** What an honest tool says of a claim at an instant. */
export const expectedOf = (
  { truth }: PlantedClaim,
  silences: Silences,
  at: number,
): 'consistent' | 'contradicted' | 'stale' | 'unverifiable' => {
  const { false: lies = [], contraryToRecords = [], dark = [], seenBy = [] } = truth
  const { foundAs = 'contradicted', onPaper } = truth
  if (onPaper === true) return 'unverifiable'
  if (covers(contraryToRecords, at)) return 'contradicted'
  if (seenBy.some((agent) => covers(silences.get(agent) ?? [], at))) return 'unverifiable'
  if (covers(lies, at)) return foundAs
  return covers(dark, at) ? 'unverifiable' : 'consistent'
}

/** A document that the generator writes: its hash, name and size are what the store keeps. */
export const paper = (name: string): { sha256: string; name: string; size: number } => ({
  sha256: createHash('sha256').update(name).digest('hex'),
  name,
  size: Buffer.byteLength(name),
})

export interface Reporting {
  /** `system:s-001`. */
  readonly subject: string
  readonly kind: InputOf<'claim'>['kind']
  readonly at: number
  readonly unit: string
  readonly value?: string
  readonly item?: string
}

/** Claims are numbered in the order in which they are planted. */
export const createClaims = () => {
  const planted: PlantedClaim[] = []
  return {
    planted,
    add: ({ subject, kind, at, unit, value, item }: Reporting, truth: Truth): void => {
      const [subjectKind = '', id = ''] = subject.split(':')
      const number = String(planted.length + 1).padStart(6, '0')
      planted.push({
        truth,
        record: {
          id: `c-${number}`,
          subjectKind: subjectKind as InputOf<'claim'>['subjectKind'],
          subject: id,
          kind,
          at: isoOf(at),
          by: '填报员',
          unit,
          documents: [paper(`上报函${number}.pdf`)],
          ...(value !== undefined && { value }),
          ...(item !== undefined && { item }),
        },
      })
    },
  }
}
export type Claims = ReturnType<typeof createClaims>
