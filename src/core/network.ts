import { isIP } from 'node:net'
import { remembered } from './remembered.ts'

/** An address as a number, or the first of a network's. */
interface Place {
  readonly bits: 32 | 128
  readonly value: bigint
}

interface Range extends Place {
  readonly length: number
}

const joined = (units: readonly bigint[], bitsEach: bigint): bigint =>
  units.reduce((sum, unit) => (sum << bitsEach) | unit, 0n)

const split = (value: bigint, count: number, bitsEach: number): readonly bigint[] =>
  Array.from({ length: count }, (_, index) =>
    BigInt.asUintN(bitsEach, value >> BigInt(bitsEach * (count - 1 - index))),
  )

/** A URL gives an IPv6 address in its shortest form, in hexadecimal only (RFC 5952 §4, without §5). */
const shortest = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1)

const ip6Value = (address: string): bigint => {
  const [before = [], after = []] = shortest(address)
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''))
  const zeros = Array<string>(8 - before.length - after.length).fill('0')
  return joined(
    [...before, ...zeros, ...after].map((group) => BigInt(`0x${group}`)),
    16n,
  )
}

/** As it is written: `::ffff:192.0.2.1` is an IPv6 one here. */
const written = (address: string): Place | undefined => {
  switch (isIP(address)) {
    case 4:
      return { bits: 32, value: joined(address.split('.').map(BigInt), 8n) }
    case 6:
      return { bits: 128, value: ip6Value(address) }
    default:
      return undefined
  }
}

const mappedPrefix = 0xffffn

/** As it is meant: `::ffff:192.0.2.1` is an IPv4 one. */
const meant = ({ bits, value }: Place): Place =>
  bits === 128 && value >> 32n === mappedPrefix
    ? { bits: 32, value: BigInt.asUintN(32, value) }
    : { bits, value }

const rangeOf = (text: string): Range | undefined => {
  const [, address = '', digits = ''] = /^([0-9a-f:.]+)\/(0|[1-9]\d{0,2})$/iu.exec(text) ?? []
  const place = written(address)
  const length = Number(digits)
  return place === undefined || length > place.bits ? undefined : { ...place, length }
}

/** Whether both have the same first bits. */
const holds = ({ bits, value, length }: Range, place: Place): boolean => {
  const rest = BigInt(bits - length)
  return place.bits === bits && place.value >> rest === value >> rest
}

/**
 * Which of the networks (CIDR) hold an address, of the address's own family only: `::/0` holds no IPv4,
 * in whatever form it is written. What is no address is in none.
 */
export const holdersAmong = (networks: readonly string[]): ((address: string) => readonly string[]) => {
  const ranges = networks.flatMap((network) => {
    const range = rangeOf(network)
    return range === undefined ? [] : [{ network, range }]
  })
  return (address) => {
    const place = written(address.split('%')[0] ?? '')
    if (place === undefined) return []
    const sought = meant(place)
    return ranges.flatMap(({ network, range }) => (holds(range, sought) ? network : []))
  }
}

/** Some networks (CIDR), each read once, and each address as well, however often it is asked for. */
export interface Networks {
  readonly isEmpty: boolean
  readonly hold: (address: string) => boolean
}

export const networksOf = (networks: readonly string[]): Networks => {
  const holdersOf = holdersAmong(networks)
  return {
    isEmpty: networks.length === 0,
    hold: remembered((address) => holdersOf(address).length > 0),
  }
}

/** Whether an address is in one of the networks: what a scan or a discovery asks before it sends anything. */
export const isWithin = (address: string, networks: readonly string[]): boolean =>
  holdersAmong(networks)(address).length > 0

export type NetworkReading =
  | { readonly ok: true; readonly network: string }
  /** What was expected instead. */
  | { readonly ok: false; readonly expected: string }

const addressText = ({ bits, value }: Place): string =>
  bits === 32
    ? split(value, 4, 8).join('.')
    : shortest(
        split(value, 8, 16)
          .map((group) => group.toString(16))
          .join(':'),
      )

const refused = (expected: string): NetworkReading => ({ ok: false, expected })

/** A network in the one form in which it is stored: lower case, shortest, and no bits of a host. */
export const readNetwork = (text: string): NetworkReading => {
  const range = rangeOf(text)
  if (range === undefined) return refused('expected a network as address/length: 192.0.2.0/24, 2001:db8::/32')
  if (meant(range).bits !== range.bits)
    return refused('expected an IPv4 network written as one: 192.0.2.0/24')
  const rest = BigInt(range.bits - range.length)
  const value = (range.value >> rest) << rest
  const network = `${addressText({ ...range, value })}/${range.length}`
  return value === range.value
    ? { ok: true, network }
    : refused(`expected ${network} (the network) or ${addressText(range)}/${range.bits} (one address)`)
}

/** The two halves of a network. */
const halves = ({ bits, value, length }: Range): readonly [Range, Range] => {
  const upper = value | (1n << BigInt(bits - length - 1))
  return [
    { bits, value, length: length + 1 },
    { bits, value: upper, length: length + 1 },
  ]
}

const textOf = (range: Range): string => `${addressText(range)}/${range.length}`

const outsideOf = (range: Range, networks: readonly Range[]): Range | undefined => {
  if (networks.some((network) => network.length <= range.length && holds(network, range))) return undefined
  const within = networks.filter((network) => network.length > range.length && holds(range, network))
  if (within.length === 0) return range
  const [lower, upper] = halves(range)
  return outsideOf(lower, within) ?? outsideOf(upper, within)
}

/** The first part of a network (CIDR, as `readNetwork` gives it) that none of the others holds; undefined where they hold all. */
export const partOutside = (network: string, others: readonly string[]): string | undefined => {
  const range = rangeOf(network)
  if (range === undefined) return network
  const outside = outsideOf(
    range,
    others.flatMap((other) => rangeOf(other) ?? []),
  )
  return outside && textOf(outside)
}

/** How many addresses a network (CIDR) has. */
export const addressCount = (network: string): bigint => {
  const range = rangeOf(network)
  return range === undefined ? 0n : 1n << BigInt(range.bits - range.length)
}

/** Every address of a network (CIDR), in order; without those of the network itself and of its broadcast (IPv4 up to /30). */
export function* hostsIn(network: string): Generator<string, void> {
  const range = rangeOf(network)
  if (range === undefined) return
  const count = addressCount(network)
  const isReserved = range.bits === 32 && count > 2n
  const last = isReserved ? count - 1n : count
  for (let offset = isReserved ? 1n : 0n; offset < last; offset += 1n)
    yield addressText({ ...range, value: range.value + offset })
}

/** A number at the end: getaddrinfo(3) reads `010.0.0.1` as 8.0.0.1 and `1.2.3` as 1.2.0.3. */
const endsInNumber = /(?:^|\.)(?:\d+|0x[\da-f]*)\.?$/iu

/** Whether a text is an address, or can be a host name: no port, no path, no brackets, no address in other notations. */
export const isHost = (text: string): boolean =>
  isIP(text) !== 0 || (/^[^\s/:@%?#,;[\]\\]+$/u.test(text) && !endsInNumber.test(text))
