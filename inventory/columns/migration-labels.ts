import {
  asideLabels,
  decisionLabels,
  documentLabels,
  type MigrationDocument,
  type MigrationState,
  type Move,
  pathLabels,
  type Wave,
} from '../migration/model.ts'
import type { RecordOf } from '../model.ts'
import { id, type Labels, name, remark, unit, type Words, wordsOf } from './label.ts'

const stateOfMoving: Words<MigrationState> = {
  ...wordsOf({ ...pathLabels, ...asideLabels }),
  surveyed: [pathLabels.surveyed, '未启动'],
  deploying: [pathLabels.deploying, '正在迁移', '迁移中'],
  trial: [pathLabels.trial, '试运行(≥30日)'],
  accepted: [pathLabels.accepted, '已完成', '完成'],
  decommissioned: [pathLabels.decommissioned, '已下线'],
  deferred: [asideLabels.deferred, '暂不具备条件'],
}
const ofSystem = {
  header: '系统',
  aliases: ['系统名称', '信息系统', '应用系统', '应用系统名称', '系统编号'],
  references: 'system',
} as const

type Moving = 'cloud' | 'wave' | 'migration' | 'readiness'

/** Labels of the migration's collections. */
export const migrationLabels: { readonly [C in Moving]: Labels<RecordOf<C>> } = {
  cloud: {
    id,
    name: { ...name, aliases: ['云名称'] },
    networks: { header: '网段', aliases: ['地址段', 'IP地址段'] },
    unit,
    remark,
  },
  wave: {
    id,
    name: { ...name, aliases: ['批次名称'] },
    startsOn: { header: '开始日期', aliases: ['计划开始', '计划开始日期'] },
    endsOn: { header: '结束日期', aliases: ['计划完成', '计划完成日期'] },
    capacity: { header: '容量', aliases: ['系统数上限'] },
    freezes: { header: '封网期' },
    unit,
    remark,
  },
  migration: {
    id: ofSystem,
    unit,
    decision: { header: '迁移方式', aliases: ['处置方式', '上云方式'], words: wordsOf(decisionLabels) },
    state: { header: '迁移状态', aliases: ['状态', '进展', '迁移进展', '工作进展'], words: stateOfMoving },
    stateSince: { header: '进入状态日期' },
    reason: { header: '原因', aliases: ['未迁移原因'] },
    basis: { header: '依据', aliases: ['豁免依据', '政策依据'] },
    wave: { header: '批次', aliases: ['迁移批次'], references: 'wave' },
    dependsOn: { header: '依赖系统', aliases: ['依赖'], references: 'system' },
    oldEndpoints: { header: '原地址', aliases: ['旧地址', '迁移前地址', '原访问地址'] },
    newEndpoints: { header: '新地址', aliases: ['云上地址', '迁移后地址', '新访问地址'] },
    cloud: { header: '政务云', aliases: ['云平台', '所上云'], references: 'cloud' },
    control: { header: '对照目标', aliases: ['对照'] },
    documents: { header: '文件' },
    moves: { header: '变动', writtenBy: 'yiwang migration move' },
    remark,
  },
  readiness: {
    id: ofSystem,
    answers: { header: '答案' },
    by: { header: '评估人' },
    on: { header: '评估日期' },
    remark,
  },
}

/** Fields of the records inside these. */
export const migrationNestedLabels: {
  readonly documents: Labels<MigrationDocument>
  readonly moves: Labels<Move>
  readonly freezes: Labels<Wave['freezes'][number]>
} = {
  documents: {
    kind: { header: '种类', words: wordsOf(documentLabels) },
    name: { header: '名称' },
    date: { header: '日期' },
    sha256: { header: 'SHA-256', aliases: ['摘要'] },
  },
  moves: {
    at: { header: '时间' },
    by: { header: '经办人' },
    from: { header: '原状态', words: stateOfMoving },
    to: { header: '新状态', words: stateOfMoving },
    reason: { header: '原因' },
    override: { header: '越过理由' },
    missing: { header: '越过时缺少' },
  },
  freezes: {
    from: { header: '起' },
    to: { header: '止' },
    why: { header: '原因' },
  },
}
