import type { CertificateFindings, Findings } from './audit.ts'
import type { Account } from './examiner.ts'
import type { SmFacts, TlcpFacts } from './national.ts'
import { type Weakness, hasForwardSecrecy, isAead, suiteName, weaknessesOf } from './suites.ts'
import type { VersionName } from './versions.ts'

export interface VersionFacts {
  readonly version: VersionName
  /** Absent where the server gave no telling answer. */
  readonly accepted?: boolean
  /** Every weak suite and every suite without forward secrecy that it takes, and one or two good ones. */
  readonly ciphers: readonly string[]
  /** The alert that it refused with. */
  readonly alert?: string
}

export interface WeakCipher {
  readonly cipher: string
  readonly weaknesses: readonly Weakness[]
  readonly versions: readonly VersionName[]
}

/** What the server accepts. What is wrong with it is judged elsewhere. */
export interface TlsAuditFacts extends CertificateFindings, TlcpFacts, SmFacts {
  readonly remoteAddress: string
  /** How many connections it took. */
  readonly connections: number
  /** Whether every question got a telling answer; if not, lists may lack something. */
  readonly complete: boolean
  readonly versions: readonly VersionFacts[]
  readonly weakCiphers: readonly WeakCipher[]
  /** Suites that it takes whose traffic can be read once the server's key is known. */
  readonly noForwardSecrecy: readonly string[]
  /** Whether it takes any suite with forward secrecy. */
  readonly forwardSecrecy: boolean
  /** Whether all that it takes is CBC or a stream cipher: no AEAD in any version. */
  readonly cbcOnly: boolean
}

const versionFacts = ({ versions }: Findings): readonly VersionFacts[] =>
  versions.map(({ version, accepted, suites, alert }) => ({
    version,
    ...(accepted !== undefined && { accepted }),
    ciphers: suites.map(suiteName),
    ...(alert !== undefined && { alert }),
  }))

const weakCiphers = (versions: readonly VersionFacts[], ciphers: readonly string[]): readonly WeakCipher[] =>
  ciphers
    .map((cipher) => ({
      cipher,
      weaknesses: weaknessesOf(cipher),
      versions: versions.filter(({ ciphers: taken }) => taken.includes(cipher)).map(({ version }) => version),
    }))
    .filter((found) => found.weaknesses.length > 0)

/** The findings in words, without what was not found out. */
export const factsOf = (findings: Findings, account: Account, address: string): TlsAuditFacts => {
  const versions = versionFacts(findings)
  const ciphers = [...new Set(versions.flatMap((version) => version.ciphers))]
  return {
    remoteAddress: account.remoteAddress ?? address,
    connections: account.connections,
    complete: account.gaps === 0,
    versions,
    weakCiphers: weakCiphers(versions, ciphers),
    noForwardSecrecy: ciphers.filter((cipher) => !hasForwardSecrecy(cipher)),
    forwardSecrecy: ciphers.some(hasForwardSecrecy),
    cbcOnly: ciphers.length > 0 && !ciphers.some(isAead),
    ...findings.certificate,
    ...findings.tlcp,
    ...findings.sm,
  }
}
