import type { RecordOf } from '../model.ts'
import { id, type Labels, name, remark } from './label.ts'

const startsAt = { header: '开始时间', aliases: ['起'] } as const
const endsAt = { header: '结束时间', aliases: ['止'] } as const

type Watched = 'maintenance' | 'exception' | 'duty'

/** Labels of the collections of security monitoring. */
export const securityLabels: { readonly [C in Watched]: Labels<RecordOf<C>> } = {
  maintenance: {
    id,
    name,
    startsAt,
    endsAt,
    targets: { header: '对象', aliases: ['维护对象'] },
    regions: { header: '行政区划', references: 'region' },
    why: { header: '原因' },
    remark,
  },
  exception: {
    id,
    rule: { header: '规则' },
    target: { header: '对象' },
    why: { header: '原因' },
    approver: { header: '批准人' },
    approvedOn: { header: '批准日期' },
    expiresOn: { header: '到期日期' },
    remark,
  },
  duty: {
    id,
    startsAt,
    endsAt,
    contacts: { header: '值班人', aliases: ['值班人员'], references: 'contact' },
    escalation: { header: '升级联系人', aliases: ['带班领导'], references: 'contact' },
    remark,
  },
}
