import type { Claim, ClaimKindCode } from '../../../inventory/ledger/index.ts'
import { stateLabels } from '../../../inventory/migration/index.ts'
import type { System, Unit } from '../../../inventory/model.ts'
import type { Ground } from '../ground.ts'
import { anyOf, everyOf, unseen } from '../parts.ts'
import { type Member, membersOf } from '../members.ts'
import { namedSystems } from '../named-systems.ts'
import { exchangePlatform, peersOf, userCentre } from '../peers.ts'
import type { Part } from '../types.ts'
import { migrated, inState, oldSilent } from './moved.ts'
import { nodeConnected, regionConnected, regionCovered, unitConnected } from './places.ts'
import { assessed, filed } from './records.ts'
import { attachedTo, bothFamilies, linkedBothWays, onExtranet, online, unifiedLogin } from './systems.ts'

/** What is asserted of a subject, and the documents that are wanted where no probe can tell. */
export interface Ruling {
  readonly parts: readonly Part[]
  readonly documents?: readonly string[]
}

export type Asserted = Pick<Claim, 'kind' | 'subject' | 'subjectKind' | 'value'>

type SystemRule = (system: System, value: string | undefined, ground: Ground) => Ruling

const receipts = ['省安全监管系统接入单与回执号']

const linked: SystemRule = (system, value, ground) => {
  const peers = value === undefined ? peersOf(system.id, ground) : [ground.inventory.system.get(value)]
  const known = peers.filter((peer) => peer !== undefined)
  if (known.length === 0)
    return {
      parts: [
        unseen(
          `${system.name} 已互联`,
          `不知道与何系统互联${value === undefined ? '（--value 系统编号）' : `：没有系统 ${value}`}`,
        ),
      ],
      documents: ['联调记录'],
    }
  return {
    parts: known.flatMap((peer) => linkedBothWays(system, peer, ground)),
    documents: ['联调记录'],
  }
}

const login: SystemRule = (system, _, ground) => {
  const centre = userCentre(ground)
  return {
    parts: [
      centre === undefined
        ? unseen(`${system.name} 统一身份认证`, '没有登记用户中心')
        : unifiedLogin(system, centre, ground),
    ],
  }
}

const exchange: SystemRule = (system, _, ground) => {
  const platform = exchangePlatform(ground)
  return {
    parts: [
      platform === undefined
        ? unseen(`${system.name} 接入共享交换平台`, '没有登记共享交换平台')
        : attachedTo(system, platform, ground),
    ],
    documents: ['接入台账（接入日期、接口）'],
  }
}

const stated: SystemRule = (system, value, ground) => ({
  parts: inState(system, value ?? '', ground) ?? [
    unseen(
      `${system.name} 迁移状态`,
      `填报的状态 ${value ?? '（无）'} 不在 ${Object.values(stateLabels).join('、')} 之内`,
    ),
  ],
})

const systemRules: Readonly<Partial<Record<ClaimKindCode, SystemRule>>> = {
  connected: (system, _, ground) => ({ parts: onExtranet(system, ground) }),
  monitored: () => ({ parts: [], documents: receipts }),
  online: (system, _, ground) => ({ parts: [online(system, ground)] }),
  migrated: (system, _, ground) => ({ parts: migrated(system, ground) }),
  'migration-state': stated,
  'old-silent': (system, _, ground) => ({ parts: [oldSilent(system, ground)] }),
  'unified-login': login,
  exchange,
  linked,
  ipv6: (system, _, ground) => ({ parts: bothFamilies(system, ground) }),
  filed: (system, value, ground) => ({
    parts: [filed(system, value, ground)],
    documents: ['定级备案证明'],
  }),
  assessed: (system, _, ground) => ({
    parts: [assessed(system, ground)],
    documents: ['测评报告编号与结论'],
  }),
}

/** A unit is linked where one of its systems is. */
const unitLinked = (unit: Unit, value: string | undefined, ground: Ground): Ruling => {
  const rulings = (ground.systemsOfUnit.get(unit.id) ?? []).map((system) =>
    everyOf(system.name, linked(system, value, ground).parts, ''),
  )
  return {
    parts: [anyOf(`${unit.name} 有系统已互联`, rulings, '名下没有登记系统')],
    documents: ['联调记录'],
  }
}

const ofUnit = (unit: Unit, { kind, value }: Asserted, ground: Ground): Ruling => {
  if (kind === 'linked') return unitLinked(unit, value, ground)
  return kind === 'monitored' ? { parts: [], documents: receipts } : { parts: [unitConnected(unit, ground)] }
}

/** Of a named system that no look can show anything of, documents are wanted whatever is claimed. */
const ofSystem = (system: System, { kind, value }: Asserted, ground: Ground): Ruling => {
  const mention = ground.mentions.get(system.id)
  const row = mention && namedSystems.find(({ id }) => id === mention.id)
  const { parts, documents = [] } = systemRules[kind]?.(system, value, ground) ?? { parts: [] }
  return row?.checks.length === 0 ? { parts: [], documents: row.documents } : { parts, documents }
}

/** Members are nodes, units and systems, all of which have names. */
const nameOf = ({ subject }: Member, { inventory: { node, unit, system } }: Ground): string =>
  [node, unit, system].flatMap((records) => records.get(subject)?.name ?? [])[0] ?? subject

/** Of a class that a plan names, every member must be so; of what no look can show, documents must say it. */
const ofNamed = ({ subject, kind }: Asserted, ground: Ground): Ruling | undefined => {
  const row = namedSystems.find(({ id }) => id === subject)
  if (row?.checks.length === 0) return { parts: [], documents: row.documents }
  const members = row?.checks.includes(kind) ? membersOf(subject, ground) : undefined
  if (row === undefined || members === undefined) return undefined
  const each = members.map((member) =>
    everyOf(nameOf(member, ground), rulingOf({ kind, ...member }, ground).parts, '没有规则'),
  )
  return { parts: [everyOf(row.assertion, each, '没有登记成员')], documents: row.documents }
}

/** A named system with a record is that record; a class of systems has none. */
const systemOf = ({ subjectKind, subject }: Asserted, { inventory }: Ground): System | undefined =>
  inventory.system.get(subjectKind === 'mention' ? (inventory.mention.get(subject)?.system ?? '') : subject)

/** What must be so for a claim of a place or a system. Claims of plans are made of these: see `plans.ts`. */
export const rulingOf = (asserted: Asserted, ground: Ground): Ruling => {
  const { inventory } = ground
  const { subjectKind, subject, kind } = asserted
  const node = subjectKind === 'node' ? inventory.node.get(subject) : undefined
  const unit = subjectKind === 'unit' ? inventory.unit.get(subject) : undefined
  const region = subjectKind === 'region' ? inventory.region.get(subject) : undefined
  if (kind === 'monitored') return { parts: [], documents: receipts }
  const named = subjectKind === 'mention' ? ofNamed(asserted, ground) : undefined
  if (named !== undefined) return named
  if (node !== undefined) return { parts: [nodeConnected(node, ground)] }
  if (unit !== undefined) return ofUnit(unit, asserted, ground)
  if (region !== undefined)
    return { parts: [kind === 'covered' ? regionCovered(region, ground) : regionConnected(region, ground)] }
  const system = systemOf(asserted, ground)
  if (system !== undefined) return ofSystem(system, asserted, ground)
  return subjectKind === 'mention'
    ? { parts: [unseen(subject, '方案点名的是一类系统：逐个系统填报')] }
    : { parts: [unseen(subject, '台账里没有这个对象')] }
}
