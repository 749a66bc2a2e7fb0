import http from 'node:http'
import type net from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { boards } from '../../dashboards/index.ts'
import { checkedGrafana, pushBoards } from '../../src/service/grafana.ts'
import { closedPort, listening, peer } from '../support/peers.ts'
import { type GrafanaStub, startGrafana } from './grafana-stub.ts'

const made = boards.map(({ uid, json }) => ({ uid, json: json() }))
const editor = 'glsa_editor'
const viewer = 'glsa_viewer'
const signal = new AbortController().signal

const pushTo = (url: string, token = editor, abort = signal) =>
  pushBoards({ url: checkedGrafana(url), token, signal: abort }, 'yiwang', made)

describe('a Grafana', () => {
  let grafana: GrafanaStub
  beforeAll(async () => void (grafana = await startGrafana({ editor, viewer, provisioned: ['by-file'] })))
  afterAll(() => grafana[Symbol.asyncDispose]())

  test('who may not write, and who is nobody, is refused with what to do', async () => {
    await expect(pushTo(grafana.url, 'wrong')).rejects.toMatchObject({
      code: 'GRAFANA_REFUSED',
      message: 'folder yiwang: expected 200, got 401 (Invalid API key)',
      suggestion: expect.stringContaining('token') as unknown,
    })
    await expect(pushTo(grafana.url, viewer)).rejects.toMatchObject({
      message: expect.stringMatching(/^making the folder yiwang: expected 200, got 403/u) as unknown,
      suggestion: expect.stringContaining('Editor') as unknown,
    })
    expect(grafana.dashboards.size).toBe(0)
  })

  test('gets the folder and every dashboard, and a new version of each when they are pushed again', async () => {
    const first = await pushTo(grafana.url)
    expect(first.map(({ uid, version }) => [uid, version])).toEqual(made.map(({ uid }) => [uid, 1]))
    expect([...grafana.folders]).toEqual([['yiwang', '一网']])
    expect(grafana.dashboards.get('yiwang-overview')).toMatchObject({
      title: '一网 · 总览',
      folderUid: 'yiwang',
      model: JSON.parse(made[0]!.json) as object,
    })
    expect((await pushTo(grafana.url)).every(({ version }) => version === 2)).toBe(true)
    expect(grafana.dashboards.size).toBe(made.length)
  })

  test.each([
    ['provisioned by a file', { uid: 'by-file' }, 'Cannot save provisioned dashboard'],
    ['a uid that is too long', { uid: 'x'.repeat(41) }, 'uid too long, max 40 characters'],
    ['no title', { uid: 'untitled', title: '' }, 'Dashboard title cannot be empty'],
  ])('%s: refused in Grafana’s own words', async (_, change, words) => {
    const board = {
      uid: change.uid,
      json: JSON.stringify({ ...(JSON.parse(made[0]!.json) as object), ...change }),
    }
    const push = pushBoards({ url: checkedGrafana(grafana.url), token: editor, signal }, 'yiwang', [board])
    await expect(push).rejects.toThrow(`dashboard ${change.uid}: expected 200, got 400 (${words})`)
  })
})

describe('something else', () => {
  test.each([
    ['a redirect, which a token does not follow', 302, '', /unexpected redirect/u],
    ['a page', 200, '<html>', /dashboard yiwang-overview: expected 200, got 200 \(<html>\)/u],
    ['an endless page', 500, 'x'.repeat(1_000_000), /got 500 \(x{200}\)$/u],
  ] as const)('%s', async (...[, status, body, words]) => {
    const headers = { location: 'http://192.0.2.1/' }
    await using server = await listening(
      http.createServer((_, response) => response.writeHead(status, headers).end(body)),
    )
    await expect(pushTo(`http://127.0.0.1:${server.port}`)).rejects.toThrow(words)
  })

  test('nobody listens; somebody says nothing until we are stopped', async () => {
    await expect(pushTo(`http://127.0.0.1:${await closedPort()}`)).rejects.toMatchObject({
      code: 'GRAFANA_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED') as unknown,
    })
    const stop = new AbortController()
    await using silent = await peer((socket: net.Socket) => socket.once('data', () => stop.abort()))
    await expect(pushTo(`http://127.0.0.1:${silent.port}`, editor, stop.signal)).rejects.toThrow('aborted')
  })
})

test.each([
  ['https://grafana.example/sub', 'https://grafana.example/sub/'],
  ['http://127.0.0.1:3000', 'http://127.0.0.1:3000/'],
])('%s is an address', (text, href) => expect(checkedGrafana(text).href).toBe(href))

test.each(['http://grafana.example', 'ftp://127.0.0.1', 'grafana.example', 'https://a:b@grafana.example'])(
  '%s is none: a token would travel in clear, or to nowhere',
  (text) => expect(() => checkedGrafana(text)).toThrow('--grafana-url: expected https://HOST'),
)
