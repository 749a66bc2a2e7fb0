import type { Machine } from './machine.ts'
import { enabledUnits, linesOf, readFolder, textOf } from './texts.ts'

const scriptFolders = [
  '/etc/cron.hourly',
  '/etc/cron.daily',
  '/etc/cron.weekly',
  '/etc/cron.monthly',
] as const
const tables = [
  '/etc/crontab',
  '/etc/anacrontab',
  '/var/spool/cron/crontabs/root',
  '/var/spool/cron/root',
] as const

/** Where jobs are looked for. */
export const jobPlaces = [...scriptFolders, '/etc/cron.d', ...tables, '/etc/systemd/system/*.wants'] as const

/** What runs again and again: names of units and scripts that start by themselves, and lines of cron's tables. */
export const readJobs = async (machine: Machine): Promise<readonly string[]> => {
  const names = await Promise.all([...scriptFolders, '/etc/cron.d'].map((folder) => machine.list(folder)))
  const found = [
    ...(await Promise.all(tables.map((file) => machine.read(file)))),
    ...(await readFolder(machine, '/etc/cron.d', /^[\w-]+$/u)),
  ]
  return [
    ...(await enabledUnits(machine)),
    ...names.flat(),
    ...found.flatMap((each) => linesOf(textOf(each))),
  ]
}
