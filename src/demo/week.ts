import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { stringify } from 'yaml'
import { openInventory } from '../../inventory/lowdb/index.ts'
import { type Config, loadConfig } from '../config/index.ts'
import { dayIn, weekOf } from '../core/day.ts'
import type { Report } from '../reports/model.ts'
import { periodOf } from '../reports/periods.ts'
import { render } from '../reports/render.ts'
import { backupAll, restoreAll } from '../service/backup.ts'
import { makeReport } from '../service/reports.ts'
import { storeFolder } from '../service/store-copies.ts'
import { contextAt } from './rounds.ts'

/** The week so far as a bulletin, beside a copy of all that it was made from: who reads it can count again. */
export interface Week {
  /** Holds the bulletin and, in `data`, the copy; it stays when the demo ends. */
  readonly folder: string
  readonly dataFolder: string
  readonly report: Report
  readonly files: readonly string[]
}

const forms = ['docx', 'html', 'md'] as const

/** What is in the data folder beside what a backup has: settings. */
const copyRest = async (from: string, to: string): Promise<void> => {
  const isElsewhere = (file: string): boolean =>
    /^(?:inventory|verify)\b/u.test(path.relative(from, file)) || path.basename(file).includes('.sqlite')
  await cp(from, to, { recursive: true, filter: (file) => !isElsewhere(file) })
}

/** A data folder as it is now, with the settings that verdicts depend on; agents and collector go on elsewhere. */
const copyData = async (config: Config, settings: object, folder: string): Promise<string> => {
  const data = path.join(folder, 'data')
  await copyRest(config.dataFolder, data)
  const backup = path.join(folder, 'inventory.backup')
  await backupAll(config.dataFolder, backup)
  await restoreAll(backup, data, { actor: 'demo', reason: '周通报所依据的副本', clock: Date.now })
  await rm(backup)
  await rm(storeFolder(backup), { recursive: true, force: true })
  await writeFile(path.join(data, 'yiwang.yaml'), stringify(settings))
  return data
}

/** The end of the second, which a clock on the wall can show: nothing in the copy is later. */
const secondAfter = (now: number): number => Math.ceil(now / 1000) * 1000

const reportOf = async (dataFolder: string): Promise<Report> => {
  const config = loadConfig({ env: {}, dataFolder })
  const context = contextAt(config, secondAfter(Date.now()))
  await using store = await openInventory(path.join(dataFolder, 'inventory'), { clock: Date.now })
  const inventory = await store.read()
  const { hash } = await store.auditHead()
  const today = dayIn(context.timeZone, context.now)
  return await makeReport(
    { config, context, inventory, auditHead: hash, audit: () => store.audit() },
    { kind: 'weekly', period: periodOf('weekly', weekOf(today), today) },
  )
}

/** `settings` are those of the demo's configuration file that the copy needs too. */
export const makeWeek = async (config: Config, settings: object): Promise<Week> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'yiwang-week-'))
  try {
    const dataFolder = await copyData(config, settings, folder)
    const report = await reportOf(dataFolder)
    const files = forms.map((form) => path.join(folder, `周通报.${form}`))
    for (const [at, form] of forms.entries()) await writeFile(files[at] ?? '', await render(report, form))
    return { folder, dataFolder, report, files }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}
