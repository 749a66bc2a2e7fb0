import type { Refusal } from './exchange.ts'

type Names = Readonly<Record<number, string>>

/** RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1. */
const unreachable4: Names = {
  0: 'network unreachable',
  1: 'host unreachable',
  2: 'protocol unreachable',
  3: 'port unreachable',
  4: 'fragmentation needed',
  5: 'source route failed',
  6: 'destination network unknown',
  7: 'destination host unknown',
  9: 'network administratively prohibited',
  10: 'host administratively prohibited',
  11: 'network unreachable for this type of service',
  12: 'host unreachable for this type of service',
  13: 'communication administratively prohibited',
}

/** RFC 4443 §3.1. */
const unreachable6: Names = {
  0: 'no route to destination',
  1: 'communication administratively prohibited',
  2: 'beyond scope of source address',
  3: 'address unreachable',
  4: 'port unreachable',
  5: 'source address failed policy',
  6: 'reject route to destination',
}

const exceeded: Names = { 0: 'TTL exceeded in transit', 1: 'fragment reassembly time exceeded' }

const namesByType: Readonly<Record<4 | 6, Readonly<Record<number, Names | string>>>> = {
  4: { 3: unreachable4, 11: exceeded, 12: 'parameter problem' },
  6: { 1: unreachable6, 2: 'packet too big', 3: exceeded, 4: 'parameter problem' },
}

const nameOf = ({ family, type, code }: Refusal): string => {
  const names = namesByType[family][type]
  if (typeof names === 'string') return names
  return names?.[code] ?? 'unreachable'
}

/** One line for a person: `host unreachable (ICMP type 3 code 1) from 192.0.2.1`. */
export const describeRefusal = (refusal: Refusal): string => {
  const { family, type, code, mtu, from } = refusal
  const protocol = family === 4 ? 'ICMP' : 'ICMPv6'
  const limit = mtu > 0 ? `, MTU ${mtu}` : ''
  return `${nameOf(refusal)} (${protocol} type ${type} code ${code}${limit}) from ${from}`
}
