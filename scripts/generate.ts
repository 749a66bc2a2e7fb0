import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Config } from '@oclif/core'
import { defaultPlaces, deploymentFiles, runbookFiles } from '../dashboards/index.ts'
import { configurationReference } from '../src/config/index.ts'
import { metricsReference } from '../src/metrics/reference.ts'
import { commandReference } from './command-reference.ts'
import { hostChecksReference } from './host-checks-reference.ts'
import { mlpsCatalogue, mlpsRisks } from './mlps-catalogue.ts'
import { mlpsReference } from './mlps-reference.ts'

/**
 * Files made from code and from other files. `--check` fails where one in git is not what would be made now.
 * Any other argument is a folder to keep to: the data must be there before a build copies it.
 */
const root = path.resolve(import.meta.dirname, '..')

const under = (folder: string, files: Readonly<Record<string, string>>): Record<string, () => string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, () => text]))

const generated: Readonly<Record<string, () => string | Promise<string>>> = {
  'inventory/mlps/catalogue.json': mlpsCatalogue,
  'inventory/mlps/risks.json': mlpsRisks,
  'docs/mlps.md': mlpsReference,
  'docs/host-checks.md': hostChecksReference,
  'docs/configuration.md': configurationReference,
  'docs/metrics.md': metricsReference,
  ...under('dashboards/generated', deploymentFiles(defaultPlaces)),
  ...under('docs/runbooks', runbookFiles()),
  'docs/commands.md': async () => commandReference(await Config.load({ root })),
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

const check = process.argv.includes('--check')
const folders = process.argv.slice(2).filter((argument) => argument !== '--check')
const wanted = Object.entries(generated).filter(
  ([name]) => folders.length === 0 || folders.some((folder) => name.startsWith(`${folder}/`)),
)
const stale: string[] = []
for (const [name, make] of wanted) {
  const file = path.join(root, name)
  const text = await make()
  if (read(file) === text) continue
  if (check) stale.push(name)
  else {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}
if (stale.length > 0) {
  console.error(`out of date, run 'npm run generate': ${stale.join(', ')}`)
  process.exitCode = 1
}
