import { readFileSync } from 'node:fs'

interface Package {
  readonly version: string
}

const here = import.meta.dirname
/** `src/service` when run from source, `dist/src/service` when built. */
const root = here.includes('/dist/') ? `${here}/../../..` : `${here}/../..`

export const version = (JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as Package).version
