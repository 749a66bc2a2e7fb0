import { type Bulletin, bulletinKinds } from '../bulletin.ts'
import { type Labels, wordsOf } from './label.ts'

export const bulletinLabels: Labels<Bulletin> = {
  id: { header: '编号' },
  kind: { header: '类型', words: wordsOf(bulletinKinds) },
  year: { header: '年' },
  issue: { header: '期号' },
  period: { header: '统计期' },
  unit: { header: '单位', references: 'unit' },
  issuedAt: { header: '签发时间' },
  issuedBy: { header: '签发人' },
  storeRevision: { header: '台账修订号' },
  auditHead: { header: '审计链头' },
  evidenceCutoff: { header: '证据截止' },
  files: { header: '文件' },
  corrects: { header: '更正', references: 'bulletin' },
  reason: { header: '更正原因' },
}
