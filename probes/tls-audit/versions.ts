/** Versions that are asked for one by one; the most common first, so that a server that is none shows early. */
export const protocolVersions = {
  'TLSv1.2': 0x0303,
  'TLSv1.3': 0x0304,
  'TLSv1.1': 0x0302,
  'TLSv1.0': 0x0301,
  SSLv3: 0x0300,
} as const
export type VersionName = keyof typeof protocolVersions

export const versionNames = Object.keys(protocolVersions) as readonly VersionName[]

/** GB/T 38636-2020 and its predecessor GM/T 0024-2014. */
export const tlcpVersion = 0x0101

/** Which suites a version may use: those before TLS 1.2, with those of 1.2, or those of 1.3. */
export const generationOf = (version: VersionName): 'legacy' | '1.2' | '1.3' => {
  if (version === 'TLSv1.3') return '1.3'
  return version === 'TLSv1.2' ? '1.2' : 'legacy'
}
