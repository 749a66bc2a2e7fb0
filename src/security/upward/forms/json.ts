import type { Presented } from '../present.ts'

/** Messages as the body of one request. */
export const jsonBody = (presented: readonly Presented[], source: string): string =>
  JSON.stringify({
    version: 1,
    source,
    messages: presented.map(({ entries }) =>
      Object.fromEntries(entries.map(({ theirs, value }) => [theirs, value])),
    ),
  })
