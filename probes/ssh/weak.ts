/**
 * Algorithms that a source calls weak, and in a word why. A fact table: what an offer of one is worth is
 * judged elsewhere, so that this list may name what some policy still allows.
 */

export const parts = ['kex', 'hostKey', 'cipher', 'mac'] as const
export type Part = (typeof parts)[number]

export const reasons = [
  'none',
  'rc4',
  'des',
  'block64',
  'cbc',
  'md5',
  'sha1',
  'ripemd',
  'tag64',
  'group1024',
  'rsa1024',
  'dsa',
] as const
export type Reason = (typeof reasons)[number]

export interface WeakAlgorithm {
  readonly part: Part
  readonly name: string
  readonly reason: Reason
}

interface Rule {
  readonly part: Part
  readonly names: RegExp
  readonly reason: Reason
  /** Who says so. */
  readonly source: string
}

/** The first rule that fits names the reason. */
export const rules: readonly Rule[] = [
  {
    part: 'kex',
    names: /^(?:gss-group1-sha1-.*|diffie-hellman-group1-sha1)$/u,
    reason: 'group1024',
    source: 'RFC 9142, RFC 8732: SHOULD NOT',
  },
  { part: 'kex', names: /^rsa1024-sha1$/u, reason: 'rsa1024', source: 'RFC 9142: MUST NOT' },
  {
    part: 'kex',
    names: /^(?:diffie-hellman-group(?:14|-exchange)|gss-(?:group14|gex))-sha1(?:-.*)?$/u,
    reason: 'sha1',
    source: 'RFC 9142: SHOULD NOT, of group 14 MAY; RFC 8732: SHOULD NOT',
  },
  {
    part: 'hostKey',
    names: /^(?:ssh-dss(?:-cert-v0[01]@openssh\.com)?|x509v3-sign-dss|x509v3-ssh-dss)$/u,
    reason: 'dsa',
    source: 'FIPS 186-5 (DSA withdrawn); OpenSSH 7.0 release notes',
  },
  {
    part: 'hostKey',
    names: /^(?:ssh-rsa(?:-cert-v0[01]@openssh\.com)?|x509v3-sign-rsa|x509v3-ssh-rsa)$/u,
    reason: 'sha1',
    source: 'RFC 8332; OpenSSH 8.8 release notes',
  },
  { part: 'cipher', names: /^none$/u, reason: 'none', source: 'RFC 4253 §6.3: NOT RECOMMENDED' },
  { part: 'cipher', names: /^arcfour(?:128|256)?$/u, reason: 'rc4', source: 'RFC 8758: MUST NOT' },
  {
    part: 'cipher',
    names: /^des-cbc(?:@ssh\.com)?$/u,
    reason: 'des',
    source: 'FIPS 46-3 (withdrawn in 2005)',
  },
  {
    part: 'cipher',
    names: /^(?:3des|blowfish|cast128|idea)-(?:cbc|ctr|ecb)$/u,
    reason: 'block64',
    source: 'NIST SP 800-131A Rev. 2; CVE-2016-2183 (Sweet32)',
  },
  {
    part: 'cipher',
    names:
      /^(?:(?:aes|rijndael|camellia|serpent|twofish|seed)\d*-cbc|rijndael-cbc@lysator\.liu\.se)(?:@.*)?$/u,
    reason: 'cbc',
    source: 'CVE-2008-5161; OpenSSH 6.7 release notes',
  },
  { part: 'mac', names: /^none$/u, reason: 'none', source: 'RFC 4253 §6.4: NOT RECOMMENDED' },
  {
    part: 'mac',
    names: /^hmac-md5(?:-96)?(?:-etm@openssh\.com)?$/u,
    reason: 'md5',
    source: 'RFC 6151; OpenSSH 6.7 release notes',
  },
  {
    part: 'mac',
    names: /^hmac-sha1(?:-96)?(?:-etm@openssh\.com)?$/u,
    reason: 'sha1',
    source: 'NIST announcement of December 2022: SHA-1 goes by 2030',
  },
  {
    part: 'mac',
    names: /^hmac-ripemd(?:160)?(?:-etm)?(?:@openssh\.com)?$/u,
    reason: 'ripemd',
    source: 'OpenSSH 7.6 release notes',
  },
  {
    part: 'mac',
    names: /^umac-64(?:-etm)?@openssh\.com$/u,
    reason: 'tag64',
    source: 'RFC 4418: a forgery succeeds with a probability of 2^-60',
  },
]

const reasonOf = (part: Part, name: string): Reason | undefined =>
  rules.find((rule) => rule.part === part && rule.names.test(name))?.reason

/** Those of the offered names that the table knows as weak, in the order of the offer. */
export const weakAmong = (part: Part, names: readonly string[]): readonly WeakAlgorithm[] =>
  names.flatMap((name) => {
    const reason = reasonOf(part, name)
    return reason === undefined ? [] : [{ part, name, reason }]
  })
