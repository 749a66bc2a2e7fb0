import { once } from 'node:events'
import { access, constants, readFile, stat, statfs } from 'node:fs/promises'
import net from 'node:net'
import path from 'node:path'
import { attachmentState } from '../../inventory/attachments/store.ts'
import { attachmentHashes } from '../../inventory/attachments/uses.ts'
import type { InventoryStore } from '../../inventory/store.ts'
import type { IcmpMethod } from '../../probes/icmp/index.ts'
import { EnvironmentFault, UsageFault } from '../core/fault.ts'

/** What one look at our own surroundings found. */
export interface Finding {
  readonly check: string
  readonly verdict: 'ok' | 'warn' | 'fail'
  readonly detail: string
  readonly suggestion?: string
}

const ok = (check: string, detail: string): Finding => ({ check, verdict: 'ok', detail })
const warn = (check: string, detail: string, suggestion: string): Finding => ({
  check,
  verdict: 'warn',
  detail,
  suggestion,
})
const fail = (check: string, detail: string, suggestion: string): Finding => ({
  check,
  verdict: 'fail',
  detail,
  suggestion,
})

const isFault = (error: unknown): error is UsageFault | EnvironmentFault =>
  error instanceof UsageFault || error instanceof EnvironmentFault

/** A fault as a finding: what is wrong in one line, the next step apart. */
const failOf = (check: string, fault: UsageFault | EnvironmentFault): Finding => {
  if (fault instanceof EnvironmentFault)
    return fail(check, fault.message, fault.suggestion ?? 'see docs/operations.md')
  const [first, ...rest] = fault.problems
  const more = rest.length > 0 ? `, and ${String(rest.length)} more` : ''
  const detail = [first?.where, first?.message].filter(Boolean).join(': ')
  return fail(check, detail + more, first?.suggestion ?? 'mend what it says')
}

export const checkRuntime = (version: string): Finding =>
  Number(version.split('.')[0]) >= 24
    ? ok('runtime', `Node.js ${version}`)
    : fail('runtime', `Node.js ${version}`, 'run `npm ci`, which brings Node.js 24')

/** Which kind of ICMP socket this process may open. */
export const checkIcmp = (method: IcmpMethod): Finding => {
  const allow = 'grant CAP_NET_RAW, or widen net.ipv4.ping_group_range to this group'
  switch (method) {
    case 'raw':
    case 'datagram':
      return ok('icmp', `${method} socket`)
    case 'ping':
      return warn('icmp', 'no socket: falls back to the system’s ping, one process a target', allow)
    case 'none':
      return fail('icmp', 'no socket may be opened and no ping is installed', allow)
  }
}

const gibibyte = 2 ** 30

/** The folder, or the nearest one above it that is there: a check makes nothing. */
const nearestExisting = async (folder: string): Promise<string> => {
  try {
    await access(folder)
    return folder
  } catch {
    const above = path.dirname(folder)
    return above === folder ? folder : nearestExisting(above)
  }
}

export const checkDisk = async (folder: string): Promise<Finding> => {
  const place = await nearestExisting(folder)
  const { bavail, bsize, blocks } = await statfs(place)
  const free = bavail * bsize
  const share = blocks === 0 ? 0 : bavail / blocks
  const detail = `${(free / gibibyte).toFixed(1)} GiB (${(share * 100).toFixed(0)} %) free at ${place}`
  if (free < gibibyte / 8)
    return fail('disk', detail, 'free some space: nothing is acknowledged on a full disk')
  return free < gibibyte || share < 0.05 ? warn('disk', detail, 'free some space soon') : ok('disk', detail)
}

export const checkWritable = async (folder: string): Promise<Finding> => {
  const place = await nearestExisting(folder)
  try {
    if (!(await stat(place)).isDirectory())
      return fail('data folder', `${place} is no folder`, 'choose another with --data or $YIWANG_DATA')
    await access(place, constants.R_OK | constants.W_OK | constants.X_OK)
    return ok('data folder', place === folder ? folder : `${folder} can be made`)
  } catch (error) {
    return fail('data folder', (error as Error).message, `give this user read and write access to ${place}`)
  }
}

