import http from 'node:http'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { fairly } from '../../src/agent/look.ts'
import type { Observation } from '../../src/core/observation.ts'
import { type Child, startChild } from '../e2e/child.ts'
import { listening } from '../support/peers.ts'

const silence = { status: 'down', cause: 'timeout', detail: 'no answer within 1 s', seconds: 1 } as const

test.each([
  ['a silence of the target', { ...silence }, 400, 'down'],
  ['a silence that may be ours', { ...silence }, 600, 'unknown'],
  ['what the target said', { ...silence, cause: 'refused' as const, seconds: 0.1 }, 600, 'down'],
])('%s: %j, held up for %i ms, is %s', (_, measurement, heldUpMs, status) => {
  const seen = fairly({ ...measurement, facts: {}, observedAt: 5 }, heldUpMs)
  expect(seen).toMatchObject({ status, observedAt: 5 })
  if (status === 'unknown')
    expect(seen).toMatchObject({
      cause: 'resource',
      detail: 'no answer within 1 s; the agent itself was held up for 0.6 s of that',
    })
})

/** What an agent records of a web server that answers after so long, or never. */
const lookAt = async (delayMs: number, onAsked: (agent: Child) => Promise<void>): Promise<Observation> => {
  const asked = Promise.withResolvers<undefined>()
  await using server = await listening(
    http.createServer((_, response) => {
      asked.resolve(undefined)
      setTimeout(() => response.end('ok'), delayMs)
    }),
  )
  const script = path.join(import.meta.dirname, 'held-up-child.ts')
  await using agent = startChild([process.execPath, script, `http://127.0.0.1:${server.port}`])
  await asked.promise
  await onAsked(agent)
  return JSON.parse(await agent.said(/^\{/u)) as Observation
}

test('an agent that was stopped while a server answered does not say that the server is down', async () => {
  const seen = await lookAt(100, async (agent) => {
    agent.send('SIGSTOP')
    await sleep(1500)
    agent.send('SIGCONT')
  })
  expect(seen).toMatchObject({ status: 'unknown', cause: 'resource' })
  expect(seen.detail).toMatch(/^no answer within 1 s; the agent itself was held up for \d\.\d s of that$/u)
})

test('a server that is silent while the agent runs is down', async () => {
  let seen = await lookAt(60_000, () => Promise.resolve())
  // Where others have this machine for themselves, the agent says so, and looks again.
  while (seen.status === 'unknown') seen = await lookAt(60_000, () => Promise.resolve())
  expect(seen).toMatchObject({ status: 'down', cause: 'timeout', detail: 'no answer within 1 s' })
})
