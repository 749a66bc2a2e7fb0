import { PassThrough } from 'node:stream'
import { afterEach, expect, test, vi } from 'vitest'
import { startProgress } from '../../src/terminal/progress.ts'

afterEach(() => vi.unstubAllEnvs())

const written = (isTTY: boolean, term: string): string => {
  vi.stubEnv('TERM', term)
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 80 })
  const progress = startProgress(2, 'looking', stream as unknown as NodeJS.WriteStream)
  progress.advance()
  progress.reach(2)
  progress[Symbol.dispose]()
  return String(stream.read() ?? '')
}

test.each([
  ['a terminal', true, 'xterm', true],
  ['a terminal that cannot move its cursor', true, 'dumb', false],
  ['no terminal', false, 'xterm', false],
])('%s', (_, isTTY, term, isShown) => {
  expect(written(isTTY, term) !== '').toBe(isShown)
})
