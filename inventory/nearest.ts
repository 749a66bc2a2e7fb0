/** Edit distance (Levenshtein), or `limit + 1` as soon as it is known to be more than `limit`. */
const distance = (left: string, right: string, limit: number): number => {
  let row = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let line = 1; line <= left.length; line += 1) {
    const next = [line]
    for (let column = 1; column <= right.length; column += 1)
      next.push(
        Math.min(
          (row[column] ?? 0) + 1,
          (next[column - 1] ?? 0) + 1,
          (row[column - 1] ?? 0) + (left[line - 1] === right[column - 1] ? 0 : 1),
        ),
      )
    row = next
    if (Math.min(...row) > limit) return limit + 1
  }
  return row.at(-1) ?? 0
}

const commonPrefix = (left: string, right: string): number => {
  let length = 0
  while (length < left.length && left[length] === right[length]) length += 1
  return length
}

const maxSlips = 3

/** The candidate that `text` was most likely meant to be; undefined where none is near. */
export const nearest = (text: string, candidates: Iterable<string>): string | undefined => {
  let best: string | undefined
  let limit = Math.min(maxSlips, Math.floor(text.length / 2))
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - text.length) > limit) continue
    const shared = commonPrefix(text, candidate)
    const slips = distance(text.slice(shared), candidate.slice(shared), limit)
    if (slips > limit) continue
    best = candidate
    limit = slips - 1
    if (limit < 0) break
  }
  return best
}
