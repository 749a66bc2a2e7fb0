import { networkInterfaces } from 'node:os'
import { bounded } from '../net/text.ts'
import type { InterfaceFacts } from './facts.ts'
import { tryNames, tryText } from './read.ts'

const folder = '/sys/class/net'
const mostInterfaces = 64
const mostAddresses = 16

const counters = {
  receiveBytes: 'rx_bytes',
  transmitBytes: 'tx_bytes',
  receiveErrors: 'rx_errors',
  transmitErrors: 'tx_errors',
  receiveDrops: 'rx_dropped',
  transmitDrops: 'tx_dropped',
} as const

/** A count as the kernel writes it; undefined for anything else, `-1` ("no idea") included. */
export const countOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\s*\d{1,20}\s*$/u.test(text) ? Number(text) : undefined

const readCounters = async (name: string): Promise<Partial<InterfaceFacts>> => {
  const entries = await Promise.all(
    Object.entries(counters).map(
      async ([fact, file]) =>
        [fact, countOf(await tryText(`${folder}/${name}/statistics/${file}`, 32))] as const,
    ),
  )
  return Object.fromEntries(entries.filter(([, count]) => count !== undefined))
}

const readInterface = async (name: string, addresses: readonly string[]): Promise<InterfaceFacts> => {
  const [state, mac, speed] = await Promise.all(
    ['operstate', 'address', 'speed'].map((file) => tryText(`${folder}/${name}/${file}`, 64)),
  )
  const megabits = countOf(speed)
  return {
    name: bounded(name, 40),
    state: bounded(state ?? 'unknown', 20),
    addresses: addresses.slice(0, mostAddresses),
    ...(mac?.trim() && { mac: bounded(mac, 40) }),
    ...(megabits !== undefined && { speedBitsPerSecond: megabits * 1e6 }),
    ...(await readCounters(name)),
  }
}

/** The machine's interfaces, loopback included; their counters start again with the machine. */
export const readInterfaces = async (): Promise<readonly InterfaceFacts[]> => {
  const addresses = networkInterfaces()
  const names = await tryNames(folder, mostInterfaces)
  return Promise.all(
    names.map((name) =>
      readInterface(
        name,
        (addresses[name] ?? []).map(({ cidr, address }) => cidr ?? address),
      ),
    ),
  )
}
