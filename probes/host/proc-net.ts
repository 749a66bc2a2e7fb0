import { SocketAddress } from 'node:net'

/** A row of /proc/net/tcp and its like that anybody may talk to. */
export interface OpenSocket {
  readonly protocol: 'tcp' | 'udp'
  readonly address: string
  readonly port: number
  readonly userId: number
  readonly inode: number
}

/** include/net/tcp_states.h: TCP_LISTEN; a UDP socket without a peer is in TCP_CLOSE. */
const openState = { tcp: 0x0a, udp: 0x07 } as const

const row =
  /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:[0-9A-F]+ [0-9A-F]+ +(\d{1,10}) +\d+ (\d{1,15})(?: |$)/u

/** Bytes of an address that the kernel prints as words in the machine's own order, which is little-endian. */
const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex').swap32()

const formatAddress = (hex: string): string => {
  const bytes = bytesOf(hex)
  if (bytes.length === 4) return [...bytes].join('.')
  const groups = Array.from({ length: 8 }, (_, group) => bytes.readUInt16BE(group * 2).toString(16))
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address
}

const readRow = (line: string, protocol: 'tcp' | 'udp'): OpenSocket | undefined => {
  const [, address, port, state, userId, inode] = row.exec(line) ?? []
  if (address === undefined || Number.parseInt(state ?? '', 16) !== openState[protocol]) return undefined
  return {
    protocol,
    address: formatAddress(address),
    port: Number.parseInt(port ?? '', 16),
    userId: Number(userId),
    inode: Number(inode),
  }
}

/** The open sockets of a file of /proc/net; lines of another form are passed over. Never throws. */
export const parseSockets = (text: string, protocol: 'tcp' | 'udp'): readonly OpenSocket[] =>
  text
    .split('\n')
    .map((line) => readRow(line, protocol))
    .filter((socket) => socket !== undefined)
