import { existsSync } from 'node:fs'
import path from 'node:path'
import { EnvironmentFault } from '../../src/core/fault.ts'
import { collectionNames } from '../model.ts'
import { makeFolder } from './durable.ts'
import { auditFile, metaFile } from './layout.ts'
import { underLock } from './lock.ts'
import { emptyMeta, writeMeta } from './meta.ts'
import type { LockedPlace } from './recover.ts'

/** Whether the folder holds anything of a store beside its meta file. */
export const hasRemains = (folder: string): boolean =>
  [auditFile, ...collectionNames].some((name) => existsSync(path.join(folder, name)))

const withoutMeta = (folder: string): EnvironmentFault =>
  new EnvironmentFault(
    'STORE_BROKEN',
    `${path.join(folder, metaFile)}: expected it beside records, found none`,
    {
      suggestion: 'bring the file back, or restore a backup into another folder',
    },
  )

/** Makes an empty store; one that is there already is left alone. Durable when it resolves. */
export const createStore = async ({ folder, newest, timeoutMs }: LockedPlace): Promise<void> => {
  if (existsSync(path.join(folder, metaFile))) return
  await makeFolder(folder)
  await underLock(folder, timeoutMs, async () => {
    if (existsSync(path.join(folder, metaFile))) return
    if (hasRemains(folder)) throw withoutMeta(folder)
    await writeMeta(folder, emptyMeta(newest))
  })
}
