import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** The books of agent and collector, read from their files. */

export interface Spooled {
  readonly sequence: number
  readonly job: string
  readonly observedAt: number
}

/** Names one observation on both sides. */
export const keyOf = ({ job, observedAt }: Pick<Spooled, 'job' | 'observedAt'>): string =>
  `${job} ${observedAt}`

export interface SpoolBooks {
  readonly stream: string
  /** The newest sequence that was ever given out. */
  readonly newest: number
  readonly waiting: readonly Spooled[]
}

const readSpool = (file: string): SpoolBooks => {
  using database = new DatabaseSync(file)
  const isMade =
    database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'observation'").get() !== undefined
  if (!isMade) return { stream: '', newest: 0, waiting: [] }
  const rows = database.prepare('SELECT sequence, payload FROM observation ORDER BY sequence').all()
  const newest = database.prepare('SELECT seq FROM sqlite_sequence').get()?.['seq']
  return {
    stream: String(database.prepare('SELECT id FROM stream').get()?.['id']),
    newest: Number(newest ?? 0),
    waiting: rows.map(({ sequence, payload }) => {
      const { job, observedAt } = JSON.parse(String(payload)) as Omit<Spooled, 'sequence'>
      return { sequence: Number(sequence), job, observedAt: Math.round(observedAt) }
    }),
  }
}

/** An agent's spool, from a copy; empty where it has made none yet. A running agent holds the lock of the file itself. It must stand still meanwhile. */
export const spoolBooks = async (agentFolder: string): Promise<SpoolBooks> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'yiwang-spool-'))
  try {
    const names = (await readdir(agentFolder)).filter((name) => /^spool\.sqlite(-wal)?$/u.test(name))
    for (const name of names) await copyFile(path.join(agentFolder, name), path.join(folder, name))
    return readSpool(path.join(folder, 'spool.sqlite'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export interface Stored {
  readonly job: string
  readonly observedAt: number
  readonly status: 'up' | 'down' | 'unknown'
}

export interface HistoryBooks {
  /** Sequences that were acknowledged, per stream, as closed ranges. */
  readonly received: readonly { readonly stream: string; readonly first: number; readonly last: number }[]
  readonly stored: readonly Stored[]
}

const statuses = ['up', 'down', 'unknown'] as const

/** What the collector has of one agent, while it may be writing. */
export const historyBooks = (file: string, agent: string): HistoryBooks => {
  using database = new DatabaseSync(file, { readOnly: true, timeout: 5000 })
  const received = database.prepare(
    `SELECT stream, first, last FROM received JOIN agent ON agent.id = received.agent
     WHERE agent.name = ? ORDER BY stream, first`,
  )
  const stored = database.prepare(
    `SELECT job.name AS job, observed_at, status FROM result JOIN job ON job.id = result.job
     JOIN agent ON agent.id = result.agent WHERE agent.name = ? ORDER BY observed_at`,
  )
  return {
    received: received.all(agent).map(({ stream, first, last }) => ({
      stream: String(stream),
      first: Number(first),
      last: Number(last),
    })),
    stored: stored.all(agent).map(({ job, observed_at: at, status }) => ({
      job: String(job),
      observedAt: Number(at),
      status: statuses[Number(status)] ?? 'unknown',
    })),
  }
}
