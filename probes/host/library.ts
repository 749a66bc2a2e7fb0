import { statfs } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import type { Systeminformation } from 'systeminformation'
import { bounded } from '../net/text.ts'
import type { CpuFacts, FilesystemFacts, MemoryFacts, UserFacts } from './facts.ts'

const most = { filesystems: 32, users: 100 } as const

/** Loaded on first use: it is large, and most commands never look at the machine. */
const load = async () => (await import('systeminformation')).default

export const readCpu = async (): Promise<CpuFacts> => {
  const { currentLoad } = await (await load()).currentLoad()
  const [load1 = 0, load5 = 0, load15 = 0] = loadavg()
  const processors = cpus()
  return {
    cpuModel: bounded(processors[0]?.model ?? '', 200),
    cpuCount: processors.length,
    load1,
    load5,
    load15,
    cpuBusyRatio: currentLoad / 100,
  }
}

export const readMemory = async (): Promise<MemoryFacts> => {
  const { total, available, swaptotal, swapfree } = await (await load()).mem()
  return { totalBytes: total, availableBytes: available, swapTotalBytes: swaptotal, swapFreeBytes: swapfree }
}

/** Types that may wait for ever for a server: `df` is a process of its own, statfs(2) would hold one of our threads. */
const isRemote = (type: string): boolean => /^(?:nfs|cifs|smb|fuse|ceph|gluster|9p|afs|lustre)/u.test(type)

const countInodes = async ({
  type,
  mount,
}: Systeminformation.FsSizeData): Promise<Pick<FilesystemFacts, 'inodes' | 'inodesFree'>> => {
  const counts = isRemote(type) ? undefined : await statfs(mount).catch(() => undefined)
  // btrfs and their like make inodes as they need them, and count none.
  return counts === undefined || counts.files === 0 ? {} : { inodes: counts.files, inodesFree: counts.ffree }
}

const describe = async (entry: Systeminformation.FsSizeData): Promise<FilesystemFacts> => ({
  mountpoint: bounded(entry.mount, 128),
  device: bounded(entry.fs, 200),
  type: bounded(entry.type, 40),
  sizeBytes: entry.size,
  usedBytes: entry.used,
  availableBytes: entry.available,
  readOnly: entry.rw === false,
  ...(await countInodes(entry)),
})

/** Those of disks and shares, with the shortest mount points where there are too many. */
export const readFilesystems = async (): Promise<readonly FilesystemFacts[]> => {
  const entries = await (await load()).fsSize()
  const byMount = new Map(entries.map((entry) => [entry.mount, entry]))
  const shortestFirst = [...byMount.values()].toSorted(
    (left, right) => left.mount.length - right.mount.length,
  )
  return Promise.all(shortestFirst.slice(0, most.filesystems).map(describe))
}

/** What they run is left out: arguments may hold secrets. */
export const readUsers = async (): Promise<readonly UserFacts[]> => {
  const users = await (await load()).users()
  return users.slice(0, most.users).map(({ user, tty, ip, date, time }) => ({
    name: bounded(user, 100),
    terminal: bounded(tty, 40),
    ...(ip && { from: bounded(ip, 253) }),
    ...(date && { since: bounded(`${date} ${time}`, 40) }),
  }))
}
