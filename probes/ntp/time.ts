/** Seconds from 1900, where NTP's era 0 starts, to 1970. */
const epochSeconds = 2_208_988_800n
const fraction = 2 ** 32

/** A 64-bit NTP time of milliseconds since 1970; eras go round (RFC 5905 §6). */
export const ntpTime = (unixMs: number): bigint =>
  BigInt.asUintN(64, (epochSeconds << 32n) + BigInt(Math.round((unixMs / 1000) * fraction)))

/**
 * Seconds from `earlier` to `later`, whatever era both are of: right where they lie within 68 years,
 * so that 2036 is no special year.
 */
export const secondsBetween = (earlier: bigint, later: bigint): number =>
  Number(BigInt.asIntN(64, later - earlier)) / fraction

/** Milliseconds since 1970 of an NTP time that is near `unixMs`. */
export const unixMsOf = (time: bigint, unixMs: number): number =>
  unixMs + secondsBetween(ntpTime(unixMs), time) * 1000
