import { suiteNames } from './suite-names.ts'

/** What is wrong with a suite, whatever the key behind it. */
export const weaknesses = ['null', 'anonymous', 'export', 'rc4', 'rc2', 'des', '3des'] as const
export type Weakness = (typeof weaknesses)[number]

const signs: Readonly<Record<Weakness, RegExp>> = {
  null: /_WITH_NULL_|^TLS_SHA\d+_SHA\d+$/u,
  anonymous: /_anon_/u,
  export: /_EXPORT/u,
  rc4: /_RC4_/u,
  rc2: /_RC2_/u,
  des: /_DES(?:40)?_/u,
  '3des': /_3DES_/u,
}

/** The name of a suite in the registry, or its number: `TLS_RSA_WITH_RC4_128_SHA`, `0x1234`. */
export const suiteName = (suite: number): string =>
  suiteNames.get(suite) ?? tlcpSuites.get(suite) ?? `0x${suite.toString(16).padStart(4, '0')}`

/** What is weak about a suite, by its registered name. */
export const weaknessesOf = (name: string): readonly Weakness[] =>
  weaknesses.filter((weakness) => signs[weakness].test(name))

/** Whether traffic stays secret when the server's key is lost later: an ephemeral key exchange. */
export const hasForwardSecrecy = (name: string): boolean =>
  /^TLS_(?:EC)?DHE_|^TLS_(?:EC)?DH_anon_/u.test(name) || !name.includes('_WITH_')

/** Whether it encrypts and authenticates in one (AEAD); everything else of today is CBC. */
export const isAead = (name: string): boolean => /_(?:GCM|CCM|POLY1305)(?:_|$)/u.test(name)

/** RFC 5246 §A.5: suites that name a hash, and AEAD, are of TLS 1.2 only. */
const isOf12 = (name: string): boolean => isAead(name) || /_SHA(?:256|384)$/u.test(name)

const is13 = (name: string): boolean => !name.includes('_WITH_')

/** Kinds of suites that are asked for apart from each other; each suite is in one. */
export type SuiteClass = 'weak' | 'static' | 'aead' | 'cbc'

const classOf = (name: string): SuiteClass => {
  if (weaknessesOf(name).length > 0) return 'weak'
  if (!hasForwardSecrecy(name)) return 'static'
  return isAead(name) ? 'aead' : 'cbc'
}

type Generation = 'legacy' | '1.2' | '1.3'

const generationOf = (name: string): Generation => {
  if (is13(name)) return '1.3'
  return isOf12(name) ? '1.2' : 'legacy'
}

const offered: Readonly<Record<Generation, readonly Generation[]>> = {
  legacy: ['legacy'],
  '1.2': ['1.2', 'legacy'],
  '1.3': ['1.3'],
}

/** The suites of a class that a version of TLS may use; the newest first, which cost a server least (ECDHE). */
export const suitesOf = (generation: Generation, kind: SuiteClass): readonly number[] => {
  const suites = [...suiteNames]
    .filter(([, name]) => offered[generation].includes(generationOf(name)) && classOf(name) === kind)
    .map(([suite]) => suite)
  return generation === '1.3' ? suites : suites.toReversed()
}

const isCommon = (name: string): boolean =>
  /^TLS_(?:RSA|DHE_RSA|ECDHE_RSA|ECDHE_ECDSA|DH_anon|DHE_DSS)_/u.test(name) &&
  !/ARIA|CAMELLIA|SEED|CCM|IDEA|EXPORT1024|DHE_DSS_WITH_AES_\d+_(?:GCM|CBC_SHA\d)|anon_WITH_AES_\d+_(?:GCM|CBC_SHA\d)/u.test(
    name,
  )

/**
 * A short list that nearly every server finds something in, good ones first: old servers stop reading a long
 * list, and take what comes early.
 */
export const commonSuites = (generation: Generation): readonly number[] =>
  (generation === '1.3'
    ? suitesOf('1.3', 'aead')
    : (['aead', 'cbc', 'static', 'weak'] as const)
        .flatMap((kind) => suitesOf(generation, kind))
        .filter((suite) => isCommon(suiteName(suite)))
  ).slice(0, maxOffered)

/** Servers of the nineties read 64 at most. */
export const maxOffered = 60

/** RFC 8998: TLS 1.3 with SM4 and SM3. */
export const smSuites: readonly number[] = [0x00c6, 0x00c7]

/** GB/T 38636-2020 §6.4.5.2.1, table 2. Those with ECDHE also ask the client for a certificate, so they come last. */
export const tlcpSuites: ReadonlyMap<number, string> = new Map([
  [0xe053, 'ECC_SM4_GCM_SM3'],
  [0xe013, 'ECC_SM4_CBC_SM3'],
  [0xe051, 'ECDHE_SM4_GCM_SM3'],
  [0xe011, 'ECDHE_SM4_CBC_SM3'],
])
