import vm from 'node:vm'
import { type Outcome, down, unknown, up } from '../../src/core/outcome.ts'
import type { Body } from '../net/http/body.ts'
import type { HttpFacts } from './facts.ts'
import { pageBytes, textOf } from '../net/http/page.ts'
import type { HttpSpec } from './spec.ts'

/** Whether a status is one of the codes or within one of the ranges (`200-399`). */
export const isExpectedStatus = (status: number, expected: HttpSpec['expectStatus']): boolean =>
  expected.some((item) => {
    if (typeof item === 'number') return item === status
    const [first = 0, last = 0] = item.split('-').map(Number)
    return first <= status && status <= last
  })

const matchMs = 100
const isTimeLimit = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'

const attempt = new vm.Script('new RegExp(pattern, "u").test(text)')

/**
 * Whether the text matches; undefined where deciding took over 100 ms.
 * The pattern is the operator's and the text the target's: together they may backtrack for ever,
 * and only a script's own time limit ends a match.
 */
export const matches = (pattern: string, text: string): boolean | undefined => {
  try {
    return attempt.runInNewContext({ pattern, text }, { timeout: matchMs }) as boolean
  } catch (error) {
    if (isTimeLimit(error)) return undefined
    throw error
  }
}

const judgePattern = (pattern: string, text: string, facts: HttpFacts): Outcome<HttpFacts> => {
  const verdict = matches(pattern, text)
  if (verdict === undefined)
    return unknown('resource', `expectBody was not decided within ${String(matchMs)} ms: simplify it`)
  return verdict ? up(facts) : down('assertion', `expected a body that matches ${pattern}`, facts)
}

/** The outcome of a complete exchange: the status first, then what the body must contain. */
export const judge = (spec: HttpSpec, facts: HttpFacts, body: Body): Outcome<HttpFacts> => {
  if (!isExpectedStatus(facts.status, spec.expectStatus))
    return down(
      'assertion',
      `expected status ${spec.expectStatus.join(', ')}, got ${String(facts.status)}`,
      facts,
    )
  const type = facts.headers['content-type']
  if (spec.expectText !== undefined && !textOf(body.bytes, type).includes(spec.expectText))
    return down('assertion', `expected a body that contains "${spec.expectText}"`, facts)
  if (spec.expectBody !== undefined)
    return judgePattern(spec.expectBody, textOf(body.bytes.subarray(0, pageBytes), type), facts)
  return up(facts)
}
