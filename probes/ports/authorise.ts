import { BlockList, isIP } from 'node:net'

type Family = 'ipv4' | 'ipv6'

const writtenAs = (address: string): Family => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

const everyIp4 = new BlockList()
everyIp4.addSubnet('0.0.0.0', 0, 'ipv4')

/** What an address means: `::ffff:192.0.2.1` is an IPv4 one. */
const familyOf = (address: string): Family => (everyIp4.check(address, writtenAs(address)) ? 'ipv4' : 'ipv6')

/** Whether one of the networks (CIDR) of the address's own family contains it; `::/0` allows no IPv4. */
export const isAuthorised = (address: string, networks: readonly string[]): boolean => {
  const [literal = ''] = address.split('%')
  const family = familyOf(literal)
  const allowed = new BlockList()
  for (const network of networks) {
    const [prefix = '', length = ''] = network.split('/')
    if (writtenAs(prefix) === family) allowed.addSubnet(prefix, Number(length), family)
  }
  return allowed.check(literal, writtenAs(literal))
}

/** Why nothing was sent, and what to do about it. */
export const refusalOf = (address: string, networks: readonly string[]): string => {
  const authorised = networks.length === 0 ? 'none' : networks.slice(0, 5).join(', ')
  return `${address} is in no network that was authorised for port scans (authorised: ${authorised}); declare its network in the inventory, or name it in authorisedBy`
}
