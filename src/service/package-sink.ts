import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { Zip, ZipDeflate } from 'fflate'
import { makeFolder, syncFolder } from '../../inventory/lowdb/durable.ts'
import { guarded } from '../../inventory/lowdb/faults.ts'
import { UsageFault } from '../core/fault.ts'

/** A file of a package. */
export interface PackedFile {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

export type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** Where the files of a package go, one after the other. */
interface Sink {
  readonly begin: (file: string) => Promise<void>
  readonly write: (piece: Uint8Array) => Promise<void>
  readonly end: () => Promise<void>
  /** Nothing more comes. */
  readonly finish: () => Promise<void>
  readonly abandon: () => Promise<void>
}

const folderSink = (folder: string): Sink => {
  let file: FileHandle | undefined
  const folders = new Set([folder])
  const close = async (): Promise<void> => {
    await file?.close()
    file = undefined
  }
  return {
    begin: async (name) => {
      const target = path.join(folder, name)
      folders.add(path.dirname(target))
      await mkdir(path.dirname(target), { recursive: true })
      file = await open(target, 'wx')
    },
    write: async (piece) => file?.writeFile(piece),
    end: async () => {
      await file?.sync()
      await close()
    },
    finish: async () => {
      for (const each of folders) await syncFolder(each)
    },
    abandon: close,
  }
}

/** The least time that a ZIP can hold: the same package is the same bytes whenever it is made. */
const zipTime = new Date(1980, 0, 1)

const zipSink = async (name: string): Promise<Sink> => {
  const target = await open(name, 'wx')
  let ready: Uint8Array[] = []
  const zip = new Zip((error, piece) => {
    if (error !== null) throw error
    ready.push(piece)
  })
  const drain = async (): Promise<void> => {
    const pieces = ready
    ready = []
    for (const piece of pieces) await target.writeFile(piece)
  }
  let file: ZipDeflate | undefined
  return {
    begin: (entry) => {
      file = new ZipDeflate(entry, { level: 6 })
      file.mtime = zipTime
      zip.add(file)
      return Promise.resolve()
    },
    write: async (piece) => {
      file?.push(piece)
      await drain()
    },
    end: async () => {
      file?.push(new Uint8Array(), true)
      await drain()
    },
    finish: async () => {
      zip.end()
      await drain()
      await target.sync()
      await target.close()
    },
    abandon: () => target.close(),
  }
}

export type Add = (file: string, pieces: Pieces) => Promise<PackedFile>

const adder =
  (sink: Sink): Add =>
  async (file, pieces) => {
    const hash = createHash('sha256')
    let bytes = 0
    await sink.begin(file)
    for await (const piece of pieces) {
      hash.update(piece)
      bytes += piece.length
      await sink.write(piece)
    }
    await sink.end()
    return { path: file, bytes, sha256: hash.digest('hex') }
  }

const refuseTaken = async (out: string): Promise<void> => {
  if (!existsSync(out)) return
  if (!out.endsWith('.zip') && (await readdir(out)).length === 0) return
  throw new UsageFault([
    {
      where: '--out',
      message: `expected a new ZIP file, or a folder that is new or empty, got ${out}, which is there`,
      suggestion: 'name another; a package is never written over',
    },
  ])
}

/**
 * Writes a package as a folder, or as a ZIP where its name ends so: whole when it resolves, or not there at all. Throws
 * `UsageFault` where something is in the way, `EnvironmentFault` for the disk.
 */
export const writePackage = <Value>(out: string, work: (add: Add) => Promise<Value>): Promise<Value> =>
  guarded(out, async () => {
    const target = path.resolve(out)
    await refuseTaken(target)
    const parent = path.dirname(target)
    await makeFolder(parent)
    const temporary = path.join(parent, `.${path.basename(target)}.${randomUUID()}.tmp`)
    const isZip = target.endsWith('.zip')
    if (!isZip) await mkdir(temporary)
    const sink = isZip ? await zipSink(temporary) : folderSink(temporary)
    try {
      const value = await work(adder(sink))
      await sink.finish()
      await rename(temporary, target)
      await syncFolder(parent)
      return value
    } catch (error) {
      await sink.abandon()
      await rm(temporary, { recursive: true, force: true })
      throw error
    }
  })
