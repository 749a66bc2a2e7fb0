import { enableCompileCache } from 'node:module'
import path from 'node:path'
import { execute } from '@oclif/core'

enableCompileCache()
await execute({ dir: path.resolve(import.meta.dirname, '../..') })
