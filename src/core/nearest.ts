import { distance } from 'fastest-levenshtein'

const maxLength = 100

/** Slips that a word of that length may have and still be recognised. */
const allowedSlips = (length: number): number => Math.min(length - 1, Math.max(2, Math.floor(length / 3)))

/** The candidate that `word` was most likely meant to be, whatever its case; undefined where none is near. */
export const nearest = (word: string, candidates: Iterable<string>): string | undefined => {
  const given = word.slice(0, maxLength).toLowerCase()
  let best: string | undefined
  let limit = allowedSlips(given.length)
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - given.length) > limit) continue
    const slips = distance(given, candidate.toLowerCase())
    if (slips > limit) continue
    best = candidate
    limit = slips - 1
  }
  return best
}
