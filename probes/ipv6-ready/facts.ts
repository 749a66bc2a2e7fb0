import type { Cause } from '../../src/core/outcome.ts'

/** The home page over one family. */
export interface HomeFacts {
  /** Address that was asked. */
  readonly remoteAddress: string
  readonly tries: number
  /** Tries that brought a page (status below 400). */
  readonly successes: number
  readonly successRatio: number
  /** Of the last try that was answered. */
  readonly status?: number
  /** Median of the successes, from the first packet to the last of the body. */
  readonly medianSeconds?: number
  /** Of the last try that failed. */
  readonly failure?: Cause
}

export interface UnsupportedLink {
  readonly url: string
  readonly status?: number
  readonly failure?: Cause
}

/** Internal links of one level, asked for over IPv6. */
export interface LevelFacts {
  /** Different internal links of this level that were found, at most two thousand. */
  readonly found: number
  readonly checked: number
  readonly supported: number
  /** Absent where none was checked. */
  readonly supportRatio?: number
  /** At most ten. */
  readonly unsupported: readonly UnsupportedLink[]
}

export interface DelegationFacts {
  readonly zone: string
  /** At most ten. */
  readonly nameServers: readonly string[]
  /** Those that have an IPv6 address. */
  readonly withIpv6: number
}

/** How far the home page is the same over both families. */
export interface Sameness {
  /** Share of the text that both have, 0 to 1 (Dice's coefficient over blocks, weighted by length). */
  readonly similarityRatio: number
  readonly sameTitle: boolean
}

export interface ReadinessFacts {
  /** At most eight of each family. */
  readonly v4Addresses: readonly string[]
  readonly v6Addresses: readonly string[]
  /** The name has an AAAA record; of a literal address: an IPv6 address is known. */
  readonly hasAaaa: boolean
  /** Absent for an address, and where nobody could be asked. */
  readonly delegation?: DelegationFacts
  readonly v4?: HomeFacts
  readonly v6?: HomeFacts
  /** Where both families brought a page. */
  readonly content?: Sameness
  /** (IPv6 − IPv4) / IPv4 of the medians: above zero, IPv6 is slower. */
  readonly slowdownRatio?: number
  readonly secondLevel?: LevelFacts
  readonly thirdLevel?: LevelFacts
  readonly requests: number
}
