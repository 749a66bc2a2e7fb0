import type { Inventory } from '../../inventory/store.ts'

/** How available lines were, for the talk with the operator. */

/** One hour of one job, as the history keeps it. */
export interface Hour {
  readonly target: string
  readonly kind: string
  readonly up: number
  readonly down: number
  readonly secondsSum: number
  readonly lossSum: number
  readonly lossCount: number
}

export interface Availability {
  readonly operator: string
  /** Number of the circuit; of an operator as a whole: absent. */
  readonly circuit?: string
  /** `n-1/u1` */
  readonly line?: string
  readonly lines: number
  readonly looks: number
  /** Looks that were answered; hours in which nobody could look do not count. */
  readonly upRatio: number
  readonly lossRatio?: number
  readonly roundTripSeconds?: number
  /** Hours in which more than half of the looks failed. */
  readonly downHours: number
}

interface Sum {
  up: number
  down: number
  secondsSum: number
  lossSum: number
  lossCount: number
  downHours: number
  readonly lines: Set<string>
}

const emptySum = (): Sum => ({
  ...{ up: 0, down: 0, secondsSum: 0, lossSum: 0, lossCount: 0, downHours: 0 },
  lines: new Set(),
})

const add = (sum: Sum, hour: Hour): void => {
  sum.up += hour.up
  sum.down += hour.down
  sum.secondsSum += hour.secondsSum
  sum.lossSum += hour.lossSum
  sum.lossCount += hour.lossCount
  if (hour.down > hour.up) sum.downHours += 1
  sum.lines.add(hour.target)
}

const figuresOf = ({ up, down, secondsSum, lossSum, lossCount, downHours, lines }: Sum) => ({
  lines: lines.size,
  looks: up + down,
  upRatio: up / (up + down),
  ...(lossCount > 0 && { lossRatio: lossSum / lossCount }),
  ...(up > 0 && { roundTripSeconds: secondsSum / up }),
  downHours,
})

interface Circuit {
  readonly operator: string
  readonly circuit?: string
}

const circuits = ({ node }: Inventory): ReadonlyMap<string, Circuit> =>
  new Map(
    [...node.values()].flatMap(({ id, uplinks }) =>
      uplinks.map(({ id: uplink, operator = '', circuit }) => [
        `${id}/${uplink}`,
        { operator, ...(circuit !== undefined && { circuit }) },
      ]),
    ),
  )

/** Each operator as a whole, then each of its lines; lines that nothing looked at are left out. */
export const availabilityOf = (inventory: Inventory, hours: Iterable<Hour>): readonly Availability[] => {
  const known = circuits(inventory)
  const operators = new Map<string, Sum>()
  const lines = new Map<string, Sum>()
  const sumOf = (sums: Map<string, Sum>, key: string): Sum => {
    const sum = sums.get(key) ?? emptySum()
    sums.set(key, sum)
    return sum
  }
  for (const hour of hours) {
    const circuit = hour.kind === 'icmp' ? known.get(hour.target) : undefined
    if (circuit === undefined || hour.up + hour.down === 0) continue
    add(sumOf(operators, circuit.operator), hour)
    add(sumOf(lines, hour.target), hour)
  }
  const ofLine = [...lines].map(([line, sum]): Availability => {
    const { operator = '', circuit } = known.get(line) ?? {}
    return { operator, ...(circuit !== undefined && { circuit }), line, ...figuresOf(sum) }
  })
  return [...operators]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([operator, sum]) => [
      { operator, ...figuresOf(sum) },
      ...ofLine
        .filter((each) => each.operator === operator)
        .toSorted((one, other) => one.upRatio - other.upRatio),
    ])
}
