/** RFC 3418: the traps that every agent may send, by the last number of their OIDs. */
const standardTraps = '1.3.6.1.6.3.1.1.5.'
const standardNames: readonly (string | undefined)[] = [
  undefined,
  'coldStart',
  'warmStart',
  'linkDown',
  'linkUp',
  'authenticationFailure',
  'egpNeighborLoss',
]

const enterprises = '1.3.6.1.4.1.'

/** The name of a standard trap. */
export const nameOf = (oid: string): string | undefined =>
  oid.startsWith(standardTraps) ? standardNames[Number(oid.slice(standardTraps.length))] : undefined

/** Number of the enterprise whose trap this is. */
export const enterpriseOf = (oid: string): number | undefined =>
  oid.startsWith(enterprises) ? Number.parseInt(oid.slice(enterprises.length), 10) : undefined

/** What a trap is counted as. A device cannot make up more of them. */
export const countedAs = (oid: string): string =>
  nameOf(oid) ?? (enterpriseOf(oid) === undefined ? 'other' : 'enterprise')
