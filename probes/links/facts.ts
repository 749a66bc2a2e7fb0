import type { Cause } from '../../src/core/outcome.ts'
import type { ResourceType } from '../net/html/resources.ts'
import type { Redirect } from '../net/http/redirect.ts'

/** A link that did not answer with a page. */
export interface DeadLink {
  readonly url: string
  readonly type: ResourceType
  /** 400 and above; absent where there was no answer. */
  readonly status?: number
  readonly failure?: Cause
}

export interface LinksFacts {
  /** Where the page was in the end, without user information. */
  readonly url: string
  readonly remoteAddress: string
  readonly status: number
  readonly redirects: readonly Redirect[]
  /** Different URLs of the wanted types, at most two thousand. */
  readonly found: number
  /** Of these, on other hosts. */
  readonly foundExternal: number
  /** Asked, and answered or not. */
  readonly checked: number
  /** Not asked for: more than `maxLinks`, or the deadline was near. */
  readonly unchecked: number
  readonly deadCount: number
  /** At most fifty. */
  readonly dead: readonly DeadLink[]
  /** Where we could not look: no verdict on the link. */
  readonly unknown: number
  readonly requests: number
}
