import { type Facts, factsIn, flagAt, textAt, textsIn } from './read.ts'

/** Deprecated by RFC 7568 (SSLv3) and RFC 8996 (TLS 1.0 and 1.1). */
export const oldVersions: ReadonlySet<string> = new Set(['SSLv3', 'TLSv1', 'TLSv1.0', 'TLSv1.1'])

/** Versions that a server takes. */
export const accepted = (facts: Facts): readonly string[] =>
  factsIn(facts, 'versions')
    .filter((version) => flagAt(version, 'accepted') === true)
    .map((version) => textAt(version, 'version') ?? '')

/** Suites that are weak for one of these reasons: `TLS_RSA_WITH_RC4_128_SHA`. */
export const weakFor = (facts: Facts, reasons: readonly string[]): readonly string[] =>
  factsIn(facts, 'weakCiphers')
    .filter((cipher) => textsIn(cipher, 'weaknesses').some((weakness) => reasons.includes(weakness)))
    .map((cipher) => textAt(cipher, 'cipher') ?? '')
