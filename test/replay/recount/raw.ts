import { createReadStream, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'

/** What was planted and what stands on record, as files say it. Node alone is used here. */

/** JSON as a file has it: no type of the product says what is in it. */
export type Json = any
export type Records = ReadonlyMap<string, Json>

export const hour = 3_600_000
/** Hours of the half year, from its first Monday in Shanghai. */
export const origin = Date.parse('2017-12-31T16:00:00Z')
const hours = 27 * 7 * 24

export interface Look {
  readonly agent: string
  at: number
  status: string
  cause: string | null
  facts: Json
  /** Since when without a break it has had this status. */
  since: number
}

/** One thing that is asked, with all that came of it. */
export interface Asked {
  readonly id: string
  readonly target: string
  readonly kind: string
  readonly vantage: string
  readonly intervalSeconds: number
  readonly expect: string
  readonly address: string
  readonly port?: number
  readonly path?: string
  /** By hour since the origin. */
  readonly up: Uint16Array
  readonly down: Uint16Array
  /** Newest of each agent up to the cut-off. */
  readonly newest: Map<string, Look>
}

export interface Planted {
  readonly asked: ReadonlyMap<string, Asked>
  /** When each agent was heard last. */
  readonly heard: ReadonlyMap<string, number>
}

const note = (asked: Asked, look: Look, cutoff: number): void => {
  const { at, status, agent } = look
  const counts = status === 'up' ? asked.up : asked.down
  const index = Math.floor((at - origin) / hour)
  counts[index] = (counts[index] ?? 0) + 1
  const known = asked.newest.get(agent)
  if (at > cutoff || (known !== undefined && known.at > at)) return
  asked.newest.set(agent, { ...look, since: known?.status === status ? known.since : at })
}

export const readPlanted = async (file: string, cutoff: number): Promise<Planted> => {
  const until = cutoff + 1000
  const jobs: Asked[] = []
  const facts: Json[] = []
  const heard = new Map<string, number>()
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const read: Json = JSON.parse(line)
    if ('job' in read)
      jobs[read.job] = {
        ...read,
        up: new Uint16Array(hours),
        down: new Uint16Array(hours),
        newest: new Map(),
      }
    else if ('facts' in read) facts[read.facts] = read.value
    // What came later was not known then.
    else if (read.receivedAt < until) {
      heard.set(read.agent, Math.max(heard.get(read.agent) ?? 0, read.receivedAt))
      for (const [job, at, status, cause, , said] of read.rows) {
        const asked = jobs[job]
        if (asked === undefined) throw new Error(`${file}: a row of an unknown job ${String(job)}`)
        note(asked, { agent: read.agent, at, status, cause, facts: facts[said], since: at }, cutoff)
      }
    }
  }
  return { asked: new Map(jobs.map((each) => [each.id, each])), heard }
}

/** All records of a collection, by id. */
export const readRecords = (folder: string, collection: string): Records => {
  const place = path.join(folder, 'data', 'inventory', collection)
  const all = readdirSync(place)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .flatMap((name): Json[] => JSON.parse(readFileSync(path.join(place, name), 'utf8')))
  return new Map(all.map((each) => [each.id, each]))
}

/** Day and minute in Shanghai. */
export const minuteOf = (at: number): string =>
  new Date(at + 8 * hour).toISOString().slice(0, 16).replace('T', ' ')
export const dayOf = (at: number): string => minuteOf(at).slice(0, 10)
export const startOf = (day: string): number => Date.parse(`${day}T00:00:00+08:00`)
export const daysFrom = (from: string, to: string): number =>
  Math.round((startOf(to) - startOf(from)) / (24 * hour))
export const dayAfter = (day: string, days: number): string => dayOf(startOf(day) + days * 24 * hour)
