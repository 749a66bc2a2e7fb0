import type { Inventory } from './store.ts'

/** The networks in which yiwang may scan and discover, as CIDR, in order. Nothing else authorises. */
export const authorisedNetworks = ({ network }: Inventory): readonly string[] =>
  [...new Set(network.values().flatMap(({ scan, cidr }) => (scan ? [cidr] : [])))].toSorted()
