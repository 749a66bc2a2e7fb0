import type { Block, Report } from '../model.ts'
import { basisLines, chineseDay, numbered, numberLine } from '../text.ts'

/** What a template of the user's may name between {{ and }}. */

export interface Placeholder {
  readonly key: string
  /** What takes its place, for a reader. */
  readonly means: string
}

/** Stands within a line, in the look that the template gives it. */
interface InlinePlaceholder extends Placeholder {
  readonly kind: 'text'
  readonly text: (report: Report) => string
}

/** Stands alone in its paragraph, which gives way to paragraphs, tables and charts. */
interface BlockPlaceholder extends Placeholder {
  readonly kind: 'blocks'
  readonly blocks: (report: Report) => readonly Block[]
}

/** Stands alone in its paragraph, which gives way to lines of small type. */
interface NotesPlaceholder extends Placeholder {
  readonly kind: 'notes'
  readonly lines: (report: Report) => readonly string[]
}

export type KnownPlaceholder = InlinePlaceholder | BlockPlaceholder | NotesPlaceholder

const text = (key: string, means: string, read: (report: Report) => string): InlinePlaceholder => ({
  kind: 'text',
  key,
  means,
  text: read,
})

const paragraph = (line: string): Block => ({ kind: 'paragraph', text: line })

const sectionOf = ({ blocks }: Report, title: string): readonly Block[] => {
  const isTitle = (block: Block): boolean => block.kind === 'heading' && block.level === 1
  const start = blocks.findIndex((block) => isTitle(block) && 'text' in block && block.text.endsWith(title))
  if (start === -1) return [paragraph(`本期没有“${title}”。`)]
  const end = blocks.findIndex((block, at) => at > start && isTitle(block))
  return blocks.slice(start + 1, end === -1 ? undefined : end)
}

const captioned = ({ blocks }: Report, kind: 'table' | 'chart', caption: string): readonly Block[] => {
  const found = blocks.find((block) => block.kind === kind && block.caption.endsWith(caption))
  return [found ?? paragraph(`本期没有“${caption}”。`)]
}

/** By the end of their titles, which begin with 本月, 下周 and the like. */
const sections = {
  headline: '总体情况',
  trends: '趋势',
  claims: '上报与核验',
  named: '点名系统',
  tasks: '任务进展',
  counties: '县区情况',
  migration: '系统迁移',
  availability: '网络与系统可用性',
  security: '网络安全',
  mlps: '等级保护',
  deadlines: '到期事项',
} as const

const tables = {
  goals: '各项目标',
  claims: '各单位上报与核验',
  contradictions: '与证据矛盾的上报',
  named: '点名系统核验',
  done: '本期报完成',
  verified: '本期核验销号',
  overdue: '本期新增逾期',
  slips: '本期督查单',
  units: '牵头单位任务情况',
  counties: '县区接入和节点可用率',
  funnel: '系统迁移漏斗',
  waves: '迁移批次',
  delays: '超过批次计划而未完成的系统',
  overrides: '本期放行的步骤',
  availability: '各级节点和系统可用率',
  findings: '安全发现',
  incidents: '未归档的安全事件',
  assessments: '等级测评情况',
  checks: '测评记录与证据核对',
  'mlps-contradictions': '与证据矛盾的测评记录',
  deadlines: '到期事项',
} as const

const charts = {
  tasks: '任务趋势',
  remaining: '未完成迁移的系统',
  counties: '县区接入上报率、核验率和节点可用率',
  burndown: '系统迁移燃尽图',
} as const

const blockPlaceholders = (): readonly BlockPlaceholder[] => {
  const family = (
    name: string,
    titles: Readonly<Record<string, string>>,
    blocks: (report: Report, title: string) => readonly Block[],
  ): readonly BlockPlaceholder[] =>
    Object.entries(titles).map(([key, title]) => ({
      kind: 'blocks',
      key: `${name}:${key}`,
      means: title,
      blocks: (report) => blocks(report, title),
    }))
  return [
    {
      kind: 'blocks',
      key: 'headline',
      means: '总体情况的各段文字',
      blocks: (report) => sectionOf(report, sections.headline).filter((block) => block.kind === 'paragraph'),
    },
    {
      kind: 'blocks',
      key: 'body',
      means: '全部正文，标题、表、图编号',
      blocks: (report) => numbered(report.blocks),
    },
    ...family('section', sections, sectionOf),
    ...family('table', tables, (report, title) => captioned(report, 'table', title)),
    ...family('chart', charts, (report, title) => captioned(report, 'chart', title)),
  ]
}

export const placeholders: readonly KnownPlaceholder[] = [
  text('title', '标题', ({ title }) => title.replaceAll('\n', '')),
  text('organ', '发文机关', ({ organ }) => organ),
  text('number', '期号；草稿注明未签发', numberLine),
  text('period', '统计期', ({ period }) => period.name),
  text('from', '统计期第一日', ({ period }) => chineseDay(period.from)),
  text('to', '统计期最后一日', ({ period }) => chineseDay(period.to)),
  text('issued', '签发日；草稿为空', ({ issuedOn }) => (issuedOn === undefined ? '' : chineseDay(issuedOn))),
  text('cutoff', '证据截止', ({ basis }) => basis.evidenceCutoff),
  text('revision', '台账修订号', ({ basis }) => String(basis.storeRevision)),
  text('audit', '审计链头', ({ basis }) => basis.auditHead),
  {
    kind: 'notes',
    key: 'basis',
    means: '统计期、证据截止、修订号、审计链头、名册、模板和复算命令（必须有）',
    lines: basisLines,
  },
  ...blockPlaceholders(),
]

/** Without it a report would not say what it was made of. */
export const required = 'basis'
