import { authorisedNetworks } from '../../inventory/networks.ts'
import type { Inventory } from '../../inventory/store.ts'
import { type Asked, discoverAgents } from '../../probes/snmp/discovery/index.ts'
import type { Credential } from '../core/credential.ts'
import { readCredentials } from './credentials.ts'
import { type FileFormat, differenceOf, importFile } from './import-file.ts'
import { placesOf } from './places.ts'
import { type Proposal, propose } from './propose.ts'
import { readRange } from './range.ts'
import { type DiscoveryReport, reportOf } from './report.ts'

export interface DiscoveryOptions {
  /** CIDR, or one address. */
  readonly range: string
  readonly port: number
  readonly credentials: readonly string[]
  readonly credentialOf: (name: string) => Credential | undefined
  readonly inventory: Inventory
  readonly signal: AbortSignal
  /** Called once an address, with how many there are. */
  readonly onAsked: (total: number) => void
}

export interface Discovery {
  readonly report: DiscoveryReport
  /** The proposed records, as `yiwang import` takes them. */
  readonly file: (format: FileFormat) => Promise<string | Uint8Array>
}

const valueOf = (address: string): bigint =>
  address.split('.').reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n)

/** In the order of the range, whoever answered first. */
const inOrder = (left: string, right: string): number => {
  if (left.includes(':')) return left < right ? -1 : 1
  return valueOf(left) < valueOf(right) ? -1 : 1
}

const proposalsOf = (asked: readonly Asked[], inventory: Inventory): readonly Proposal[] => {
  const agents = asked.flatMap((each) => (each.end === 'found' ? [each.agent] : []))
  return propose(
    agents.toSorted((left, right) => inOrder(left.address, right.address)),
    inventory,
  )
}

/**
 * Asks every address of a range that the inventory authorises to be scanned, and proposes records for what answers.
 * Writes nothing. Where the signal aborts, what was found until then is reported. Throws `UsageFault` before anything
 * is sent.
 */
export const discover = async (options: DiscoveryOptions): Promise<Discovery> => {
  const { port, inventory, signal, onAsked } = options
  const range = readRange(options.range, authorisedNetworks(inventory))
  const credentials = readCredentials(options.credentials, options.credentialOf)
  const asked: Asked[] = []
  for await (const each of discoverAgents({ ...range, port, credentials, signal })) {
    asked.push(each)
    onAsked(range.count)
  }
  const proposals = proposalsOf(asked, inventory)
  const difference = await differenceOf(proposals, inventory, 'discovered')
  const { deviceAt } = placesOf(inventory)
  return {
    report: reportOf({ range, asked, proposals, difference, deviceAt: (address) => deviceAt(address)?.id }),
    file: (format) => importFile(proposals, inventory, format),
  }
}
