import { getEventListeners, once } from 'node:events'
import { expect, test } from 'vitest'
import { deadlineWithin } from '../../src/core/deadline.ts'

test('time that is up aborts with a TimeoutError, and says that it was the time', async () => {
  using deadline = deadlineWithin(new AbortController().signal, 0.001)
  await once(deadline.signal, 'abort')
  expect(deadline.signal.reason).toMatchObject({ name: 'TimeoutError' })
  expect(deadline.hasPassed()).toBe(true)
})

test('the caller aborts all runs with its own reason, and none that has ended', () => {
  const caller = new AbortController()
  using one = deadlineWithin(caller.signal, 60)
  using other = deadlineWithin(caller.signal, 60)
  const ended = deadlineWithin(caller.signal, 60)
  ended[Symbol.dispose]()
  const reason = new Error('shut down')
  caller.abort(reason)
  expect([one, other].map(({ signal }) => signal.reason as Error)).toEqual([reason, reason])
  expect([one, other, ended].map((each) => each.hasPassed())).toEqual([false, false, false])
  expect(ended.signal.aborted).toBe(false)
})

test('under a signal that was aborted already there is no time', () => {
  using deadline = deadlineWithin(AbortSignal.abort('gone'), 60)
  expect(deadline.signal.reason).toBe('gone')
})

test('however many runs there are, the caller has one listener', () => {
  const caller = new AbortController()
  for (let run = 0; run < 100; run += 1) deadlineWithin(caller.signal, 60)[Symbol.dispose]()
  expect(getEventListeners(caller.signal, 'abort')).toHaveLength(1)
})
