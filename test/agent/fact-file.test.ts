import { rename } from 'node:fs/promises'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openFactFile } from '../../src/agent/fact-file.ts'
import { temporaryFolder } from '../support/cli.ts'
import { memoryLog, until } from './observations.ts'

const { log } = memoryLog()
/** Longer than any test takes. */
const never = 3_600_000

/** What a process that starts now finds. */
const found = (file: string): object => {
  using facts = openFactFile(file, log, never)
  return Object.fromEntries(facts.all())
}

test('looks are written together: after the interval, as a killed process leaves them, or at the end', async () => {
  await using folder = await temporaryFolder()
  const file = path.join(folder.path, 'facts.sqlite')
  const patient = openFactFile(file, log, never)
  patient.put('a', { seen: 1 })
  patient.put('b', { seen: 1 })
  patient.put('a', { seen: 2 })
  expect(found(file)).toEqual({})
  patient[Symbol.dispose]()
  expect(found(file)).toEqual({ a: { seen: 2 }, b: { seen: 1 } })

  using quick = openFactFile(file, log, 5)
  quick.put('a', { seen: 3 })
  quick.drop('b')
  await until(() => JSON.stringify(found(file)) === '{"a":{"seen":3}}')
})

test('whatever is put and dropped, what is found is what came last', async () => {
  await using folder = await temporaryFolder()
  const file = path.join(folder.path, 'facts.sqlite')
  const step = fc.record({ job: fc.constantFrom('a', 'b', 'c'), seen: fc.option(fc.nat()) })
  const expected = new Map<string, object>(Object.entries(found(file)))
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const facts = openFactFile(file, log, never)
      for (const { job, seen } of steps)
        if (seen === null) {
          facts.drop(job)
          expected.delete(job)
        } else {
          facts.put(job, { seen })
          expected.set(job, { seen })
        }
      facts[Symbol.dispose]()
      expect(found(file)).toEqual(Object.fromEntries(expected))
    }),
    { numRuns: 20 },
  )
})

test('what comes after the end is let go, and an end without news writes nothing', async () => {
  await using folder = await temporaryFolder()
  const file = path.join(folder.path, 'facts.sqlite')
  const facts = openFactFile(file, log, 1)
  facts[Symbol.dispose]()
  facts.put('late', {})
  facts.drop('late')
  await rename(file, `${file}.kept`)
  facts[Symbol.dispose]()
  expect(found(`${file}.kept`)).toEqual({})
})
