import { existsSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { attachmentFolder, readAttachment } from '../../inventory/attachments/store.ts'
import type { Evidence } from '../../inventory/model.ts'
import { keyRingOf, type RegisteredKey } from '../../inventory/signing-keys.ts'
import type { Inventory } from '../../inventory/store.ts'
import { sightingsBefore } from '../collector/history/before.ts'
import type { Sighting } from '../collector/history/port.ts'
import { openForReading } from '../collector/history/schema.ts'
import { newestOfKind } from '../collector/history.ts'
import { decidingOf, machineKey, sawAll, stillCounts } from '../compliance/evidence/hosts.ts'
import type { Problem } from '../core/fault.ts'
import { hostCheckKind, type HostEvidence, type KeptHostEvidence } from '../core/host-evidence.ts'
import { maxDocumentBytes, mostAheadMs, verifyHostEvidence } from '../core/host-evidence-document.ts'
import { ofPast } from './looks.ts'

/** All evidence of hosts that there is: what people brought as files, and what agents deliver. */
export interface EvidenceOfHosts {
  /** What decides of each machine, of what is to be believed; the newest of a machine comes last. */
  readonly kept: readonly KeptHostEvidence[]
  /** What is there and not to be believed, and why. */
  readonly refused: readonly Problem[]
  /** Agents that have delivered since, and of whose evidence by then nothing is kept. */
  readonly unkept: number
}

type Reading =
  { readonly ok: true; readonly kept: KeptHostEvidence } | { readonly ok: false; readonly problem: Problem }

interface Scope {
  readonly inventory: Inventory
  readonly keys: ReadonlyMap<string, RegisteredKey>
  readonly now: number
}

/** An agent's key speaks for the machine that it runs on, and not for a folder that was looked at there. */
const ownTarget = (
  evidence: HostEvidence,
  agent: string | undefined,
  { inventory }: Scope,
): string | undefined =>
  evidence.from === 'live' && agent !== undefined ? inventory.agent.get(agent)?.target : undefined

const withTarget = (
  kept: Omit<KeptHostEvidence, 'target'>,
  target: string | undefined,
): KeptHostEvidence => ({ ...kept, ...(target !== undefined && { target }) })

const refusal = (where: string, message: string, suggestion: string): Reading => ({
  ok: false,
  problem: { where, message, suggestion },
})

const readBrought = async (folder: string, record: Evidence, scope: Scope): Promise<Reading> => {
  const { id, hostname } = record
  const where = `evidence/${id}`
  const document = await readAttachment(folder, id, maxDocumentBytes)
  if (document.state !== 'intact')
    return refusal(
      where,
      `the document of ${hostname} is ${document.state} in ${folder}`,
      'import the file again: yiwang mlps import-evidence FILE',
    )
  const verified = verifyHostEvidence(document.bytes, scope.keys, scope.now)
  if (!verified.ok) return refusal(where, `${hostname}: ${verified.message}`, verified.suggestion)
  const { evidence, hash, key } = verified
  const receivedAt = Date.parse(record.receivedAt)
  const target = record.target ?? ownTarget(evidence, scope.keys.get(key)?.agent, scope)
  return { ok: true, kept: withTarget({ evidence, hash, key, receivedAt }, target) }
}

const gunzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip)

const unpacked = async ({ document }: Readonly<Record<string, unknown>>): Promise<Buffer> => {
  if (typeof document !== 'string') return Buffer.alloc(0)
  const packed = Buffer.from(document, 'base64')
  return gunzip(packed, { maxOutputLength: maxDocumentBytes }).catch(() => Buffer.alloc(0))
}

