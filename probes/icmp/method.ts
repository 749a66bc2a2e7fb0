import { libc } from './libc.ts'
import { isPingUsable } from './ping-command.ts'
import { type SocketMethod, openSocket } from './socket.ts'

export type IcmpMethod = SocketMethod | 'ping' | 'none'

/** How echo requests would leave this process now; asks the system each time. */
export const icmpMethod = (): IcmpMethod => {
  const socket = openSocket(4, { ownerHigh: 0, ownerLow: 0 })
  if ('code' in socket) return isPingUsable() ? 'ping' : 'none'
  libc().close(socket.fd)
  return socket.method
}
