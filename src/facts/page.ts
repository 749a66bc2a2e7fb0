import { listed } from './listed.ts'
import { type Facts, factsAt, numberAt, textAt, textsIn } from './read.ts'

/** What a page loads or leads to, as `resources` of its difference names it. */
const resources: Readonly<Record<string, string>> = {
  script: '脚本',
  frame: '框架',
  form: '表单',
  embed: '嵌入对象',
  refresh: '自动跳转',
  base: '基准地址',
  handler: '事件脚本',
  style: '样式',
  image: '图片',
  link: '链接',
}

const mostCharacters = 40
const mostNamed = 3
const mostParts = 6

const quoted = (text: string): string =>
  `“${text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text}”`

const named = (texts: readonly string[], count: number | undefined): string => {
  const shown = listed(texts.slice(0, mostNamed).map(quoted))
  return count !== undefined && count > mostNamed ? `${shown} 等 ${count} 处` : shown
}

const changes = (change: Facts | undefined, label: string): readonly string[] => {
  if (change === undefined) return []
  const [added, removed] = [textsIn(change, 'added'), textsIn(change, 'removed')]
  return [
    ...(added.length > 0 ? [`新增${label}${named(added, numberAt(change, 'addedCount'))}`] : []),
    ...(removed.length > 0 ? [`缺少${label}${named(removed, numberAt(change, 'removedCount'))}`] : []),
  ]
}

/** How a page differs from its approved form, in words; undefined where only fingerprints were compared. */
const pageDifference = (facts: Facts): string | undefined => {
  const difference = factsAt(facts, 'difference')
  if (difference === undefined) return undefined
  const title = factsAt(difference, 'title')
  const loaded = factsAt(difference, 'resources') ?? {}
  const parts = [
    ...(title === undefined
      ? []
      : [`标题由${quoted(textAt(title, 'from') ?? '')}改为${quoted(textAt(title, 'to') ?? '')}`]),
    ...changes(factsAt(difference, 'text'), '文字'),
    ...changes(factsAt(difference, 'hosts'), '外部主机'),
    ...Object.entries(resources).flatMap(([type, label]) => changes(factsAt(loaded, type), label)),
  ]
  if (parts.length === 0) return undefined
  return parts.length > mostParts ? `${parts.slice(0, mostParts).join('；')}；等等` : parts.join('；')
}

/** That a page is not the approved one, and how. */
export const pageMismatch = (facts: Facts): string => {
  const difference = pageDifference(facts)
  const url = textAt(facts, 'url') ?? ''
  return difference === undefined ? `${url} 与批准的指纹不一致` : `${url} 与批准的页面不一致：${difference}`
}
