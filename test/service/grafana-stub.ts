import http from 'node:http'
import { listening, type Peer } from '../support/peers.ts'

/**
 * As much of Grafana's HTTP API as pushing needs. It refuses what Grafana refuses: a token that is none, a role that
 * may not write, a folder that is not there, a uid that is too long, a body that is no dashboard, an id that is not
 * known, an older version without `overwrite`, a dashboard that a file provisions.
 */
export interface GrafanaStub extends AsyncDisposable {
  readonly url: string
  readonly folders: Map<string, string>
  readonly dashboards: Map<string, Saved>
}

export interface Saved {
  readonly title: string
  readonly folderUid: string
  readonly version: number
  readonly model: Readonly<Record<string, unknown>>
}

interface Options {
  readonly editor: string
  readonly viewer: string
  readonly provisioned?: readonly string[]
}

type Answer = readonly [status: number, body: unknown]
type Command = Readonly<Record<string, unknown>>

const bad = (message: string): Answer => [400, { message }]

const asRecord = (value: unknown): Command | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Command) : undefined

const saveFolder = (folders: Map<string, string>, command: Command): Answer => {
  const { uid, title } = command
  if (typeof title !== 'string' || title === '') return bad('folder title cannot be empty')
  if (typeof uid !== 'string' || !/^[\w-]{1,40}$/u.test(uid)) return bad('uid contains illegal characters')
  if (folders.has(uid)) return [409, { message: 'a folder with that UID already exists' }]
  folders.set(uid, title)
  return [200, { uid, title, version: 1 }]
}

const saveDashboard = (
  { folders, dashboards }: Pick<GrafanaStub, 'folders' | 'dashboards'>,
  { provisioned = [] }: Options,
  command: Command,
): Answer => {
  const model = asRecord(command['dashboard'])
  if (model === undefined) return bad('bad request data')
  const { id, uid, title, version } = model
  if (typeof title !== 'string' || title === '') return bad('Dashboard title cannot be empty')
  if (typeof uid !== 'string' || !/^[\w-]+$/u.test(uid)) return bad('uid contains illegal characters')
  if (uid.length > 40) return bad('uid too long, max 40 characters')
  if (typeof id === 'number') return [404, { status: 'not-found', message: 'Dashboard not found' }]
  const folderUid = typeof command['folderUid'] === 'string' ? command['folderUid'] : ''
  if (folderUid !== '' && !folders.has(folderUid)) return bad('folder not found')
  if (provisioned.includes(uid)) return bad('Cannot save provisioned dashboard')
  const before = dashboards.get(uid)
  if (before !== undefined && command['overwrite'] !== true && version !== before.version)
    return [412, { status: 'version-mismatch', message: 'The dashboard has been changed by someone else' }]
  const saved = { title, folderUid, version: (before?.version ?? 0) + 1, model }
  dashboards.set(uid, saved)
  return [200, { id: dashboards.size, uid, url: `/d/${uid}/x`, status: 'success', version: saved.version }]
}

const bodyOf = async (request: http.IncomingMessage): Promise<Command | undefined> => {
  const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>)
  try {
    return asRecord(JSON.parse(Buffer.concat(chunks).toString('utf8')))
  } catch {
    return undefined
  }
}

export const startGrafana = async (options: Options): Promise<GrafanaStub> => {
  const state = { folders: new Map<string, string>(), dashboards: new Map<string, Saved>() }
  const answer = async (request: http.IncomingMessage): Promise<Answer> => {
    const token = request.headers.authorization?.replace(/^Bearer /u, '')
    const call = `${String(request.method)} ${String(request.url)}`
    const body = request.method === 'POST' ? await bodyOf(request) : undefined
    if (token !== options.editor && token !== options.viewer) return [401, { message: 'Invalid API key' }]
    if (request.method === 'POST') {
      if (token === options.viewer)
        return [403, { message: 'You’ll need additional permissions to perform this action.' }]
      if (!/^application\/json/u.test(request.headers['content-type'] ?? ''))
        return [415, { message: 'JSON' }]
      if (body === undefined) return bad('bad request data')
      if (call === 'POST /api/folders') return saveFolder(state.folders, body)
      if (call === 'POST /api/dashboards/db') return saveDashboard(state, options, body)
    }
    const [, uid] = /^GET \/api\/folders\/([\w-]+)$/u.exec(call) ?? []
    if (uid === undefined) return [404, { message: 'Not found' }]
    const title = state.folders.get(uid)
    return title === undefined ? [404, { message: 'folder not found' }] : [200, { uid, title }]
  }
  const peer: Peer = await listening(
    http.createServer((request, response) => {
      void answer(request).then(([status, body]) => {
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(JSON.stringify(body))
      })
    }),
  )
  return {
    ...state,
    url: `http://127.0.0.1:${peer.port}/`,
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  }
}
