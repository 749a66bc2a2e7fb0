import {
  isOnPath,
  type Migration,
  type MigrationState,
  placeOf,
  stateAt,
  stateLabels,
} from '../../../inventory/migration/index.ts'
import type { System } from '../../../inventory/model.ts'
import { daysBetween } from '../../core/day.ts'
import { type SilentDay, silentSinceAnswer } from '../../migration/days.ts'
import { type Ground, isValid } from '../ground.ts'
import { answers, fromLook, reached, recordSource, unseen } from '../parts.ts'
import type { Part, Source } from '../types.ts'
import { looksOf, ofService, within } from './systems.ts'

/** Whether a system moved: where its name leads, how long it was served there, whether the old place is silent. */

const daysSource = (id: string): Source => ({ from: 'days', what: `migration/${id}` })

const inCloud = (system: System, record: Migration | undefined, ground: Ground): Part =>
  within('服务地址在政务云网段内', looksOf(system, ground), {
    networks: ground.cloud(record?.cloud ?? ''),
    called: '政务云网段',
    ground,
  })

/** A whole day counts as seen for a week; probe-days are counted once and for all. */
const dayIsOld = 7

const servedThere = ({ id, name }: System, ground: Ground): Part => {
  const { settings, migration } = ground
  const asserts = `${name} 在云上连续服务 ${settings.probeDays} 个探测日`
  const now = ofService(ground.looksAt(`${id}/new`))
  const present = reached({ asserts, strict: true }, now, ground)
  if (present.verdict === 'contradicted') return present
  const { probeDays = [] } = migration.get(id) ?? {}
  const counted = probeDays.filter(({ counts }) => counts).length
  const last = probeDays.findLast(({ counts }) => counts)
  const saw = `云上有效探测日 ${counted}/${settings.probeDays}（共 ${probeDays.length} 天）`
  if (last === undefined) return unseen(asserts, saw)
  return {
    asserts,
    verdict: counted >= settings.probeDays ? 'consistent' : 'unverifiable',
    saw,
    observedAt: ground.endOf(last.day),
    source: daysSource(id),
  }
}

const ofDays = (asserts: string, id: string, days: readonly SilentDay[], ground: Ground): Part => {
  const { settings } = ground
  const known = days.findLast(({ standing }) => standing !== 'unknown')
  if (known === undefined) return unseen(asserts, '没有原址的整日探测')
  const seen = { asserts, observedAt: ground.endOf(known.day), source: daysSource(id) }
  const isOld = daysBetween(known.day, ground.yesterday) > dayIsOld
  if (known.standing === 'answered')
    return {
      ...seen,
      verdict: isOld ? 'stale' : 'contradicted',
      saw: `原址在 ${known.day} 仍有应答：${known.answered.join('、')}`,
    }
  const counted = silentSinceAnswer(days)
  const saw = `原址已静默 ${counted}/${settings.silentDays} 日，最近 ${known.day}`
  if (counted < settings.silentDays) return { ...seen, verdict: 'unverifiable', saw }
  return { ...seen, verdict: isOld ? 'stale' : 'consistent', saw }
}

/** Every declared port of the old place, by looks that count now and by whole days. */
export const oldSilent = ({ id, name }: System, ground: Ground): Part => {
  const asserts = `${name} 原址静默 ${ground.settings.silentDays} 日`
  const record = ground.inventory.migration.get(id)
  if (record === undefined || record.oldEndpoints.length === 0) return unseen(asserts, '没有登记原地址')
  const looks = ground.looksAt(`${id}/old`)
  const answering = looks.find((look) => isValid(look, ground.now) && answers(look))
  if (answering !== undefined)
    return fromLook(
      asserts,
      'contradicted',
      answering,
      `原址 ${answering.address}${answering.port === undefined ? '' : `:${answering.port}`} 在 ${ground.words(answering.seen.observedAt)} 仍有应答`,
    )
  // Days that were seen speak for themselves only while somebody is still looking.
  if (looks.length > 0 && !looks.some(({ heard }) => heard))
    return reached({ asserts, strict: false }, looks, ground)
  return ofDays(asserts, id, ground.migration.get(id)?.silentDays ?? [], ground)
}

export const migrated = (system: System, ground: Ground): readonly Part[] => {
  const record = ground.inventory.migration.get(system.id)
  return [
    inCloud(system, record, ground),
    record === undefined
      ? unseen('迁移台账', '没有迁移台账（yiwang migration add）')
      : servedThere(system, ground),
    oldSilent(system, ground),
  ]
}

const labelled = (value: string): MigrationState | undefined =>
  (Object.keys(stateLabels) as MigrationState[]).find(
    (state) => state === value || stateLabels[state] === value,
  )

const recorded = (record: Migration | undefined, claimed: MigrationState, { now }: Ground): Part => {
  const asserts = `台账状态达到 ${stateLabels[claimed]}`
  if (record === undefined) return unseen(asserts, '没有迁移台账（yiwang migration add）')
  const state = stateAt(record, now)
  const reachedIt = isOnPath(state)
    ? isOnPath(claimed) && placeOf(state) >= placeOf(claimed)
    : state === claimed
  return {
    asserts,
    verdict: reachedIt ? 'consistent' : 'contradicted',
    saw: `台账为 ${stateLabels[state]}`,
    source: recordSource(`migration/${record.id}`),
  }
}

/** The state by the record, and what the network must show of it; undefined for no state at all. */
export const inState = (system: System, value: string, ground: Ground): readonly Part[] | undefined => {
  const claimed = labelled(value)
  if (claimed === undefined) return undefined
  const record = ground.inventory.migration.get(system.id)
  const place = isOnPath(claimed) ? placeOf(claimed) : -1
  return [
    recorded(record, claimed, ground),
    ...(place >= placeOf('trial') ? [inCloud(system, record, ground)] : []),
    ...(place >= placeOf('accepted') ? [servedThere(system, ground)] : []),
    ...(place >= placeOf('decommissioned') ? [oldSilent(system, ground)] : []),
  ]
}