/** Opens the store and walks its audit chain. */
export const checkStore = async (open: () => Promise<InventoryStore>): Promise<Finding> => {
  try {
    await using store = await open()
    const { revision, node, system } = await store.read()
    const verdict = await store.auditVerify()
    if (!verdict.intact)
      return fail(
        'audit',
        `entry ${String(verdict.sequence)}: ${verdict.problem}`,
        'restore a backup, and ask who',
      )
    return ok(
      'store',
      `revision ${String(revision)}, ${String(node.size)} nodes, ${String(system.size)} systems, audit chain intact`,
    )
  } catch (error) {
    if (!isFault(error)) throw error
    return failOf('store', error)
  }
}

/** Reads every attachment that a record mentions. A store that does not open is another check's finding. */
export const checkAttachments = async (
  open: () => Promise<InventoryStore>,
  folder: string,
): Promise<readonly Finding[]> => {
  try {
    await using store = await open()
    const hashes = attachmentHashes(await store.read())
    const lost: string[] = []
    for (const hash of hashes) {
      const state = await attachmentState(folder, hash)
      if (state !== 'intact') lost.push(`${hash.slice(0, 12)} ${state}`)
    }
    if (lost.length === 0) return [ok('attachments', `${hashes.length} intact`)]
    const named = lost.slice(0, 3).join(', ')
    return [
      fail(
        'attachments',
        `${lost.length} of ${hashes.length} are not as they were put in ${folder}: ${named}`,
        '`yiwang attachment list` names their records; attach or import the files again, or restore a backup',
      ),
    ]
  } catch (error) {
    if (!isFault(error)) throw error
    return []
  }
}

/** What a restore made ready and did not put in its place. Nothing where there is none. */
export const checkStaged = (files: readonly string[]): readonly Finding[] =>
  files.length === 0
    ? []
    : [
        warn(
          'restore',
          `left by a restore that was killed: ${files.join(', ')}`,
          'remove them, unless a restore runs now; or restore again, which takes their place',
        ),
      ]

/** Whether the collector's port is free, or a collector already listens there. */
export const checkListen = async (host: string, port: number): Promise<Finding> => {
  const server = net.createServer()
  server.listen(port, host)
  try {
    await once(server, 'listening')
    return ok('collector port', `${host}:${String(port)} is free`)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      ? warn('collector port', `${host}:${String(port)} is in use`, 'fine if that is your collector')
      : fail('collector port', (error as Error).message, 'choose another address in collector.listen')
  } finally {
    server.close()
  }
}

/** Time sync as the kernel's usual keepers leave traces of it; without them nothing can be said. */
export const checkClock = async (now: number, root = '/'): Promise<Finding> => {
  if (now < Date.UTC(2026, 0, 1)) return fail('clock', new Date(now).toISOString(), 'set the clock')
  const traces = [
    'run/systemd/timesync/synchronized',
    'run/chrony/chronyd.pid',
    'run/ntpd.pid',
    'run/ntpsec/ntpd.pid',
  ]
  for (const trace of traces) {
    const found = await access(path.join(root, trace)).then(
      () => true,
      () => false,
    )
    if (found)
      return ok('clock', `${new Date(now).toISOString()}, kept by ${path.basename(path.dirname(trace))}`)
  }
  return warn(
    'clock',
    `${new Date(now).toISOString()}, no time service seen`,
    'run chrony or systemd-timesyncd',
  )
}

/** Open files allowed: a sweep of TCP targets needs one each. */
export const checkFileLimit = async (): Promise<Finding> => {
  const limits = await readFile('/proc/self/limits', 'utf8')
  const soft = /^Max open files\s+(\d+|unlimited)/mu.exec(limits)?.[1] ?? 'unknown'
  return Number(soft) < 4096
    ? warn('open files', `limit ${soft}`, 'raise it to 4096 or more (ulimit -n, LimitNOFILE=)')
    : ok('open files', `limit ${soft}`)
}

/** Reads the secrets as an agent would; only names and counts are ever said of them. */
export const checkSecrets = (file: string, load: () => unknown): Finding => {
  try {
    load()
    return ok('secrets', `${file} is as it should be, or not there`)
  } catch (error) {
    if (!isFault(error)) throw error
    return failOf('secrets', error)
  }
}
