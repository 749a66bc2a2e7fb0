import { once } from 'node:events'
import http from 'node:http'
import { text } from 'node:stream/consumers'
import { createGunzip } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Log } from '../../src/core/log.ts'
import { parseExposition } from '../metrics/parse.ts'
import { batchOf, job, node, observation, type Served, serve } from './support.ts'

/** So many that an answer is longer than what a connection holds by itself. */
const ids = Array.from({ length: 2000 }, (_, at) => `n${at}`)
const records = { node: ids.map((id) => node(id, { name: '开封市兰考县堌阳镇便民服务中心'.repeat(3) })) }
const start = Date.now() - 30_000

const quiet = () => {
  const troubles: string[] = []
  const log: Log = (level, message) => {
    if (level === 'error') troubles.push(message)
  }
  return { troubles, log }
}

const batchAt = (round: number) =>
  batchOf(ids.map((id) => observation(job(id), { observedAt: start + round * 1000, seconds: round / 1000 })))

type Asked = { readonly agent?: http.Agent; readonly gzip?: boolean }

/** Resolves when the answer begins, of which nothing is read yet. */
const asking = async (
  { running }: Served,
  { agent = new http.Agent(), gzip = false }: Asked = {},
): Promise<http.IncomingMessage> => {
  const headers = {
    accept: 'application/openmetrics-text',
    ...(gzip && { 'accept-encoding': 'gzip' }),
  }
  const request = http.get(`${running.url}/metrics`, { agent, headers })
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  return response.pause()
}

const read = (response: http.IncomingMessage): Promise<string> =>
  text(response.headers['content-encoding'] === 'gzip' ? response.pipe(createGunzip()) : response)

const values = (exposition: string, name: string): readonly number[] =>
  parseExposition(exposition, 'openmetrics')
    .flatMap(({ samples }) => samples)
    .filter((sample) => sample.name === name)
    .map(({ value }) => value)

test('while all of it changes, each of many that read at once gets one instant, whole', async () => {
  const { troubles, log } = quiet()
  await using served = await serve(records, { log })
  await served.ask('/v1/batches', { body: batchAt(0) })
  const answers: Promise<string>[] = []
  for (let round = 1; round <= 3; round += 1) {
    const responses = [await asking(served), await asking(served, { gzip: true })]
    await served.ask('/v1/batches', { body: batchAt(round) })
    answers.push(...responses.map(read))
  }
  for (const answer of await Promise.all(answers)) {
    const [first = 0, ...others] = values(answer, 'yiwang_probe_last_observation_timestamp_seconds')
    expect(others).toHaveLength(ids.length - 1)
    expect(others.every((each) => each === first)).toBe(true)
    expect(new Set(values(answer, 'yiwang_probe_duration_seconds'))).toEqual(
      new Set([Math.round(first * 1000 - start) / 1_000_000]),
    )
  }
  expect(troubles).toEqual([])
})

/** Goes away; resolves when it is gone. */
const leave = (side: http.IncomingMessage | http.ClientRequest): Promise<unknown> => {
  const closed = Promise.withResolvers<undefined>()
  side.on('error', () => undefined).once('close', () => closed.resolve(undefined))
  side.destroy()
  return closed.promise
}

test('who leaves, before the answer or half way, is no trouble', async () => {
  const { troubles, log } = quiet()
  await using served = await serve(records, { log })
  await served.ask('/v1/batches', { body: batchAt(0) })
  for (const gzip of [true, false, true, false, true]) {
    await leave(await asking(served, { gzip }))
    const request = http.get(`${served.running.url}/metrics`)
    await once(request, 'finish')
    await leave(request)
  }
  expect(values(await read(await asking(served)), 'yiwang_probe_up')).toHaveLength(ids.length)
  expect(troubles).toEqual([])
})

test('a collector that ends lets who reads have the rest, and answers what it has begun', async () => {
  const { troubles, log } = quiet()
  const agent = new http.Agent({ keepAlive: true })
  const ending = Promise.withResolvers<undefined>()
  let closed: Promise<void> | undefined
  let scrapes = 0
  await using served = await serve(records, {
    log,
    beside: () => {
      // In the middle of the second answer’s making.
      if ((scrapes += 1) === 2) {
        closed = served.running.close()
        ending.resolve(undefined)
      }
      return []
    },
  })
  await served.ask('/v1/batches', { body: batchAt(0) })
  const slow = await asking(served, { agent })
  const begun = asking(served, { agent, gzip: true })
  await ending.promise
  for (const answer of [await read(slow), await read(await begun)])
    expect(values(answer, 'yiwang_probe_up')).toHaveLength(ids.length)
  await closed
  agent.destroy()
  expect(troubles).toEqual([])
})
