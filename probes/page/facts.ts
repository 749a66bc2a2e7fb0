import type { Redirect } from '../net/http/redirect.ts'
import type { Difference } from './difference.ts'
import type { Ignored } from './ignore.ts'
import type { KeywordCount } from './spam.ts'

export interface PageFacts {
  /** Where the page was in the end, without user information. */
  readonly url: string
  readonly remoteAddress: string
  readonly status: number
  readonly redirects: readonly Redirect[]
  readonly bodyBytes: number
  /** The page is longer than `bodyLimitBytes`; its fingerprint is of what was read. */
  readonly truncated: boolean
  readonly totalSeconds: number
  /** SHA-256 of the page's normal form, lower-case hex. */
  readonly fingerprint: string
  readonly title: string
  readonly lineCount: number
  /** Hosts beside the page's own that it loads from or links to, at most a hundred, sorted. */
  readonly externalHosts: readonly string[]
  readonly keywords: readonly KeywordCount[]
  readonly ignored: readonly Ignored[]
  /** Text that `ignore` left out: a fragment that grows hides something. */
  readonly ignoredCharacters: number
  /** The fingerprint is not that of this job's last run. */
  readonly changedSinceLastRun?: boolean
  /** The fingerprint is the approved one; where a baseline is given. */
  readonly matchesBaseline?: boolean
  /** Where the page differs from a baseline whose lines are given. */
  readonly difference?: Difference
  /** The normal form, at most 5,000 lines and 256 KiB; where `capture` asks for it. */
  readonly lines?: readonly string[]
  /** The normal form is longer than `lines`. */
  readonly linesTruncated?: boolean
}
