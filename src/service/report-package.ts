import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { attachmentFolder, type AttachmentState, attachmentState } from '../../inventory/attachments/store.ts'
import { contentOf } from '../../inventory/attachments/copy.ts'
import { readHourRows } from '../collector/history/hour-rows.ts'
import { openForReading } from '../collector/history/schema.ts'
import type { Config } from '../config/index.ts'
import { addDays, daysFrom, startOfDay } from '../core/day.ts'
import { compileJobs } from '../plan/compile.ts'
import { planSettings } from '../plan/settings.ts'
import { assemble } from '../reports/assemble/index.ts'
import type { ReportInput } from '../reports/assemble/input.ts'
import {
  dataFiles,
  documentsOf,
  headOf,
  type LineFile,
  type Named,
  readme,
} from '../reports/package/contents.ts'
import { render, reportFormats } from '../reports/render.ts'
import { historyFile } from './host-evidence.ts'
import { type Add, type PackedFile, writePackage } from './package-sink.ts'
import { type ReportGround, reportInput, type ReportRequest } from './reports.ts'

/** What of the evidence documents is in a package. */
interface Enclosed extends Named {
  readonly state: AttachmentState
}

export interface Packed {
  readonly out: string
  /** SHA-256 of the manifest: to be told apart from the package. */
  readonly sha256: string
  readonly files: number
  readonly bytes: number
  readonly documents: Readonly<Record<AttachmentState, number>>
}

const hourMs = 3_600_000
const pieceLength = 65_536

/** Text in pieces that are worth a write. */
function* inPieces(texts: Iterable<string>): Generator<Buffer> {
  let open = ''
  for (const text of texts) {
    open += text
    if (open.length < pieceLength) continue
    yield Buffer.from(open)
    open = ''
  }
  if (open !== '') yield Buffer.from(open)
}

function* linesOf(values: Iterable<unknown>): Generator<string> {
  for (const value of values) yield `${JSON.stringify(value)}\n`
}

type Hour = readonly [up: number, down: number, unknown: number]

/** Hours of both periods, a value a job and day. */
function* hoursOf(dataFolder: string, { range, before, context }: ReportInput): Generator {
  const file = historyFile(dataFolder)
  if (!existsSync(file)) return
  using database = openForReading(file)
  const { timeZone, now } = context
  for (const day of daysFrom(before.from, range.to)) {
    const [from, end] = [startOfDay(timeZone, day), startOfDay(timeZone, addDays(day, 1))]
    const rows = readHourRows(database, { from, to: Math.min(end, now + 1) })
    for (const [job, own] of Map.groupBy(rows, (row) => row.job)) {
      const hours = Array.from({ length: Math.round((end - from) / hourMs) }, (): Hour | null => null)
      for (const { hour, up, down, unknown } of own)
        hours[Math.floor((hour - from) / hourMs)] = [up, down, unknown]
      yield { job, target: own[0]?.target, day, hours }
    }
  }
}

const lookFiles = ({ dataFolder, probing }: Config, input: ReportInput): readonly LineFile[] => {
  const jobs = compileJobs(input.inventory, planSettings(probing))
  return [
    {
      path: 'data/jobs.jsonl',
      values: jobs.map(({ id, target, kind, vantage, expect, intervalSeconds }) => ({
        ...{ job: id, target, kind, vantage, expect, intervalSeconds },
      })),
    },
    { path: 'data/rollups.jsonl', values: hoursOf(dataFolder, input) },
  ]
}

const enclose = async (
  folder: string,
  documents: readonly Named[],
  add: Add,
): Promise<{ readonly files: readonly PackedFile[]; readonly enclosed: readonly Enclosed[] }> => {
  const files: PackedFile[] = []
  const enclosed: Enclosed[] = []
  for (const document of documents) {
    const { sha256 } = document
    const state = await attachmentState(folder, sha256)
    if (state === 'intact') files.push(await add(`documents/${sha256}`, contentOf(path.join(folder, sha256))))
    enclosed.push({ ...document, state })
  }
  return { files, enclosed }
}

const recompute = new URL('../reports/package/recompute.mjs', import.meta.url)

const addAll = async (config: Config, input: ReportInput, add: Add) => {
  const report = assemble(input)
  const files: PackedFile[] = []
  const put = async (name: string, content: string | Uint8Array): Promise<void> =>
    void files.push(await add(name, [Buffer.from(content)]))
  await put('README.md', readme(report))
  await put('recompute.mjs', await readFile(recompute))
  await put('report.json', `${JSON.stringify(report, undefined, 1)}\n`)
  for (const format of reportFormats) await put(`report.${format}`, await render(report, format))
  for (const { path: name, values } of [...dataFiles(input), ...lookFiles(config, input)])
    files.push(await add(name, inPieces(linesOf(values))))
  const { files: copies, enclosed } = await enclose(
    attachmentFolder(config.dataFolder),
    documentsOf(input),
    add,
  )
  const manifest = { ...headOf(report, input), documents: enclosed, files: [...files, ...copies] }
  const own = await add('manifest.json', [Buffer.from(`${JSON.stringify(manifest, undefined, 1)}\n`)])
  return { own, all: [...files, ...copies, own], enclosed }
}

/**
 * Writes the package that a third party needs to recompute a report (第三方评估): the same inputs give the same bytes.
 * Rejects as `makeReport` and `writePackage` do.
 */
export const packReport = async (
  ground: ReportGround,
  request: ReportRequest,
  out: string,
): Promise<Packed> => {
  const input = await reportInput(ground, request)
  const { own, all, enclosed } = await writePackage(out, (add) => addAll(ground.config, input, add))
  const of = (state: AttachmentState): number => enclosed.filter((each) => each.state === state).length
  return {
    out,
    sha256: own.sha256,
    files: all.length,
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    documents: { intact: of('intact'), missing: of('missing'), altered: of('altered') },
  }
}
