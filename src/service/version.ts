import { readFileSync } from 'node:fs'
import path from 'node:path'

interface Package {
  readonly version: string
}

const here = import.meta.dirname
/** `src/service` when run from source, `dist/src/service` when built. */
const root = path.resolve(here, here.includes('/dist/') ? '../../..' : '../..')

export const version = (JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Package).version
