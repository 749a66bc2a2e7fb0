import { addDays, type Day, type DayRange, daysBetween, monthRange } from '../../core/day.ts'
import { type Deadline, deadlinesOf } from '../../ledger/index.ts'
import type { Block, ReportKind } from '../model.ts'
import { type Field, heading, lightWord, paragraph, tableOf, unitNames } from './blocks.ts'
import type { Scene } from './scene.ts'

const nextOf: Readonly<Record<ReportKind, string>> = { weekly: '下周', monthly: '下月', span: '下一阶段' }

/** The last day of what follows: the next month, or as many days as the period had. */
const endOfNext = (kind: ReportKind, { from, to }: DayRange): Day => {
  const next = addDays(to, 1)
  const month = kind === 'monthly' ? monthRange(next.slice(0, 7)) : undefined
  return month?.to ?? addDays(to, daysBetween(from, next))
}

/** What falls due in what follows the period, and is not done. */
export const deadlinesSection = (scene: Scene): readonly Block[] => {
  const { input, ledger } = scene
  const { range, inventory, kind } = input
  const next = nextOf[kind]
  const isOpen = ({ item }: Deadline): boolean =>
    !('state' in item) || (item.state !== 'claimed' && item.state !== 'verified')
  const due = deadlinesOf(ledger, endOfNext(kind, range)).filter(
    (each) => each.day > range.to && isOpen(each),
  )
  const fields: readonly Field<Deadline>[] = [
    { title: '期限', format: 'text', width: 1.8, read: ({ day }) => day },
    { title: '编号', format: 'text', width: 1.6, read: ({ item }) => item.id },
    { title: '事项', format: 'text', width: 4, read: ({ item }) => item.name },
    {
      title: '牵头单位',
      format: 'text',
      width: 2,
      read: ({ item }) => ('lead' in item ? unitNames(inventory, item.lead) : undefined),
    },
    {
      title: '状态',
      format: 'text',
      width: 1.6,
      read: ({ item }) => ('status' in item ? item.status : undefined),
    },
    { title: '灯', format: 'light', width: 0.7, read: ({ item }) => lightWord[item.light] },
  ]
  return [
    heading(1, `${next}到期事项`),
    due.length === 0 ? paragraph(`${next}没有到期而未完成的事项。`) : tableOf(`${next}到期事项`, fields, due),
  ]
}
