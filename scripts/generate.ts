import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Config } from '@oclif/core'
import { configurationReference } from '../src/config/index.ts'
import { metricsReference } from '../src/metrics/catalogue.ts'
import { commandReference } from './command-reference.ts'

/** Documents made from code. `--check` fails where one in git is not what the code makes now. */
const root = path.resolve(import.meta.dirname, '..')

const documents: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/configuration.md': configurationReference,
  'docs/metrics.md': metricsReference,
  'docs/commands.md': async () => commandReference(await Config.load({ root })),
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

const stale: string[] = []
for (const [name, make] of Object.entries(documents)) {
  const file = path.join(root, name)
  const text = await make()
  if (read(file) === text) continue
  if (process.argv.includes('--check')) stale.push(name)
  else writeFileSync(file, text)
}
if (stale.length > 0) {
  console.error(`out of date, run 'npm run generate': ${stale.join(', ')}`)
  process.exitCode = 1
}
