import { UsageFault } from '../core/fault.ts'

export { dayIn } from '../core/day.ts'

/** The codes and Chinese words of a list as `code (word)`, for help and for messages. */
export const listed = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([code, label]) => `${code} (${label})`)
    .join(', ')

/** The code that a person meant, given as such or by its Chinese word. Throws `UsageFault` with the list. */
export const codeOf = <Code extends string>(
  labels: Readonly<Record<Code, string>>,
  text: string,
  where: string,
): Code => {
  const codes = Object.keys(labels) as Code[]
  const found = codes.find((code) => code === text || labels[code] === text)
  if (found !== undefined) return found
  throw new UsageFault([{ where, message: `expected one of ${listed(labels)}, got ${text}` }])
}
