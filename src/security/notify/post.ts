import { plainLine } from '../../core/plain-line.ts'
import type { HttpMessage } from './messengers.ts'

/** What became of one attempt; the words are for the delivery log and hold no secret. */
export type Attempt =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly detail: string
      /** All of it went out, and nobody said whether it was taken: who gets it again can tell by its id. */
      readonly isUncertain?: boolean
    }

const maxAnswerBytes = 64 * 1024

const readAnswer = async (response: Response): Promise<string> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    const piece = chunk as Uint8Array
    chunks.push(piece)
    size += piece.length
    if (size > maxAnswerBytes) break
  }
  return Buffer.concat(chunks).toString('utf8', 0, maxAnswerBytes)
}

const wordsOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'failed'
  if (error.name === 'TimeoutError') return 'no answer in time'
  const { cause } = error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
  // The message itself may repeat the address, which is a secret.
  return code ?? (error.message === 'fetch failed' ? 'no connection' : error.name)
}

/** Posts a message. Gives up when the signal aborts; follows no redirection, which could lead the message elsewhere. */
export const post = async (message: HttpMessage, signal: AbortSignal): Promise<Attempt> => {
  const { url, headers, body, complaint } = message
  try {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    const answer = await readAnswer(response)
    if (!response.ok) return { ok: false, detail: `HTTP ${response.status}` }
    const complained = complaint(answer)
    return complained === undefined ? { ok: true } : { ok: false, detail: plainLine(complained, 200) }
  } catch (error) {
    return { ok: false, detail: wordsOf(error) }
  }
}
