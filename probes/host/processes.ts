import { readlink, readdir } from 'node:fs/promises'
import { bounded } from '../net/text.ts'
import { tryNames, tryText } from './read.ts'

export interface Process {
  readonly pid: number
  /** Its name of at most 15 characters; its arguments are nobody's business. */
  readonly name: string
}

const mostProcesses = 16_384
/** Descriptors looked at in one run: a machine with more shows some sockets without their process. */
const mostLinks = 50_000

const isPid = (name: string): boolean => /^\d{1,10}$/u.test(name)

const readName = async (pid: string): Promise<readonly Process[]> => {
  const name = await tryText(`/proc/${pid}/comm`, 64)
  return name === undefined ? [] : [{ pid: Number(pid), name: bounded(name, 64) }]
}

const list = async (): Promise<readonly Process[]> => {
  const pids = (await tryNames('/proc', mostProcesses * 2)).filter(isPid).slice(0, mostProcesses)
  const processes: Process[] = []
  // One after the other: the machine has better things to do than to hurry for us.
  for (const pid of pids) processes.push(...(await readName(pid)))
  return processes
}

let listing: Promise<readonly Process[]> | undefined

/** The processes now; one that ends meanwhile is left out. Those who ask at the same time share one list. */
export const listProcesses = (): Promise<readonly Process[]> =>
  (listing ??= list().finally(() => {
    listing = undefined
  }))

/** The inode in `socket:[12345]`. */
export const socketInode = (link: string): number | undefined => {
  const [, inode] = /^socket:\[(\d{1,15})\]$/u.exec(link) ?? []
  return inode === undefined ? undefined : Number(inode)
}

interface Search {
  readonly wanted: Set<number>
  readonly owners: Map<number, Process>
  linksLeft: number
}

const searchProcess = async (search: Search, process: Process): Promise<void> => {
  const folder = `/proc/${process.pid}/fd`
  for (const name of await readdir(folder).catch(() => [])) {
    if (search.wanted.size === 0 || (search.linksLeft -= 1) < 0) return
    const inode = socketInode(await readlink(`${folder}/${name}`).catch(() => ''))
    if (inode !== undefined && search.wanted.delete(inode)) search.owners.set(inode, process)
  }
}

/** Which process holds each socket, as far as the agent may see: others' only as root. */
export const findOwners = async (
  inodes: Iterable<number>,
  processes: readonly Process[],
): Promise<ReadonlyMap<number, Process>> => {
  const search: Search = { wanted: new Set(inodes), owners: new Map(), linksLeft: mostLinks }
  for (const process of processes)
    if (search.wanted.size > 0 && search.linksLeft > 0) await searchProcess(search, process)
  return search.owners
}
