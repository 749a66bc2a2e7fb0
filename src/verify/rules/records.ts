import type { System } from '../../../inventory/model.ts'
import { daysBetween, dayIn } from '../../core/day.ts'
import type { Ground } from '../ground.ts'
import { recordSource, unseen } from '../parts.ts'
import type { Part } from '../types.ts'

/** 等级保护: what documents on record show; no look at the network can. */

/** `number` is the 备案号 that is claimed, where one is. */
export const filed = (system: System, number: string | undefined, ground: Ground): Part => {
  const asserts = `${system.name} 已定级备案`
  const on = ground.assessmentsOf.get(system.id)?.find(({ filing }) => filing !== undefined)
  if (on?.filing !== undefined) {
    const differs = number !== undefined && number !== on.filing
    return {
      asserts,
      verdict: differs ? 'contradicted' : 'consistent',
      saw: `等级测评 ${on.id} 登记的备案号 ${on.filing}${differs ? `，与填报的 ${number} 不符` : ''}`,
      source: recordSource(`assessment/${on.id}`),
    }
  }
  const document = ground.inventory.migration.get(system.id)?.documents.find(({ kind }) => kind === 'filing')
  return document === undefined
    ? unseen(asserts, '没有登记备案号或定级备案证明')
    : {
        asserts,
        verdict: 'consistent',
        saw: `迁移台账中的定级备案证明 ${document.name}（${document.date}）`,
        source: recordSource(`migration/${system.id}`),
      }
}

export const assessed = (system: System, ground: Ground): Part => {
  const asserts = `${system.name} 已通过等保测评且在有效期内`
  const { context, now, settings } = ground
  const today = dayIn(context.timeZone, now)
  const last = ground.assessmentsOf
    .get(system.id)
    ?.find(({ finishedOn }) => finishedOn !== undefined && finishedOn <= today)
  if (last?.finishedOn === undefined) return unseen(asserts, '没有登记已完成的等级测评')
  const { id, level, finishedOn, institution } = last
  const seen = { asserts, source: recordSource(`assessment/${id}`) }
  const of = `等级测评 ${id}（第${level === 3 ? '三' : '二'}级，${finishedOn} 完成${institution === undefined ? '，未登记测评机构' : `，${institution}`}）`
  if (institution === undefined) return { ...seen, verdict: 'unverifiable', saw: of }
  const isOver = daysBetween(finishedOn, today) > settings.assessmentDays
  return {
    ...seen,
    verdict: isOver ? 'stale' : 'consistent',
    saw: `${of}${isOver ? `，已超过 ${settings.assessmentDays} 天` : ''}`,
  }
}
