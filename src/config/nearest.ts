/** Levenshtein distance, row by row. */
const distance = (left: string, right: string): number => {
  let row = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (const [above, letter] of Array.from(left).entries()) {
    const next = [above + 1]
    for (const [column, other] of Array.from(right).entries()) {
      const change = (row[column] ?? 0) + (letter.toLowerCase() === other.toLowerCase() ? 0 : 1)
      next.push(Math.min(change, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

/** The candidate that `word` was most likely meant to be, or undefined where none is near. */
export const nearest = (word: string, candidates: readonly string[]): string | undefined => {
  const bounded = word.slice(0, 100)
  const [best] = candidates
    .map((candidate) => ({ candidate, steps: distance(bounded, candidate) }))
    .toSorted((left, right) => left.steps - right.steps)
  return best && best.steps <= Math.max(2, best.candidate.length / 3) ? best.candidate : undefined
}
