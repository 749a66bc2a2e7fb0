import { z } from 'zod'
import { isSafeUrl } from '../config/forms.ts'
import { EnvironmentFault, UsageFault } from '../core/fault.ts'

/** A dashboard in Grafana's classic JSON. */
export interface Board {
  readonly uid: string
  readonly json: string
}

export interface Grafana {
  readonly url: URL
  /** Of a service account; sent as a header, never shown. */
  readonly token: string
  readonly signal: AbortSignal
}

export interface Pushed {
  readonly uid: string
  /** How often it was saved in this Grafana. */
  readonly version: number
  /** Path of the dashboard there. */
  readonly path: string
}

const timeoutMs = 30_000
const longestAnswer = 64 * 1024

const saved = z.object({ uid: z.string(), version: z.number(), url: z.string() })
const complaint = z.object({ message: z.string().optional(), status: z.string().optional() })

/** The address of a Grafana: https, or http on this machine, since a token travels. Throws `UsageFault` otherwise. */
export const checkedGrafana = (text: string): URL => {
  const url = isSafeUrl(text) ? new URL(text) : undefined
  if (url?.username === '' && url.password === '') {
    url.pathname = url.pathname.replace(/\/*$/u, '/')
    return url
  }
  throw new UsageFault([
    {
      where: '--grafana-url',
      message: `expected https://HOST (http:// only on this machine) without user and password, got ${text}`,
    },
  ])
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

const bounded = async (response: Response): Promise<string> => {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > longestAnswer) break
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return { message: text.slice(0, 200) }
  }
}

const ask = async (
  { url, token, signal }: Grafana,
  path: string,
  { method, body }: { readonly method: 'GET' | 'POST'; readonly body?: string },
): Promise<Answer> => {
  const address = new URL(path, url)
  try {
    const response = await fetch(address, {
      method,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body }),
      // A redirect could lead the token elsewhere.
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    return { status: response.status, body: parsed(await bounded(response)) }
  } catch (error) {
    signal.throwIfAborted()
    const { cause, message } = error as Error
    const why = cause instanceof Error && cause.message !== '' ? cause.message : message
    throw new EnvironmentFault('GRAFANA_UNREACHABLE', `${method} ${address.href}: ${why}`, { cause: error })
  }
}

const advice: Readonly<Record<number, string>> = {
  400: 'a dashboard that a file provisions cannot be pushed too: use one of the two ways',
  401: 'the token is wrong or has expired: make a new one for the service account',
  403: 'give the service account the role Editor, or rights on the folder',
}

const refusal = (what: string, { status, body }: Answer): EnvironmentFault => {
  const { message = '', status: word = '' } = complaint.safeParse(body).data ?? {}
  const said = [word, message].filter(Boolean).join(': ')
  return new EnvironmentFault(
    'GRAFANA_REFUSED',
    `${what}: expected 200, got ${status}${said && ` (${said})`}`,
    advice[status] === undefined ? {} : { suggestion: advice[status] },
  )
}

const ensureFolder = async (grafana: Grafana, uid: string): Promise<void> => {
  const found = await ask(grafana, `api/folders/${uid}`, { method: 'GET' })
  if (found.status === 200) return
  if (found.status !== 404) throw refusal(`folder ${uid}`, found)
  const made = await ask(grafana, 'api/folders', {
    method: 'POST',
    body: JSON.stringify({ uid, title: '一网' }),
  })
  if (made.status !== 200) throw refusal(`making the folder ${uid}`, made)
}

const push = async (grafana: Grafana, folderUid: string, { uid, json }: Board): Promise<Pushed> => {
  const body = JSON.stringify({
    dashboard: { ...(JSON.parse(json) as object), id: null },
    folderUid,
    // The uid is ours, and the board read-only there: what it was before was ours too.
    overwrite: true,
    message: 'yiwang dashboards push',
  })
  const answer = await ask(grafana, 'api/dashboards/db', { method: 'POST', body })
  const result = saved.safeParse(answer.body)
  if (answer.status !== 200 || !result.success) throw refusal(`dashboard ${uid}`, answer)
  return { uid, version: result.data.version, path: result.data.url }
}

/**
 * Puts dashboards into a folder of Grafana, which is made where it is not there, by the HTTP API that versions 8 to
 * 13 have. One after the other; pushing again makes a new version of each. Rejects with `EnvironmentFault` at the
 * first that Grafana refuses.
 */
export const pushBoards = async (
  grafana: Grafana,
  folder: string,
  boards: readonly Board[],
): Promise<readonly Pushed[]> => {
  await ensureFolder(grafana, folder)
  const pushed: Pushed[] = []
  for (const board of boards) pushed.push(await push(grafana, folder, board))
  return pushed
}
