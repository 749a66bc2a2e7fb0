const firstMs = 5000

/** How long to wait after so many failures in a row: five seconds, doubled each time, `mostMs` at most. */
export const backoffMs = (failures: number, mostMs: number): number =>
  Math.min(mostMs, firstMs * 2 ** (failures - 1))
