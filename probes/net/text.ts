// C0 and C1 controls, bidirectional overrides: a peer's text must not steer a terminal or a table.
const steering = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]+/gu

/** A peer's text as one line of at most `limit` UTF-16 units, without control characters. */
export const bounded = (text: string, limit = 500): string =>
  // Cut before the scan as well: the peer chose the length.
  text
    .slice(0, limit * 4)
    .replace(steering, ' ')
    .trim()
    .slice(0, limit)
    .toWellFormed()
