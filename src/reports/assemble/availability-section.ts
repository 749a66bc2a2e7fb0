import type { Level } from '../../core/target.ts'
import type { Block } from '../model.ts'
import { type Answered, availabilityNote } from './availability.ts'
import { difference, type Field, heading, paragraph, tableOf } from './blocks.ts'
import type { Scene } from './scene.ts'

const levelNames: Readonly<Record<Level, string>> = {
  province: '省级节点',
  city: '市级节点',
  county: '县级节点',
  township: '乡级节点',
}

interface Row {
  readonly name: string
  readonly now: Answered
  readonly before: Answered | undefined
}

const fields: readonly Field<Row>[] = [
  { title: '类别', format: 'text', width: 2, read: ({ name }) => name },
  { title: '应测', format: 'integer', read: ({ now }) => now.targets },
  { title: '有数据', format: 'integer', read: ({ now }) => now.seen },
  { title: '无数据', format: 'integer', read: ({ now }) => now.targets - now.seen },
  { title: '可用率', format: 'percent', read: ({ now }) => now.percent },
  {
    title: '较上期',
    format: 'change',
    read: ({ now, before }) => difference(now.percent, before?.percent),
  },
]

export const availabilitySection = ({ availability, availabilityBefore }: Scene): readonly Block[] => {
  const title = heading(1, '网络与系统可用性')
  if (!availability.hasData) return [title, paragraph('本期没有探测数据，不作可用性统计。')]
  const levels = (Object.keys(levelNames) as readonly Level[]).flatMap((level): readonly Row[] => {
    const now = availability.byLevel.get(level)
    return now === undefined
      ? []
      : [{ name: levelNames[level], now, before: availabilityBefore.byLevel.get(level) }]
  })
  const systems = { name: '信息系统', now: availability.systems, before: availabilityBefore.systems }
  return [
    title,
    tableOf(
      '各级节点和系统可用率',
      fields,
      [...levels, ...(systems.now.targets > 0 ? [systems] : [])],
      availabilityNote,
    ),
  ]
}