const readDelivered = async ({ agent, observation }: Sighting, scope: Scope): Promise<Reading> => {
  const where = `agent/${agent}`
  const verified = verifyHostEvidence(await unpacked(observation.facts), scope.keys, scope.now)
  if (!verified.ok) return refusal(where, verified.message, verified.suggestion)
  const { evidence, hash, key } = verified
  const signer = scope.keys.get(key)
  // Or an agent could pass another host's evidence off as its own.
  if (signer?.agent !== agent)
    return refusal(
      where,
      `expected evidence signed with its own key, got that of ${signer?.owner ?? 'nobody'}`,
      'find out who put it there; revoke the agent if it is not to be trusted',
    )
  const receivedAt = observation.observedAt
  return {
    ok: true,
    kept: withTarget({ evidence, hash, key, receivedAt }, ownTarget(evidence, agent, scope)),
  }
}

const newestFirst = (one: Evidence, other: Evidence): number =>
  Date.parse(other.collectedAt) - Date.parse(one.collectedAt)

/** Those of one host from the newest on, down to one that is to be believed and leaves no older one to be asked. */
const readNewest = async (
  folder: string,
  records: readonly Evidence[],
  scope: Scope,
): Promise<readonly Reading[]> => {
  const readings: Reading[] = []
  const known = records.filter(({ collectedAt }) => Date.parse(collectedAt) <= scope.now + mostAheadMs)
  for (const record of known.toSorted(newestFirst)) {
    const reading = await readBrought(folder, record, scope)
    readings.push(reading)
    if (reading.ok && (sawAll(reading.kept) || !stillCounts(reading.kept, scope.now))) break
  }
  return readings
}

const allBrought = async (dataFolder: string, scope: Scope): Promise<readonly Reading[]> => {
  const hosts = Map.groupBy(scope.inventory.evidence.values(), (record) => machineKey(record.target, record))
  const folder = attachmentFolder(dataFolder)
  const readings: Reading[] = []
  for (const records of hosts.values()) readings.push(...(await readNewest(folder, records, scope)))
  return readings
}

/** Where the collector of a data folder keeps what it remembers. */
export const historyFile = (dataFolder: string): string =>
  path.join(dataFolder, 'collector', 'history.sqlite')

interface Delivered {
  readonly readings: readonly Reading[]
  readonly unkept: number
}

/** What agents had delivered by the clock: their newest, or where that is later what the end of a day has. */
const deliveredBy = (file: string, now: number): readonly (Sighting | undefined)[] => {
  const newest = newestOfKind(file, hostCheckKind)
  const isKnown = ({ observation }: Sighting): boolean => observation.observedAt <= now + mostAheadMs
  if (newest.every(isKnown)) return newest
  const database = openForReading(file)
  try {
    const past = sightingsBefore(database, now)
    return newest.map((each) => {
      const { job: id, target, kind, vantage } = each.observation
      if (isKnown(each)) return each
      const found = past(id).find(({ agent, facts }) => agent === each.agent && 'document' in facts)
      return found && ofPast({ id, target, kind, vantage }, found)
    })
  } finally {
    database.close()
  }
}

const allDelivered = async (dataFolder: string, scope: Scope): Promise<Delivered> => {
  const file = historyFile(dataFolder)
  if (!existsSync(file)) return { readings: [], unkept: 0 }
  const delivered = deliveredBy(file, scope.now)
  const known = delivered.filter((each) => each !== undefined)
  return {
    readings: await Promise.all(known.map((sighting) => readDelivered(sighting, scope))),
    unkept: delivered.length - known.length,
  }
}

/** Reads all evidence of hosts by the clock and verifies it anew: signature, key, clock, and that it is as it arrived. */
export const readHostEvidence = async (
  dataFolder: string,
  inventory: Inventory,
  now: number,
): Promise<EvidenceOfHosts> => {
  const scope = { inventory, keys: keyRingOf(inventory), now }
  const delivered = await allDelivered(dataFolder, scope)
  const readings = [...(await allBrought(dataFolder, scope)), ...delivered.readings]
  return {
    kept: decidingOf(
      readings.flatMap((reading) => (reading.ok ? [reading.kept] : [])),
      now,
    ),
    refused: readings.flatMap((reading) => (reading.ok ? [] : [reading.problem])),
    unkept: delivered.unkept,
  }
}
