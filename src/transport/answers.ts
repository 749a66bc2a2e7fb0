import { z } from 'zod'
import { EnvironmentFault } from '../core/fault.ts'
import { jsonOf } from '../core/json.ts'
import type { Reply } from './exchange.ts'
import { CollectorRefusal, type RefusalReason } from './refusal.ts'
import { protocolHeader } from './wire.ts'

const reasonByStatus: Readonly<Record<number, RefusalReason>> = {
  400: 'malformed',
  401: 'unauthorized',
  403: 'unauthorized',
  413: 'too-large',
  422: 'malformed',
}

const isBusy = (status: number): boolean => status >= 500 || status === 408 || status === 429

const spoken = z.object({ error: z.string(), suggestion: z.string().optional() })

/** One bounded line without control characters. */
const line = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 300)

/** What the collector said of a failure, and what it suggests. */
const wordsOf = ({ body }: Reply): { readonly error: string; readonly suggestion?: string | undefined } => {
  const text = body.subarray(0, 4096).toString('utf8')
  const { error, suggestion } = spoken.safeParse(jsonOf(text)).data ?? { error: text }
  return {
    error: line(error) || 'nothing more',
    ...(suggestion !== undefined && { suggestion: line(suggestion) }),
  }
}

/** What a status that is neither 2xx nor 304 means: the fault, with the collector’s own words. */
export const replyFault = (origin: string, reply: Reply, version: number): EnvironmentFault => {
  const { status, headers } = reply
  const { error, suggestion } = wordsOf(reply)
  const said = `collector ${origin} answered ${status}: ${error}`
  if (status === 426) {
    const theirs = String(headers[protocolHeader] ?? 'another version')
    return new EnvironmentFault(
      'PROTOCOL_MISMATCH',
      `${said} (it speaks protocol ${theirs}, this agent ${version})`,
      {
        suggestion: 'upgrade the older of the two; observations are kept meanwhile',
      },
    )
  }
  if (isBusy(status) || status < 400) return new EnvironmentFault('COLLECTOR_UNREACHABLE', said)
  return new CollectorRefusal(reasonByStatus[status] ?? 'other', said, suggestion)
}

/** The body of an answer, validated; what is no JSON of that shape is as good as no answer. */
export const parsedBody = <Body>(origin: string, reply: Reply, schema: z.ZodType<Body>): Body => {
  const parsed = schema.safeParse(jsonOf(reply.body.toString('utf8')))
  if (parsed.success) return parsed.data
  // A proxy or a captive portal on the way, or a collector that is newer than its version says.
  const issue = parsed.error.issues[0]
  const wrong = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`
  const message = `collector ${origin}: expected a collector’s answer, got another (${wrong})`
  throw new EnvironmentFault('COLLECTOR_UNREACHABLE', message, { cause: parsed.error })
}
