import type { ListeningFacts, ProcessFacts } from './facts.ts'
import { type OpenSocket, parseSockets } from './proc-net.ts'
import { findOwners, listProcesses } from './processes.ts'
import { tryText } from './read.ts'

const mostSockets = 512
/** Listening sockets come before connections in /proc/net/tcp, so that the beginning is enough. */
const mostBytes = 4 * 1024 * 1024

const files = [
  ['tcp', '/proc/net/tcp'],
  ['tcp', '/proc/net/tcp6'],
  ['udp', '/proc/net/udp'],
  ['udp', '/proc/net/udp6'],
] as const

const readSockets = async (): Promise<readonly OpenSocket[]> => {
  const lists = await Promise.all(
    files.map(async ([protocol, file]) => parseSockets((await tryText(file, mostBytes)) ?? '', protocol)),
  )
  return lists.flat()
}

/** Several sockets may share an address and a port (`SO_REUSEPORT`): one stands for them. */
const distinct = (sockets: readonly OpenSocket[]): readonly OpenSocket[] => [
  ...new Map(
    sockets.map((socket) => [`${socket.protocol} ${socket.address} ${socket.port}`, socket]),
  ).values(),
]

/** Who listens where. */
export const readListening = async (): Promise<ListeningFacts & ProcessFacts> => {
  const processes = await listProcesses()
  const sockets = distinct(await readSockets())
  const shown = sockets.slice(0, mostSockets)
  const owners = await findOwners(
    shown.map(({ inode }) => inode),
    processes,
  )
  return {
    processCount: processes.length,
    listeningCount: sockets.length,
    listening: shown.map(({ inode, ...socket }) => {
      const owner = owners.get(inode)
      return { ...socket, ...(owner && { process: owner.name, pid: owner.pid }) }
    }),
  }
}
