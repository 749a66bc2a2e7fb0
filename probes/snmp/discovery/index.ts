export type { Asked, FoundAgent, NamedCredential } from './ask.ts'
export { type DiscoveryOptions, discoverAgents } from './discover.ts'
export type { Neighbour } from './lldp.ts'
