import { checkLabels } from '../../compliance/evidence/claim.ts'
import { dayIn } from '../../core/day.ts'
import type { NamedFinding } from '../../verify/index.ts'
import type { Block, Sheet } from '../model.ts'
import { evidenceText, type Field, heading, paragraph, tableOf } from './blocks.ts'
import type { Scene } from './scene.ts'

/** 点名系统: what is asked of the network for each system that a plan names, and what it shows. */

const documentsOnly = '仅文件可核'

const verdictText = ({ documentsOnly: isOnly, verdict }: NamedFinding): string =>
  isOnly ? documentsOnly : checkLabels[verdict]

const namedOf = ({ input: { named, inventory, unit } }: Scene): readonly NamedFinding[] =>
  named.filter(({ mention }) => unit === undefined || inventory.mention.get(mention)?.owners.includes(unit))

const dayField = ({ input: { context } }: Scene): Field<NamedFinding> => ({
  title: '证据日',
  format: 'text',
  width: 2.1,
  read: ({ observedAt }) => (observedAt === undefined ? undefined : dayIn(context.timeZone, observedAt)),
})

/** What the text has room for; the workbook has all of it. */
const mostCharacters = 100

const shortened = (text: string): string =>
  text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text

const fieldsOf = (scene: Scene, textOf: (text: string) => string): readonly Field<NamedFinding>[] => [
  { title: '系统', format: 'text', width: 2.2, read: ({ name }) => name },
  { title: '核验内容', format: 'text', width: 2, read: ({ assertion }) => assertion },
  { title: '结论', format: 'text', width: 1.2, read: verdictText },
  { title: '依据', format: 'text', width: 4.6, read: (row) => textOf(evidenceText(row)) },
  dayField(scene),
]

const countText = (all: readonly NamedFinding[]): string => {
  const counts = Map.groupBy(all, verdictText)
  return [...Object.values(checkLabels), documentsOnly]
    .map((word) => `${word} ${counts.get(word)?.length ?? 0} 个`)
    .join('、')
}

export const namedSection = (scene: Scene): readonly Block[] => {
  const all = namedOf(scene)
  return [
    heading(1, '点名系统'),
    ...(all.length === 0
      ? [paragraph('方案没有点名的系统。')]
      : [
          paragraph(`方案点名的系统 ${all.length} 个，不论是否上报，逐个核对：${countText(all)}。`),
          tableOf(
            '点名系统核验',
            fieldsOf(scene, shortened),
            all,
            '全文、请求、所需文件见工作簿“点名系统”。',
          ),
        ]),
  ]
}

export const namedSheets = (scene: Scene): readonly Sheet[] => {
  const all = namedOf(scene)
  if (all.length === 0) return []
  const fields: readonly Field<NamedFinding>[] = [
    { title: '编号', format: 'text', read: ({ mention }) => mention },
    ...fieldsOf(scene, String),
    { title: '请求', format: 'text', read: ({ request }) => request },
    { title: '证据来源', format: 'text', read: ({ source }) => source?.what },
    { title: '所需文件', format: 'text', read: ({ documents }) => documents.join('；') },
  ]
  return [{ name: '点名系统', table: tableOf('点名系统', fields, all) }]
}
