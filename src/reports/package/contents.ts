import type { AnyRecord } from '../../../inventory/audit/changes.ts'
import { attachmentUses } from '../../../inventory/attachments/uses.ts'
import { stateLabels as migrationStates, recordAt } from '../../../inventory/migration/index.ts'
import type { Collection } from '../../../inventory/model.ts'
import { claimsAt } from '../../ledger/index.ts'
import { verifyAll } from '../../verify/index.ts'
import type { ReportInput } from '../assemble/input.ts'
import type { Report } from '../model.ts'

/** What a package for a third party (第三方评估) holds beside the report: the data that its numbers rest on. */

/** Without contacts and duty, which are telephone numbers, and without keys of agents and signers. */
const published = [
  ...['region', 'unit', 'node', 'system', 'device', 'network', 'workplan', 'goal', 'task', 'milestone'],
  ...['mention', 'progress', 'claim', 'roster', 'cloud', 'wave', 'migration', 'assessment', 'asset'],
  ...['waiver', 'remediation', 'maintenance', 'exception'],
] as readonly Collection[]

/** A file of JSON lines. */
export interface LineFile {
  readonly path: string
  readonly values: Iterable<unknown>
}

const isKnown = ({ at }: { readonly at: string }, now: number): boolean => Date.parse(at) <= now

/** The records of a collection as they were known at the cut-off. */
const knownOf = (collection: Collection, { inventory, context }: ReportInput): Iterable<AnyRecord> => {
  if (collection === 'claim') return claimsAt(inventory.claim.values(), context)
  if (collection === 'progress')
    return [...inventory.progress.values()].filter((each) => isKnown(each, context.now))
  if (collection === 'migration')
    return [...inventory.migration.values()].map((each) => recordAt(each, context.now))
  return inventory[collection].values()
}

const securityFiles = ({ security, context }: ReportInput): readonly LineFile[] =>
  security?.oldestAt === undefined || security.oldestAt > context.now
    ? []
    : [
        { path: 'data/findings.jsonl', values: security.findings },
        { path: 'data/incidents.jsonl', values: security.incidents },
      ]

/** The verdicts of the period before that changes are told from, where some are on record. */
const recordedFiles = ({ recordedBefore }: ReportInput): readonly LineFile[] =>
  recordedBefore === undefined
    ? []
    : [
        {
          path: 'data/recorded-before.jsonl',
          values: [...recordedBefore.byClaim].map(([claim, verdict]) => ({ claim, verdict })),
        },
      ]

export const dataFiles = (input: ReportInput): readonly LineFile[] => [
  ...published.map((collection) => ({
    path: `data/inventory/${collection}.jsonl`,
    values: knownOf(collection, input),
  })),
  { path: 'data/verdicts.jsonl', values: verifyAll(input.verify) },
  ...recordedFiles(input),
  { path: 'data/named.jsonl', values: input.named },
  { path: 'data/results.jsonl', values: input.results },
  ...securityFiles(input),
]

/** A document that some record names by its hash. */
export interface Named {
  readonly sha256: string
  readonly name: string
  /** Records that name it: `claim/c-1`. */
  readonly of: readonly string[]
}

/** Every document that a record names, each once, in the order of hashes. */
export const documentsOf = ({ inventory, context }: ReportInput): readonly Named[] => {
  const { now } = context
  const found = [
    ...claimsAt(inventory.claim.values(), context).flatMap(({ id, documents, answers }) => [
      ...documents.map(({ sha256, name }) => ({ sha256, name, of: `claim/${id}` })),
      ...answers.flatMap(({ document, documentName = '' }) =>
        document === undefined ? [] : [{ sha256: document, name: documentName, of: `claim/${id}` }],
      ),
    ]),
    ...[...inventory.progress.values()]
      .filter((each) => isKnown(each, now))
      .flatMap(({ id, documents }) =>
        documents.map(({ sha256, name }) => ({ sha256, name, of: `progress/${id}` })),
      ),
    ...[...inventory.migration.values()].flatMap(({ id, documents }) =>
      documents.map(({ sha256, name }) => ({ sha256, name, of: `migration/${id}` })),
    ),
    ...attachmentUses(inventory)
      .filter(({ where }) => !where.startsWith('bulletin/'))
      .map(({ hash, name, where }) => ({ sha256: hash, name, of: where })),
  ]
  const byHash = Map.groupBy(found, ({ sha256 }) => sha256)
  return [...byHash]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([sha256, uses]) => ({ sha256, name: uses[0]?.name ?? '', of: uses.map(({ of }) => of) }))
}

/** What the package says of itself, without its files. */
export const headOf = ({ kind, organ, number, period, basis }: Report, { unit, before }: ReportInput) => ({
  format: 'yiwang-report-package-1',
  kind,
  organ,
  number,
  period: period.name,
  range: { from: period.from, to: period.to },
  before,
  ...(unit !== undefined && { unit }),
  ...basis,
  words: { migrationStates },
})

export const readme = ({ title, organ, number, period }: Report): string => `# 第三方评估材料

${organ} ${number}《${title.replaceAll('\n', '')}》，统计期 ${period.from} 至 ${period.to}。

| 文件 | 内容 |
|---|---|
| report.docx .xlsx .html .md | 通报的四种格式，由 report.json 生成 |
| report.json | 通报的内容 |
| data/inventory/ | 证据截止时的台账，一类一个文件，每行一条 JSON |
| data/verdicts.jsonl | 每条有效上报的结论、依据的各个部分及其证据来源 |
| data/recorded-before.jsonl | 上期记录在案的结论，较上期的变化由此而来；没有记录的没有这个文件 |
| data/named.jsonl | 方案点名系统的核对结果 |
| data/results.jsonl | 等级测评记录与证据的核对 |
| data/findings.jsonl incidents.jsonl | 安全发现和事件；没有安全台账的没有这两个文件 |
| data/jobs.jsonl | 探测任务；expect 不是 reachable 的不计入可用率 |
| data/rollups.jsonl | 本期和上期的小时汇总：每个任务每日一行，hours 为当日各小时的 [成功, 失败, 无法判断]，null 为没有数据 |
| documents/ | 存有原件的证据文件，文件名为其 SHA-256 |
| manifest.json | 以上每个文件的 SHA-256，台账修订号、审计链头、名册版本、证据截止，所有证据文件是否附上 |
| recompute.mjs | 复算程序 |

不含联系人、值班表和密钥。

复算（Node.js 22 以上，不需要其他软件）：

    node recompute.mjs --expect <另行告知的 manifest.json 的 SHA-256>

先核对每个文件的 SHA-256，再由 data/ 复算任务、上报核验、目标、县区、可用率、迁移、网络安全、等级保护的数字，与 report.json 逐个比较。
退出码 0 为全部相符，1 为有不符。
`
