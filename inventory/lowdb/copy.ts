import { existsSync } from 'node:fs'
import { copyFile, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { makeFolder, syncFolder } from './durable.ts'
import { auditFile, journalFile, metaFile, stagedAuditFile } from './layout.ts'
import { listShards } from './shards.ts'

/** Files that make a store up, relative to its folder; a journal where a change was cut short. */
export const storeFiles = (folder: string): readonly string[] =>
  [metaFile, auditFile, journalFile, stagedAuditFile, ...listShards(folder)].filter((file) =>
    existsSync(path.join(folder, file)),
  )

const copySynced = async (from: string, to: string): Promise<void> => {
  await copyFile(from, to)
  await using handle = await open(to, 'r')
  await handle.sync()
}

const freeName = (folder: string, name: string): string => {
  let candidate = name
  for (let count = 2; existsSync(path.join(folder, candidate)); count += 1) candidate = `${name}-${count}`
  return candidate
}

/** Keeps a copy of the store in a folder of it; returns that folder's name, a number added where it is taken. */
export const copyStore = async (folder: string, name: string): Promise<string> => {
  const copy = freeName(folder, name)
  const temporary = path.join(folder, `.${copy}.tmp`)
  await rm(temporary, { recursive: true, force: true })
  await makeFolder(temporary)
  const files = storeFiles(folder)
  for (const sub of new Set(files.map((file) => path.dirname(file))))
    await makeFolder(path.join(temporary, sub))
  for (const file of files) await copySynced(path.join(folder, file), path.join(temporary, file))
  for (const sub of new Set(files.map((file) => path.dirname(file))))
    await syncFolder(path.join(temporary, sub))
  await rename(temporary, path.join(folder, copy))
  await syncFolder(folder)
  return copy
}
