import { writeFile } from 'node:fs/promises'
import type { Planted } from '../simulator/service.ts'
import type { Ready, Request } from '../simulator/control.ts'
import { type Column, table } from '../terminal/table.ts'

/** What is out of order on purpose, for who wonders why something is red. */

/** Sends a request to the simulator; the ids of the services that changed. */
export type Order = (request: Request) => Promise<readonly string[]>

/** What was ordered of it so far. */
interface Ordered {
  readonly cuts: readonly string[]
  readonly named: readonly string[]
}

export const afterOrder = (ordered: Ordered, request: Request): Ordered => {
  const { cuts } = ordered
  if ('plant' in request) return { cuts, named: request.plant }
  const node = 'cut' in request ? request.cut : request.repair
  const others = cuts.filter((each) => each !== node)
  return { ...ordered, cuts: 'cut' in request ? [...others, node] : others }
}

const rowsOf = ({ planted, faults }: Ready, { cuts, named }: Ordered): readonly Planted[] => [
  ...cuts.map((id) => ({ id, name: '', what: '线路切断' })),
  ...planted,
  ...faults.filter(({ of }) => of.some((id) => named.includes(id))),
]

/** A file is no terminal: nothing is cut off. */
const wide = 200

const columns: readonly Column<Planted>[] = [
  { header: '对象', read: ({ id }) => id },
  { header: '名称', read: ({ name }) => name },
  { header: '模拟的故障', read: ({ what }) => what },
]

export const plantedText = (ready: Ready, ordered: Ordered): string => {
  const rows = rowsOf(ready, ordered)
  return rows.length === 0 ? '没有模拟的故障' : table(columns, rows, wide)
}

/** The orders, and in the file what is out of order after each; it is written before an order is done. */
export const notedIn = (file: string, ready: Ready, order: Order): Order => {
  let ordered: Ordered = { cuts: [], named: [] }
  return async (request) => {
    const services = await order(request)
    ordered = afterOrder(ordered, request)
    await writeFile(file, `${plantedText(ready, ordered)}\n`)
    return services
  }
}
